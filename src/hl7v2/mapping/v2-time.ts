import { parsePartialDate } from '../../values/partial-date.ts';

/** HL7 v2.5.1 TS and DT: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]. */
const shape =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;

/** The date of a time stamp, as far as it is known; undefined where it is none. */
export function toFhirDate(text: string | undefined): string | undefined {
  const read = text === undefined ? null : shape.exec(text);
  return read ? dateOf(read) : undefined;
}

function dateOf([, year, month, day]: readonly string[]): string | undefined {
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  return parsePartialDate(date) ? date : undefined;
}

/**
 * A dateTime: with the time where its zone is known, be it that of the message, since FHIR has no time without one
 * (R4 datatypes.html#dateTime); else the date.
 */
export function toFhirDateTime(text: string | undefined, zone?: string): string | undefined {
  const read = text === undefined ? null : shape.exec(text);
  if (!read) return undefined;
  const date = dateOf(read);
  const [, , , day, hour, minute = '00', second = '00', fraction, own] = read;
  if (date === undefined || day === undefined || hour === undefined) return date;
  const offset = own ?? zone;
  if (offset === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return date;
  const parts = fraction === undefined ? second : `${second}.${fraction}`;
  return `${date}T${hour}:${minute}:${parts}${offset.slice(0, 3)}:${offset.slice(3)}`;
}

/** The zone that a time stamp names: `-0500`. */
export function zoneOf(text: string | undefined): string | undefined {
  const zone = shape.exec(text ?? '')?.[8];
  return zone !== undefined && Number(zone.slice(1, 3)) <= 14 && Number(zone.slice(3)) <= 59
    ? zone
    : undefined;
}

/** A date or dateTime of FHIR as a time stamp. */
export function toV2Time(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [date = '', time] = text.split('T');
  const day = date.replaceAll('-', '');
  if (time === undefined) return day;
  const [, clock = '', zone = ''] = /^([\d:.]+)(Z|[+-]\d{2}:\d{2})?$/.exec(time) ?? [];
  return day + clock.replaceAll(':', '') + (zone === 'Z' ? '+0000' : zone.replace(':', ''));
}

/** The same without its zone, which the guide has in MSH-7 alone: the time of day as it was written. */
export const toV2Local = (text: string | undefined): string | undefined =>
  toV2Time(text)?.replace(/[+-]\d{4}$/, '');

/** A date of FHIR as DT. */
export const toV2Day = (text: string | undefined): string | undefined => toV2Time(text)?.slice(0, 8);
