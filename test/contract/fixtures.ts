import { expect } from 'vitest';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { concerningParams } from '../../src/search/compartment.ts';
import type { Filter } from '../../src/search/filter.ts';
import type { Indexed, IndexValues } from '../../src/search/index-values.ts';
import type { World } from '../../src/search/matches.ts';
import { type AuditRow, toAuditId } from '../../src/store/contract/audit.ts';
import type {
  Change,
  ResourceKey,
  SearchQuery,
  Store,
  WriteOutcome,
} from '../../src/store/contract/store.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';

export const at = (ms: number) => ms as EpochMs;
export const key = (type: ResourceType, id: string): ResourceKey => ({ type, id: id as ResourceId });

type Wanted = {
  readonly type?: ResourceType;
  readonly id?: string;
  readonly version?: number;
  readonly expected?: number;
  readonly lastUpdated?: number;
  readonly method?: Change['method'];
  readonly text?: string;
  readonly index?: IndexValues;
  readonly patients?: readonly string[];
  readonly marks?: readonly string[];
  readonly person?: string;
};

/**
 * The next version of Patient/a, or of what is wanted. A Patient concerns itself; another resource refers to the Patients
 * whom it concerns.
 */
export function change(wanted: Wanted = {}): Change {
  const { type = 'Patient', id = 'a', version = 1, lastUpdated = version } = wanted;
  const patients = type === 'Patient' ? [id] : (wanted.patients ?? []);
  return {
    ...key(type, id),
    versionId: version,
    lastUpdated: at(lastUpdated),
    method: wanted.method ?? (version === 1 ? 'POST' : 'PUT'),
    text: wanted.text ?? JSON.stringify({ resourceType: type, id, meta: { versionId: String(version) } }),
    expectedVersion: wanted.expected ?? version - 1,
    index: concerning(type, patients, wanted.index),
    patients: patients as readonly ResourceId[],
    marks: wanted.marks ?? [],
    ...(wanted.person !== undefined && { person: wanted.person as ResourceId }),
  };
}

/** The index values of a resource of the type that concerns these Patients, and others as given. */
export function concerning(
  type: ResourceType,
  patients: readonly string[],
  index: IndexValues = {},
): IndexValues {
  const [param] = concerningParams(type);
  if (param === undefined || patients.length === 0) return index;
  return { ...index, [param]: patients.map((id) => reference('Patient', id)) };
}

export function removal(wanted: Wanted = {}): Change {
  const { text: _, person: __, ...rest } = change({ ...wanted, method: 'DELETE' });
  return { ...rest, patients: [], marks: [] };
}

/** As one where the store can, else one after the other: for filling a store. */
export async function write(store: Store, ...changes: readonly Change[]): Promise<WriteOutcome> {
  if (store.transactions || changes.length < 2) return store.write({ changes, guards: [] });
  for (const one of changes) {
    const outcome = await store.write({ changes: [one], guards: [] });
    if (outcome.kind !== 'committed') return outcome;
  }
  return { kind: 'committed' };
}

export const token = (code: string, system = '') => ({ kind: 'token', system, code }) as const;
export const withCode = (code: string): Filter => ({
  kind: 'value',
  param: 'code',
  test: { kind: 'token', anyOf: [{ code }] },
});
export const reference = (type: string, id: string) => ({ kind: 'reference', type, id }) as const;
export const day = (first: number, last = first) =>
  ({ kind: 'date', first: at(first), last: at(last) }) as const;
export const words = (original: string, folded = original.toLowerCase()) =>
  ({ kind: 'string', folded, original }) as const;

export const ids = (matches: readonly { readonly id: string }[]) => matches.map(({ id }) => id);
export const keysOf = (matches: readonly ResourceKey[]) => matches.map(({ type, id }) => `${type}/${id}`);

export function toChange({ type, id, lastUpdated, index, patients, marks, person }: Indexed): Change {
  return change({ type, id, lastUpdated, index, patients, marks, ...(person !== undefined && { person }) });
}

export function toIndexed({ type, id, lastUpdated, index, patients, marks, person }: Change): Indexed {
  return { type, id, lastUpdated, index, patients, marks, ...(person !== undefined && { person }) };
}

/** Under which ids each of these Patients is known: those that say, or are, the same person. */
export function aliasesIn(stored: readonly Indexed[], patient: string): readonly string[] {
  const saying = new Map(stored.flatMap(({ id, person }) => (person === undefined ? [] : [[id, person]])));
  const personOf = (id: string) => saying.get(id) ?? id;
  const person = personOf(patient);
  const sources = [...saying].filter(([, of]) => of === person).map(([id]) => id);
  return [...(personOf(person) === person ? [person] : []), ...sources.sort()];
}

export function worldOf(stored: readonly Indexed[]): World {
  return {
    find: (type, id) => stored.find((one) => one.type === type && one.id === id),
    all: (type) => stored.filter((one) => one.type === type),
    aliasesOf: (patient) => aliasesIn(stored, patient),
    marksOf: (patient) => {
      const aliases = aliasesIn(stored, patient);
      const isAbout = ({ patients }: Indexed) => patients.some((one) => aliases.includes(one));
      return new Set(stored.filter(isAbout).flatMap(({ marks }) => marks));
    },
  };
}

/** Over all pages; every page but the last is full. */
export async function findAll(store: Store, query: SearchQuery): Promise<readonly string[]> {
  let page = await store.search(query);
  const found = [...keysOf(page.matches)];
  while (page.next !== undefined) {
    expect(page.matches).toHaveLength(query.count);
    page = await store.search({ ...query, after: page.next });
    found.push(...keysOf(page.matches));
    // A page that is answered again and again must fail, not hang.
    expect(new Set(found).size).toBe(found.length);
  }
  return found;
}

type AuditPatch = Partial<Omit<AuditRow, 'patients'>> & { readonly patients?: readonly string[] };

let salt = 0;

/** A read of July 2026, each with an id of its own. */
export function auditRow({ patients = [], ...patch }: AuditPatch = {}): AuditRow {
  const moment = patch.at ?? at(Date.UTC(2026, 6, 20, 10));
  return {
    id: toAuditId(moment, ++salt),
    at: moment,
    agent: { name: 'client:app user:ann', client: 'app', user: 'ann', fhirUser: 'Practitioner/ann' },
    action: 'R',
    interaction: 'read',
    what: [],
    patients: patients as readonly ResourceId[],
    outcome: 0,
    ...patch,
  };
}
