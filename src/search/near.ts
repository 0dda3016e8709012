import { tableOf } from '../values/table-of.ts';
import { allOf, anyOf, type Filter, type NumberBound } from './filter.ts';
import type { CompositeValue, SimpleValue } from './index-values.ts';
import { parseNumberValue } from './parse-date.ts';
import { ValueFault } from './parse-value.ts';
import type { GeoArea } from './search-request.ts';
import { splitEscaped, unescapeValue } from './split-escaped.ts';

/** R4 location.html leaves it to the server what is near when no distance is given. */
const defaultKm = 50;
const earthRadiusKm = 6371.0088;

const kmIn: Readonly<Record<string, number>> = tableOf({
  '': 1,
  km: 1,
  m: 0.001,
  mi: 1.609344,
  '[mi_i]': 1.609344,
  '[mi_us]': 1.609347,
});

/** `latitude|longitude|distance|units` (R4 location.html#search); 50 km when the distance is left out. */
export function parseNear(text: string): GeoArea {
  const [latitudeText = '', longitudeText = '', distanceText = '', unit = '', ...more] = splitEscaped(
    text,
    '|',
  ).map(unescapeValue);
  const latitude = parseNumberValue(latitudeText)?.value;
  const longitude = parseNumberValue(longitudeText)?.value;
  const distance = distanceText === '' ? defaultKm : parseNumberValue(distanceText)?.value;
  const km = Object.hasOwn(kmIn, unit) ? kmIn[unit] : undefined;
  if (latitude === undefined || longitude === undefined || distance === undefined || more.length > 0) {
    throw new ValueFault(`"${text}" is not latitude|longitude|distance|units, such as 42.36|-71.06|5|km`);
  }
  if (km === undefined)
    throw new ValueFault(`has the unit "${unit}"; expected ${Object.keys(kmIn).join(', ').slice(2)}`);
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180 || distance < 0) {
    throw new ValueFault(
      `"${text}" is no place on the earth: -90 to 90 | -180 to 180 | a distance from 0 on`,
    );
  }
  return { latitude, longitude, km: distance * km };
}

/** What a Location is found by: its latitude and longitude, on one element. */
export function positionValue(position: unknown): CompositeValue | undefined {
  const place = toPlace(position);
  return place && { kind: 'composite', parts: [degrees(place.latitude), degrees(place.longitude)] };
}

function degrees(value: number): SimpleValue {
  return { kind: 'quantity', low: value, high: value, system: '', code: '', unit: '' };
}

export function toPlace(
  position: unknown,
): { readonly latitude: number; readonly longitude: number } | undefined {
  if (typeof position !== 'object' || position === null) return undefined;
  const { latitude, longitude } = position as { readonly latitude?: unknown; readonly longitude?: unknown };
  return typeof latitude === 'number' && typeof longitude === 'number' ? { latitude, longitude } : undefined;
}

/** A box that holds the area, in two parts where it crosses the 180th meridian. */
export function boxFilter(param: string, { latitude, longitude, km }: GeoArea): Filter {
  // A hair more than the circle needs, so that rounding leaves nothing out.
  const angle = (km / earthRadiusKm) * 1.000001 + 1e-9;
  const south = latitude - toDegrees(angle);
  const north = latitude + toDegrees(angle);
  if (angle >= Math.PI / 2 || south <= -90 || north >= 90) return box(param, south, north, -180, 180);
  const half = toDegrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos(toRadians(latitude)))));
  const [west, east] = [longitude - half, longitude + half];
  const parts = [box(param, south, north, west, east)];
  if (west < -180) parts.push(box(param, south, north, west + 360, 180));
  if (east > 180) parts.push(box(param, south, north, -180, east - 360));
  return anyOf(parts);
}

function box(param: string, south: number, north: number, west: number, east: number): Filter {
  const between = (low: number, high: number): readonly NumberBound[] => [
    { end: 'low', is: '>=', value: low },
    { end: 'low', is: '<=', value: high },
  ];
  const parts = [between(south, north), between(west, east)].map(
    (bounds) => ({ kind: 'quantity', bounds }) as const,
  );
  return allOf([{ kind: 'value', param, test: { kind: 'composite', parts } }]);
}

/** Kilometres along the great circle (haversine). */
export function distanceKm(
  a: { readonly latitude: number; readonly longitude: number },
  b: { readonly latitude: number; readonly longitude: number },
): number {
  const north = Math.sin(toRadians(b.latitude - a.latitude) / 2) ** 2;
  const east = Math.sin(toRadians(b.longitude - a.longitude) / 2) ** 2;
  const h = north + east * Math.cos(toRadians(a.latitude)) * Math.cos(toRadians(b.latitude));
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)));
}

function toRadians(degree: number): number {
  return (degree * Math.PI) / 180;
}

function toDegrees(radian: number): number {
  return (radian * 180) / Math.PI;
}
