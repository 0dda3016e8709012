import type { Guard } from '../contract/store.ts';
import { chainsIn, compileFilter } from './compile-filter.ts';
import { matchQuery } from './find-page.ts';
import { homesOf } from './home.ts';
import { type Reader, readOptions } from './reader.ts';
import { matchesAny } from './search.ts';

/**
 * The first guard that something matches; undefined when none holds the unit back. A delete has a guard for every type
 * that may refer to it, so those without chains are asked as one, and only when something matches one by one.
 */
export async function findGuarded(reader: Reader, guards: readonly Guard[]): Promise<number | undefined> {
  const plain = guards.filter(({ noneMatch }) => chainsIn(noneMatch).length === 0);
  const isPlainFree = plain.length < 2 || !(await matchesOneOf(reader, plain));
  for (const [i, guard] of guards.entries()) {
    if (isPlainFree && plain.length > 1 && plain.includes(guard)) continue;
    if (await matchesAny(reader, guard.type, guard.noneMatch)) return i;
  }
  return undefined;
}

async function matchesOneOf(reader: Reader, guards: readonly Guard[]): Promise<boolean> {
  const queries = guards.flatMap(({ type, noneMatch }) => {
    const where = compileFilter(noneMatch, type, new Map());
    return where === 'none' ? [] : [matchQuery(reader, { type, where, homes: homesOf(noneMatch, type) })];
  });
  if (queries.length === 0) return false;
  const options = { ...readOptions(reader), projection: { _id: 1 } };
  return (await reader.resources.findOne({ $or: queries }, options)) !== null;
}
