import type { Patient } from 'fhir/r4.js';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import { toCivilDate } from '../../values/epoch-day.ts';
import type { Comparison } from './compare-records.ts';
import { compareRecords } from './compare-records.ts';
import type { Candidate, RankedCandidate } from './find-candidates.ts';
import { findRanked, namesOne, shownTo } from './find-ranked.ts';
import { birthAgrees, familyAgrees, givenAgrees } from './level-patterns.ts';
import type { MatchField, MatchLevels } from './match-fields.ts';
import { keysOfYears, matchKeys } from './match-keys.ts';
import type { MatchModel } from './match-model.ts';
import type { MatchRecord } from './match-record.ts';
import { formsOf } from './nicknames.ts';
import { toMatchRecord } from './to-match-record.ts';

/** What of somebody agrees with who is described. */
export type Agreement =
  | 'name'
  | 'like-name'
  | 'birth-date'
  | 'like-birth-date'
  | 'number'
  | 'phone'
  | 'parent'
  | 'address';

export type PersonLike = { readonly patient: Patient; readonly agrees: readonly Agreement[] };

/** So many are shown. */
const most = 20;

/** So many keys are looked for of who is described without a birth date. */
const mostCommon = 1500;

/** Nobody who lives was born longer ago. */
const mostYears = 120;

/**
 * People who are like who is described, by the keys and the comparison of `$match` and within what its caller may find, the
 * most alike first. Of several descriptions each is of the same person, as it may be meant. Unlike `$match` it answers who
 * agrees in all that is told of name and birth date, but for a slip, where that is too little for a match.
 */
export async function peopleLike(
  ctx: InteractionContext,
  model: MatchModel,
  described: readonly Patient[],
): Promise<readonly PersonLike[]> {
  requireAccess(ctx, 'search-type', 'Patient');
  const records = described.map(toMatchRecord);
  const thisYear = toCivilDate(ctx.clock.today()).year;
  const { finder, ranked } = await findRanked(ctx, {
    keys: [...new Set(records.flatMap(matchKeys))],
    common: [...new Set(records.flatMap((record) => commonKeys(record, thisYear)))].slice(0, mostCommon),
    rank: (candidates) => rankAmong(model, records, candidates),
    namesOne: records.length > 0 && records.every(namesOne),
  });
  const shown = ranked.slice(0, most);
  const texts = new Map((await shownTo(finder, shown)).map(({ id, text }) => [id, text]));
  return shown.flatMap(({ stored, comparison }) => {
    const text = texts.get(stored.id);
    if (text === undefined) return [];
    return [{ patient: JSON.parse(text) as Patient, agrees: agreementsOf(levelsOf(comparison)) }];
  });
}

/** What the name alone leads to, in any year or in the one that is told. */
function commonKeys(record: MatchRecord, thisYear: number): readonly string[] {
  const { birth, given } = record;
  if (given.whole === '' || (birth && birth.day > 0)) return [];
  const years = birth ? [birth.year] : Array.from({ length: mostYears }, (_, ago) => thisYear - ago);
  return keysOfYears(record, formsOf(given.whole), years);
}

function rankAmong(
  model: MatchModel,
  records: readonly MatchRecord[],
  candidates: readonly Candidate[],
): readonly RankedCandidate[] {
  const ranked: RankedCandidate[] = [];
  for (const candidate of candidates) {
    let best: Comparison | undefined;
    for (const record of records) {
      const comparison = compareRecords(model, record, candidate.record);
      if (isMeant(comparison, record) && (!best || comparison.score > best.score)) best = comparison;
    }
    if (best) ranked.push({ comparison: best, ...candidate });
  }
  return ranked.sort(
    (a, b) => b.comparison.score - a.comparison.score || (a.stored.id < b.stored.id ? -1 : 1),
  );
}

type Levels = Readonly<Partial<Record<MatchField, string>>>;

function levelsOf({ fields }: Comparison): MatchLevels {
  const levels: Levels = Object.fromEntries(fields.map(({ field, level }) => [field, level]));
  return levels as MatchLevels;
}

function isMeant(comparison: Comparison, { given, family, birth }: MatchRecord): boolean {
  if (comparison.outcome !== 'none') return true;
  const levels = levelsOf(comparison);
  if (birth && !birthAgrees(levels) && levels.birthDate !== 'near') return false;
  if (given.whole === '' && family.whole === '') return false;
  return (given.whole === '' || givenAgrees(levels)) && (family.whole === '' || familyAgrees(levels));
}

function agreementsOf(levels: MatchLevels): readonly Agreement[] {
  const isNamed = givenAgrees(levels) && familyAgrees(levels);
  const isWhole = levels.given === 'same' && levels.family === 'same';
  const isBorn = levels.birthDate === 'same' || levels.birthDate === 'same-default';
  const isBornNearly = birthAgrees(levels) || levels.birthDate === 'near';
  const checks: readonly (readonly [boolean, Agreement])[] = [
    [isNamed && isWhole, 'name'],
    [isNamed && !isWhole, 'like-name'],
    [isBorn, 'birth-date'],
    [!isBorn && isBornNearly, 'like-birth-date'],
    [hasNumber(levels), 'number'],
    [levels.phone === 'same', 'phone'],
    [levels.guardianGiven === 'same' || levels.mother === 'same', 'parent'],
    [levels.address === 'same' || levels.address === 'similar', 'address'],
  ];
  return checks.flatMap(([holds, agreement]) => (holds ? [agreement] : []));
}

function hasNumber({ ssn, medicaid, recordNumber }: MatchLevels): boolean {
  return ssn === 'same' || medicaid === 'same' || recordNumber === 'same-owner' || recordNumber === 'same';
}
