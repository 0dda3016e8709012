import type { Organization } from 'fhir/r4.js';
import type { InterfaceAccount } from '../access/interface-account.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { searchAll } from '../interaction/search-all.ts';

/** Which Organization of an account a facility is; undefined where it is none of them. */
export type FindFacility = (
  account: InterfaceAccount,
  names: readonly (string | undefined)[],
) => Promise<string | undefined>;

type Facilities = ReadonlyMap<string, string>;

const atOnce = 100;

/**
 * A facility is named by what its Organization is identified by, or by its id: the first of the names that one of the
 * account's own, or one below them, has. What they are called is asked for once as long as the account is the same.
 */
export function openFacilities(system: InteractionContext): FindFacility {
  const known = new WeakMap<InterfaceAccount, Promise<Facilities>>();
  return async (account, names) => {
    if (account.organizations.length === 0) return undefined;
    let facilities = known.get(account);
    if (!facilities) {
      facilities = readFacilities(system, account.organizations);
      known.set(account, facilities);
      // What could not be read is asked for again.
      facilities.catch(() => known.delete(account));
    }
    const found = await facilities;
    for (const name of names) {
      const id = name === undefined ? undefined : found.get(fold(name));
      if (id !== undefined) return id;
    }
    return undefined;
  };
}

const fold = (name: string): string => name.trim().toLowerCase();

async function readFacilities(system: InteractionContext, ids: readonly string[]): Promise<Facilities> {
  const facilities = new Map<string, string>();
  const add = (name: string | undefined, id: string) => {
    // Of two with one name the one that stands higher is meant.
    if (name && !facilities.has(fold(name))) facilities.set(fold(name), id);
  };
  for (const id of ids) add(id, id);
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce);
    const found = await searchAll(system, 'Organization', [['_id', some.join(',')]]);
    const byId = new Map(found.map(({ id, text }) => [id as string, JSON.parse(text) as Organization]));
    for (const id of some) {
      for (const { value } of byId.get(id)?.identifier ?? []) {
        add(value, id);
        add(value?.replace(/^urn:oid:/, ''), id);
      }
    }
  }
  return facilities;
}
