import type { Filter, VersionFilter } from '../../search/filter.ts';
import type { Aliases } from '../contract/store.ts';
import { aliasesIn, bondsOf } from './bonds.ts';
import { idOf } from './documents.ts';
import { personOf } from './person.ts';
import { type Reader, readOptions } from './reader.ts';

/** The ids under which each of these Patients is known; who is alone is left out. */
export async function aliasesOf(
  reader: Reader,
  patients: readonly string[],
): Promise<ReadonlyMap<string, Aliases>> {
  const people = [...new Set(patients)].map(personOf);
  const aliases = aliasesIn(await bondsOf(reader.resources, people, readOptions(reader)));
  const known = people.map((one) => [idOf(one), aliases(one).map(idOf)] as const);
  return new Map(known.filter(([, all]) => all.length > 1));
}

/** The same question, in which who is asked for is named by every alias. */
export async function namingAliases(reader: Reader, filter: VersionFilter): Promise<VersionFilter>;
export async function namingAliases(reader: Reader, filter: Filter): Promise<Filter>;
export async function namingAliases(reader: Reader, filter: Filter): Promise<Filter> {
  const named = concernedIn(filter);
  if (named.length === 0 || (await reader.hasAliases?.()) === false) return filter;
  const aliases = await aliasesOf(reader, named);
  return aliases.size === 0 ? filter : withAliases(filter, aliases);
}

function concernedIn(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(concernedIn);
    case 'not':
    case 'chain':
    case 'has':
      return concernedIn(filter.of);
    case 'concerns':
      return filter.anyOf;
    default:
      return [];
  }
}

function withAliases(filter: Filter, aliases: ReadonlyMap<string, Aliases>): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => withAliases(part, aliases)) };
    case 'not':
    case 'chain':
    case 'has':
      return { ...filter, of: withAliases(filter.of, aliases) };
    case 'concerns': {
      const all = filter.anyOf.flatMap((id) => [id, ...(aliases.get(id) ?? [])]);
      return { kind: 'concerns', anyOf: [...new Set(all)] };
    }
    default:
      return filter;
  }
}
