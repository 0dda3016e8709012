import type { CvxCode } from '../../values/vaccine-code.ts';

/** A vaccine that could be given, and what it would do. */
export type Candidate = {
  readonly cvx: CvxCode;
  readonly antigens: ReadonlySet<string>;
  /** What would not be due any more. */
  readonly covers: ReadonlySet<string>;
  /** Less is better: where it stands among the vaccines that are named. */
  readonly rank: number;
  /** How many of what it covers need no further dose after it. */
  readonly finished: number;
};

/** So many choices are looked at; the best of them is taken. No record of the demo or of CDC's cases comes near. */
const mostChoices = 50_000;

type Found = { readonly chosen: readonly Candidate[]; readonly rank: number };

type Search = {
  readonly needs: readonly string[];
  readonly candidates: readonly Candidate[];
  looked: number;
  best: Found | undefined;
};

/**
 * The fewest vaccines that cover all needs which any covers, and of as few the ones that are named first. No antigen is
 * given twice.
 */
export function fewestInjections(
  needs: readonly string[],
  candidates: readonly Candidate[],
): readonly Candidate[] {
  const useful = withoutWorse(candidates);
  const coverable = needs.filter((need) => useful.some(({ covers }) => covers.has(need)));
  const search: Search = { needs: coverable, candidates: useful, looked: 0, best: undefined };
  choose(search, []);
  return search.best?.chosen ?? [];
}

function choose(search: Search, chosen: readonly Candidate[]): void {
  search.looked++;
  const { best, needs } = search;
  if (search.looked > mostChoices) return;
  const open = needs.find((need) => !chosen.some(({ covers }) => covers.has(need)));
  if (open === undefined) {
    const rank = chosen.reduce((sum, each) => sum + each.rank, 0);
    if (isBetter({ chosen, rank }, best)) search.best = { chosen, rank };
    return;
  }
  if (best && chosen.length + 1 > best.chosen.length) return;
  for (const each of fittingFor(open, search, chosen)) choose(search, [...chosen, each]);
}

/** What covers most first, so that a good answer is found early. */
function fittingFor(need: string, { candidates }: Search, chosen: readonly Candidate[]) {
  return candidates.filter(
    (each) => each.covers.has(need) && chosen.every((other) => isDisjoint(other.antigens, each.antigens)),
  );
}

function isBetter(found: Found, best: Found | undefined): boolean {
  if (!best) return true;
  const difference = found.chosen.length - best.chosen.length;
  return difference < 0 || (difference === 0 && found.rank < best.rank);
}

function isDisjoint(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].every((one) => !b.has(one));
}

/**
 * Of vaccines with the same antigens that cover the same, the one that leaves least to be given later (PCV15 asks an adult for
 * PPSV23, PCV20 for nothing), and of those the one that is named first.
 */
function withoutWorse(candidates: readonly Candidate[]): readonly Candidate[] {
  const best = new Map<string, Candidate>();
  for (const each of candidates) {
    const key = [...each.antigens].sort().join() + [...each.covers].sort().join();
    const known = best.get(key);
    if (
      !known ||
      each.finished > known.finished ||
      (each.finished === known.finished && each.rank < known.rank)
    ) {
      best.set(key, each);
    }
  }
  return [...best.values()].sort((a, b) => b.covers.size - a.covers.size || a.rank - b.rank);
}
