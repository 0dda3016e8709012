import type { Patient } from 'fhir/r4.js';
import type { CallerView } from '../../interaction/caller-view.ts';
import { allOf, type Filter, not } from '../../search/filter.ts';
import { isSource } from '../../search/person-link.ts';
import type { Comparison } from './compare-records.ts';
import { compareRecords } from './compare-records.ts';
import { matchKeyCode } from './match-index.ts';
import { matchKeys } from './match-keys.ts';
import type { MatchModel } from './match-model.ts';
import type { MatchRecord } from './match-record.ts';
import { toMatchRecord } from './to-match-record.ts';

/** So many are compared; of keys that more people have, the rarer kinds come first (docs/identity.md). */
export const mostCandidates = 100;

type Found = Awaited<ReturnType<CallerView['search']>>['matches'][number];

/** A Patient of the store that may be the person, as it was compared. */
export type Candidate = {
  readonly stored: Found;
  readonly patient: Patient;
  readonly record: MatchRecord;
};

export type CandidateQuery = {
  /** Narrows who is looked for; everybody whom the view shows when absent. */
  readonly narrow?: (filter: Filter) => Filter;
  /** Ids that are no candidates: the record itself, and who is known not to be the person. */
  readonly except?: ReadonlySet<string>;
  /** Of more than are compared it does not matter which are. */
  readonly takesAny?: true;
};

/** The persons who share a key with the record, `mostCandidates` at most; no sources. */
export function findCandidates(
  view: Pick<CallerView, 'search'>,
  record: MatchRecord,
  query: CandidateQuery = {},
): Promise<readonly Candidate[]> {
  return findByKeys(view, matchKeys(record), query);
}

/** The same of who has one of these keys, the rarest of which come first. */
export async function findByKeys(
  view: Pick<CallerView, 'search'>,
  keys: readonly string[],
  { narrow = (filter) => filter, except = new Set(), takesAny }: CandidateQuery = {},
): Promise<readonly Candidate[]> {
  if (keys.length === 0) return [];
  const found = new Map<string, Found>();
  const look = async (some: readonly string[], count: number) => {
    const { matches, next } = await view.search({
      types: ['Patient'],
      // Said here, since what narrows may ask of records.
      filter: allOf([narrow(byKeys(some)), not(isSource)]),
      sort: [],
      count,
    });
    for (const match of matches) if (!except.has(match.id)) found.set(match.id, match);
    return next === undefined;
  };
  if (!(await look(keys, mostCandidates)) && !takesAny) {
    found.clear();
    // By one key after the other: who shares a rare one is not lost among those who share a common one.
    for (const key of keys) {
      if (found.size >= mostCandidates) break;
      await look([key], mostCandidates - found.size);
    }
  }
  return [...found.values()].slice(0, mostCandidates).map(toCandidate);
}

/** R4 patient.html, link: another record is to be used instead, so of this one nothing is asked any more. */
export function isReplaced({ link = [] }: Pick<Patient, 'link'>): boolean {
  return link.some(({ type }) => type === 'replaced-by');
}

/** Those who share a key with the record; undefined where it has none. */
export function sharesKey(record: MatchRecord): Filter | undefined {
  const keys = matchKeys(record);
  return keys.length === 0 ? undefined : byKeys(keys);
}

function byKeys(keys: readonly string[]): Filter {
  const anyOf = keys.map((code) => ({ code }));
  return { kind: 'value', param: matchKeyCode, test: { kind: 'token', anyOf } };
}

function toCandidate(stored: Found): Candidate {
  const patient = JSON.parse(stored.text) as Patient;
  return { stored, patient, record: toMatchRecord(patient) };
}

export type RankedCandidate = Candidate & { readonly comparison: Comparison };

/** The candidates that may be the person, the most alike first; of equals the one with the lower id. */
export function rankCandidates(
  model: MatchModel,
  record: MatchRecord,
  candidates: readonly Candidate[],
): readonly RankedCandidate[] {
  const ranked: RankedCandidate[] = [];
  for (const candidate of candidates) {
    if (isReplaced(candidate.patient)) continue;
    const comparison = compareRecords(model, record, candidate.record);
    if (comparison.outcome !== 'none') ranked.push({ comparison, ...candidate });
  }
  return ranked.sort(
    (a, b) => b.comparison.score - a.comparison.score || (a.stored.id < b.stored.id ? -1 : 1),
  );
}
