import type { Identifier } from 'fhir/r4.js';
import type { Piece } from '../er7/piece.ts';
import type { ComponentValue } from '../er7/write-segment.ts';
import { defined } from './extensions.ts';
import { codeText, leaf, partOf } from './v2-text.ts';

/** An assigning authority that has a name alone, as a system. */
const namedAuthority = 'https://jenner-iis.org/fhir/NamingSystem/hl7v2/';

const identifierType = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/** HD: namespace & universal id & its type. An OID or UUID is the system, else the name is; undefined where it is empty. */
export type Authority = { readonly system: string; readonly name?: string };

export function toAuthority(hd: Piece): Authority | undefined {
  const name = sub(hd, 1);
  const universal = sub(hd, 2);
  const system = universal === undefined ? undefined : universalSystem(universal, sub(hd, 3));
  if (system !== undefined) return { system, ...(name !== undefined && { name }) };
  const named = name ?? universal;
  return named === undefined ? undefined : { system: authoritySystem(named) };
}

const sub = (hd: Piece, at: number) => leaf(hd, 1, at);

/** The system of an authority that is known by its name in table 0363. */
export const authoritySystem = (name: string): string => namedAuthority + encodeURIComponent(name);

function universalSystem(id: string, type = ''): string | undefined {
  const bare = id.replace(/^urn:(?:oid|uuid):/i, '');
  if (/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(bare)) return `urn:oid:${bare}`;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(bare)) return `urn:uuid:${bare.toLowerCase()}`;
  if (type === 'URI' && /^[a-z][a-z0-9+.-]*:\S+$/i.test(id)) return id;
  return undefined;
}

/** The way back: the subcomponents of an HD. */
export function fromSystem(system: string | undefined, name?: string): ComponentValue {
  if (system === undefined) return name;
  if (system.startsWith(namedAuthority)) return decodeURIComponent(system.slice(namedAuthority.length));
  if (system.startsWith('urn:oid:')) return [name, system.slice('urn:oid:'.length), 'ISO'];
  if (system.startsWith('urn:uuid:')) return [name, system.slice('urn:uuid:'.length), 'UUID'];
  return [name, system, 'URI'];
}

/** CX (PID-3): id, its authority and type; undefined without an id. */
export function toIdentifier(cx: Piece, usual?: string): Identifier | undefined {
  return identifierOf({ value: leaf(cx, 1), hd: partOf(cx, 4), type: leaf(cx, 5), usual });
}

/** EI (ORC-2, ORC-3): id, and an authority whose three parts are components. */
export function toEntityIdentifier(ei: Piece, type: string, usual?: string): Identifier | undefined {
  const { subcomponent, component } = ei.delimiters;
  const raw = [2, 3, 4].map((at) => partOf(ei, at).raw.split(subcomponent)[0] ?? '').join(component);
  const hd = { raw: raw.replaceAll(component, subcomponent), delimiters: ei.delimiters };
  return identifierOf({ value: leaf(ei, 1), hd, type, usual });
}

type Parts = {
  readonly value: string | undefined;
  readonly hd: Piece;
  readonly type?: string | undefined;
  /** The authority where none is said. */
  readonly usual?: string | undefined;
};

export function identifierOf({ value, hd, type, usual }: Parts): Identifier | undefined {
  if (value === undefined) return undefined;
  const authority = toAuthority(hd);
  const system = authority?.system ?? (usual === undefined ? undefined : authoritySystem(usual));
  const code = codeText(type);
  const name = authority?.name;
  return defined<Identifier>({
    type: code === undefined ? undefined : { coding: [{ system: identifierType, code }] },
    system,
    value,
    assigner: name === undefined ? undefined : { display: name },
  });
}

/** Numbers that say who somebody is, and are no number of a record: a family may share them, and clinics do. */
export const personNumbers: ReadonlySet<string> = new Set([
  'SS',
  'MA',
  'MC',
  'WC',
  'DL',
  'BC',
  'BR',
  'PPN',
  'PRC',
]);

export function typeOf({ type }: Identifier): string | undefined {
  return type?.coding?.find(({ system }) => system === identifierType)?.code ?? type?.coding?.[0]?.code;
}

export const authorityOf = ({ system, assigner }: Identifier): ComponentValue =>
  fromSystem(system, assigner?.display);
