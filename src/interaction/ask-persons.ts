import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, everything, type Filter, not } from '../search/filter.ts';
import { ofPersons, patientsNamed, withoutSources } from '../search/of-persons.ts';
import { isComputed } from '../search/person-link.ts';
import type { ScanQuery, Store, StoredResource } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { storedResource } from './write-result.ts';

/** Of persons, whichever record of theirs is named; or of the records as they were written. */
export type AskedOf = 'persons' | 'records';

type Asked = { readonly types: readonly ResourceType[]; readonly filter: Filter };

/** Which of these Patients may be told to be one with others. */
export type MayKnow = (patients: readonly ResourceId[]) => Promise<readonly ResourceId[]>;

/**
 * Asks of persons what is asked of records. Where nobody was ever joined, what is asked stays as it is and nothing is looked up.
 * A Patient of whom the caller may not know is named by the id alone: what is found by it must not tell whose record it is.
 */
export function askPersons(
  store: Pick<Store, 'hasAliases' | 'aliasesOf'>,
  mayKnow: MayKnow = async (patients) => patients,
) {
  const aliasesOf: Store['aliasesOf'] = async (patients) =>
    patients.length > 0 && (await store.hasAliases()) ? store.aliasesOf(patients) : new Map();
  const named = async (types: readonly ResourceType[], filter: Filter): Promise<Filter> => {
    if (!(await store.hasAliases())) return filter;
    const patients = patientsNamed(filter) as readonly ResourceId[];
    const aliases = await aliasesOf(patients);
    if (aliases.size === 0) return ofPersons(filter, types, () => undefined);
    const known = new Set<string>(await mayKnow(patients.filter((id) => aliases.has(id))));
    return ofPersons(filter, types, (id) => (known.has(id) ? aliases.get(id) : undefined));
  };
  const ofRecords = async (type: ResourceType, filter: Filter): Promise<Filter> =>
    type === 'Patient' && (await store.hasAliases()) ? allOf([filter, not(isComputed)]) : filter;
  /** Of persons, each found once. */
  const filter = async (asked: Asked, of: AskedOf = 'persons'): Promise<Filter> => {
    if (of === 'records' || !(await store.hasAliases())) return asked.filter;
    const ofThem = await named(asked.types, asked.filter);
    return asked.types.includes('Patient') ? withoutSources(ofThem) : ofThem;
  };
  return {
    view: { hasAliases: store.hasAliases, aliasesOf, ofPersons: named, ofRecords },
    filter,
    scanned: async (query: ScanQuery, of: AskedOf = 'records'): Promise<Pick<ScanQuery, 'filter'>> =>
      of === 'records'
        ? query
        : { filter: await filter({ types: [query.type], filter: query.filter ?? everything }, of) },
  };
}

/** These Patients, and every other id by which the same persons are known. */
export async function everyId(
  view: Pick<Store, 'aliasesOf'>,
  patients: readonly string[],
): Promise<readonly ResourceId[]> {
  const ids = patients as readonly ResourceId[];
  const aliases = await view.aliasesOf(ids);
  return aliases.size === 0 ? ids : [...new Set(ids.flatMap((id) => [id, ...(aliases.get(id) ?? [])]))];
}

/** The person whom a Patient is a record of; itself where it is no source. */
export async function personIdOf(view: Pick<Store, 'aliasesOf'>, patient: ResourceId): Promise<ResourceId> {
  return (await view.aliasesOf([patient])).get(patient)?.[0] ?? patient;
}

/** Who says who somebody is: the person, whichever of the records was asked for. */
export async function readPerson(
  view: Pick<Store, 'aliasesOf' | 'read'>,
  asked: StoredResource,
): Promise<StoredResource> {
  const id = await personIdOf(view, asked.id);
  if (id === asked.id) return asked;
  const person = await view.read({ type: 'Patient', id });
  return person?.text === undefined ? asked : storedResource(person);
}
