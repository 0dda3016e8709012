import { type InteractionContext, withCaller } from '../../interaction/context.ts';
import { lookingForOne, mostFound, openFound } from '../../interaction/look-up.ts';
import type { Filter } from '../../search/filter.ts';
import { type Candidate, findByKeys, type RankedCandidate } from './find-candidates.ts';
import type { MatchRecord } from './match-record.ts';

/** Who is looked for. */
export type Sought = {
  /** What somebody has in common with who is meant, the rarest first. */
  readonly keys: readonly string[];
  /** What many have in common: some of them are looked at. */
  readonly common?: readonly string[];
  /** The candidates who may be meant, the most alike first. */
  readonly rank: (candidates: readonly Candidate[]) => readonly RankedCandidate[];
  /** Whether as much is told as a search must say that looks somebody up. */
  readonly namesOne: boolean;
};

/** `finder` is the context that may find them. */
export type Answered = { readonly finder: InteractionContext; readonly ranked: readonly RankedCandidate[] };

/**
 * Those whom the caller may find. Who may look persons up finds those beyond the own ones too, but only where they are
 * most likely the one who is named; they are open to the caller from then on, which is told in the audit.
 */
export async function findRanked(ctx: InteractionContext, sought: Sought): Promise<Answered> {
  const own = await rankedOf(ctx, ctx, sought);
  const finder = sought.namesOne ? lookingForOne(ctx) : ctx;
  if (finder === ctx) return { finder, ranked: own };
  const known = new Set(own.map(({ stored }) => stored.id));
  const all = await rankedOf(ctx, finder, sought);
  const others = all.filter(({ stored, comparison }) => !known.has(stored.id) && isLikely(comparison.grade));
  const found = others.slice(0, mostFound);
  await openFound(
    ctx,
    found.map(({ stored }) => stored),
  );
  return { finder, ranked: all.filter((one) => known.has(one.stored.id) || found.includes(one)) };
}

function isLikely(grade: string): boolean {
  return grade === 'certain' || grade === 'probable';
}

/** What a search must say that looks somebody up. */
export function namesOne({ given, family, birth }: MatchRecord): boolean {
  return given.whole !== '' && family.whole !== '' && birth !== undefined && birth.day > 0;
}

/** The system looks, at those alone whom the caller may find: who is compared and not answered was not shown to anybody. */
async function rankedOf(
  ctx: InteractionContext,
  finder: InteractionContext,
  { keys, common = [], rank }: Sought,
): Promise<readonly RankedCandidate[]> {
  const { view } = withCaller(ctx, { kind: 'system', name: 'match' });
  const narrow = (filter: Filter) => finder.view.findable('Patient', filter);
  const candidates = await findByKeys(view, keys, { narrow });
  const known = new Set(candidates.map(({ stored }) => stored.id));
  const others = await findByKeys(view, common, { narrow, except: known, takesAny: true });
  await ctx.pace();
  return rank([...candidates, ...others]);
}

/** What is answered is searched for the caller, so it is judged and told as any search is. */
export async function shownTo({ view }: InteractionContext, shown: readonly RankedCandidate[]) {
  if (shown.length === 0) return [];
  const anyOf = shown.map(({ stored }) => stored.id);
  const query = { types: ['Patient'], filter: { kind: 'id', anyOf }, sort: [], count: shown.length } as const;
  return (await view.search(query)).matches;
}
