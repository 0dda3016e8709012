import { Problem } from '../fhir/problem.ts';
import type { Filter } from '../search/filter.ts';
import type { Indexed } from '../search/index-values.ts';
import { matches, type World } from '../search/matches.ts';
import type { Change } from '../store/contract/store.ts';
import type { Pace } from '../values/turns.ts';

/** A condition of a transaction under which an entry creates: that nothing of the type matches. */
export type Condition = { readonly entry: number; readonly type: string; readonly noneMatch: Filter };

/** What an entry of the transaction writes. */
export type Written = { readonly entry: number; readonly change: Change };

/** So many resources are held against conditions in one transaction, those apart that a code tells apart. */
const mostCompared = 1_000_000;

/**
 * Throws the Problem of a condition that what another entry writes makes untrue: both would make what there must be one of
 * (R4 http.html#trules: the transaction fails where identities overlap). The store judges only what was there before.
 */
export async function refuseClashes(
  conditions: readonly Condition[],
  written: readonly Written[],
  pace: Pace,
): Promise<void> {
  if (conditions.length === 0) return;
  const among = openAmong(written);
  let left = mostCompared;
  for (const { entry, type, noneMatch } of conditions) {
    await pace();
    const others = among.candidates(type, noneMatch).filter((other) => other.entry !== entry);
    left -= others.length;
    if (left < 0) throw tooMany();
    const other = others.find(({ indexed }) => matches(noneMatch, indexed, among.world));
    if (other) throw clash(entry, other.entry);
  }
}

function clash(entry: number, other: number): Problem {
  const text = `What Bundle.entry[${other}] writes matches the condition of Bundle.entry[${entry}]: both would make one`;
  return new Problem('invalid-content', text, { expression: `Bundle.entry[${entry}]` });
}

function tooMany(): Problem {
  return new Problem(
    'too-large',
    'The conditions of the transaction compare too many of its entries; send fewer',
  );
}

type Candidate = { readonly entry: number; readonly indexed: Indexed };

/** What is written, by type, and by the codes that it has. */
function openAmong(written: readonly Written[]) {
  const byType = new Map<string, Candidate[]>();
  const byCode = new Map<string, Candidate[]>();
  for (const { entry, change } of written) {
    if (change.method === 'DELETE') continue;
    const candidate = { entry, indexed: change };
    addTo(byType, change.type, candidate);
    for (const key of codesIn(change)) addTo(byCode, key, candidate);
  }
  const world: World = {
    all: (type) => (byType.get(type) ?? []).map(({ indexed }) => indexed),
    find: (type, id) => byType.get(type)?.find(({ indexed }) => indexed.id === id)?.indexed,
    // No search parameter asks where a person belongs.
    marksOf: () => new Set(),
    aliasesOf: () => [],
  };
  const candidates = (type: string, filter: Filter): readonly Candidate[] => {
    const keys = codesOf(type, filter);
    if (!keys) return byType.get(type) ?? [];
    return keys.flatMap((key) => byCode.get(key) ?? []);
  };
  return { world, candidates };
}

function addTo(lists: Map<string, Candidate[]>, key: string, candidate: Candidate): void {
  const list = lists.get(key);
  if (list) list.push(candidate);
  else lists.set(key, [candidate]);
}

function codesIn({ type, index }: Change): readonly string[] {
  return Object.entries(index).flatMap(([param, values = []]) =>
    values.flatMap((value) => (value.kind === 'token' ? [codeKey(type, param, value.code)] : [])),
  );
}

function codeKey(type: string, param: string, code: string): string {
  return `${type}|${param}|${code}`;
}

/** Codes one of which whatever matches has; undefined where the filter asks for none. */
function codesOf(type: string, filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'and') {
    for (const part of filter.of) {
      const codes = codesOf(type, part);
      if (codes) return codes;
    }
    return undefined;
  }
  if (filter.kind !== 'value' || filter.test.kind !== 'token') return undefined;
  const codes = filter.test.anyOf.flatMap(({ code }) => (code === undefined ? [] : [code]));
  return codes.length < filter.test.anyOf.length
    ? undefined
    : codes.map((code) => codeKey(type, filter.param, code));
}
