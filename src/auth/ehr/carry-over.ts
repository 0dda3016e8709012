import type { Resource } from '../../fhir/resource.ts';
import { copyWritten } from '../../fhir/written-numbers.ts';
import { asObject } from '../../registry/ehr-record/ehr-record.ts';

type Json = Readonly<Record<string, unknown>>;

export type Carrying = {
  /** The FHIR base of the server that keeps the resource. */
  readonly base: string;
  /** What is known of whom it refers to there, by `Type/id`. */
  readonly names: ReadonlyMap<string, string>;
};

/** What another server says of its own keeping of the resource, or in other words again. */
const leftBehind = new Set(['id', 'meta', 'text']);

/**
 * What a resource tells, for another server: whatever it refers to stays named, by the id that it has where it comes from, and
 * by the words that are known of it. Of `meta` the security labels go along.
 */
export function carryOver(resource: Resource, carrying: Carrying, leftOut: readonly string[] = []): Json {
  const told = Object.entries(resource).filter(([name]) => !leftBehind.has(name) && !leftOut.includes(name));
  const contained: readonly unknown[] = Array.isArray(resource['contained']) ? resource['contained'] : [];
  const names = new Map([...carrying.names, ...contained.flatMap(nameWithin)]);
  const carried = toCarried(Object.fromEntries(told), { ...carrying, names }) as Json;
  const security = asObject(resource['meta'])?.['security'];
  return { ...onlyReferred(carried), ...(security !== undefined && { meta: { security } }) };
}

/** R4, dom-3: what is contained is referred to from what contains it. */
function onlyReferred({ contained, ...rest }: Json): Json {
  if (!Array.isArray(contained)) return rest;
  const isNamed = (one: unknown, place: number) => {
    const reference = `"#${String(asObject(one)?.['id'])}"`;
    const others = contained.filter((_, other) => other !== place);
    return JSON.stringify([rest, others]).includes(reference);
  };
  const kept = contained.filter(isNamed);
  return kept.length > 0 ? { ...rest, contained: kept } : rest;
}

function toCarried(value: unknown, carrying: Carrying): unknown {
  if (Array.isArray(value)) return value.map((one) => toCarried(one, carrying));
  const object = asObject(value);
  if (!object) return value;
  const whole =
    typeof object['reference'] === 'string' ? named(object, object['reference'], carrying) : object;
  const carried = Object.fromEntries(
    Object.entries(whole).map(([name, one]) => [name, toCarried(one, carrying)]),
  );
  copyWritten(object, carried);
  return carried;
}

/** R4 references.html#logical: an identifier in place of what could not be looked up. */
function named(object: Json, reference: string, { base, names }: Carrying): Json {
  const display = object['display'] ?? names.get(localPart(reference, base) ?? reference);
  const words = display === undefined ? {} : { display };
  const own = identifierOf(reference, base);
  if (!own) return { ...object, ...words };
  const { reference: _, ...rest } = object;
  return { ...own, ...rest, ...words };
}

function identifierOf(reference: string, base: string): Json | undefined {
  if (reference.startsWith('urn:')) return { identifier: { system: 'urn:ietf:rfc:3986', value: reference } };
  const [type = '', id] = localPart(reference, base)?.split('/') ?? [];
  return id === undefined ? undefined : { type, identifier: { system: `${base}/${type}`, value: id } };
}

/** `Type/id` of what the server itself keeps. */
export function localPart(reference: string, base: string): string | undefined {
  const path = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  return /^([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/.*)?$/.exec(path)?.[1];
}

function nameWithin(value: unknown): readonly (readonly [string, string])[] {
  const resource = asObject(value);
  const name = resource && nameOfAny(resource);
  return name === undefined ? [] : [[`#${String(resource?.['id'])}`, name]];
}

/** How people call a practitioner, an organization or a place; undefined where it does not say. */
export function nameOfAny({ name, practitioner }: Json): string | undefined {
  if (typeof name === 'string') return name === '' ? undefined : name;
  const [first] = Array.isArray(name) ? name : [];
  const { text, given, family, suffix } = asObject(first) ?? {};
  if (typeof text === 'string' && text !== '') return text;
  const parts = [given, family, suffix].flat().filter((part) => typeof part === 'string' && part !== '');
  if (parts.length > 0) return parts.join(' ');
  const role = asObject(practitioner)?.['display'];
  return typeof role === 'string' ? role : undefined;
}
