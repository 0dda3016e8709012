import type { Filter } from '../../search/filter.ts';
import type { Guard } from '../contract/store.ts';
import { namingAliases } from './aliases.ts';
import { chainsIn, compileFilter } from './compile-filter.ts';
import { matchQuery } from './find-page.ts';
import { homesOf } from './home.ts';
import { type Reader, readOptions } from './reader.ts';
import { requireSettled } from './require-settled.ts';
import { matchesAny } from './search.ts';

/**
 * The first guard that does not hold; undefined when all do. A delete has a guard for every type that may refer to it,
 * so those without chains of which nothing may match are asked as one, and only when something matches one by one.
 */
export async function findGuarded(reader: Reader, asked: readonly Guard[]): Promise<number | undefined> {
  const guards: Guard[] = [];
  for (const guard of asked) guards.push(await namingAliasesIn(reader, guard));
  for (const guard of guards) await requireSettled(reader, [guard.type], filterOf(guard));
  const plain = guards.filter(isPlain);
  const isPlainFree = plain.length > 1 && !(await matchesOneOf(reader, plain));
  for (const [i, guard] of guards.entries()) {
    if (isPlainFree && isPlain(guard)) continue;
    const isMatched = await matchesAny(reader, guard.type, filterOf(guard));
    if (isMatched === 'noneMatch' in guard) return i;
  }
  return undefined;
}

async function namingAliasesIn(reader: Reader, guard: Guard): Promise<Guard> {
  const filter = await namingAliases(reader, filterOf(guard));
  return 'noneMatch' in guard ? { ...guard, noneMatch: filter } : { ...guard, someMatch: filter };
}

export function filterOf(guard: Guard): Filter {
  return 'noneMatch' in guard ? guard.noneMatch : guard.someMatch;
}

type NoneMatch = Extract<Guard, { readonly noneMatch: Filter }>;

function isPlain(guard: Guard): guard is NoneMatch {
  return 'noneMatch' in guard && chainsIn(guard.noneMatch).length === 0;
}

async function matchesOneOf(reader: Reader, guards: readonly NoneMatch[]): Promise<boolean> {
  const queries = guards.flatMap(({ type, noneMatch }) => {
    const where = compileFilter(noneMatch, type, new Map());
    return where === 'none' ? [] : [matchQuery(reader, { type, where, homes: homesOf(noneMatch, type) })];
  });
  if (queries.length === 0) return false;
  const options = { ...readOptions(reader), projection: { _id: 1 } };
  return (await reader.resources.findOne({ $or: queries }, options)) !== null;
}
