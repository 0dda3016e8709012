import type { DatedVaccine, DoseEvent } from './dose-event.ts';
import { areComparable, evaluatePair, isSubset, type PairEvaluation } from './evaluate-pair.ts';
import { nothingSaid, pairKey, type SaidOfDoses } from './said-of-doses.ts';

/** Events that are one dose: those that stand for it, the best first, and those beside which nothing more is known. */
export type DoseGroup = { readonly survivors: readonly string[]; readonly alternates: readonly string[] };

export type DosePair = { readonly a: string; readonly b: string; readonly evaluation: PairEvaluation };

/** What the doses of one person come to. Who is in no group stands alone. */
export type Grouping = {
  readonly groups: readonly DoseGroup[];
  /** Of which people must say whether they are one. */
  readonly unsure: readonly DosePair[];
};

/** So many events of one person are compared with each other; nobody has more. */
export const mostEvents = 1000;

/**
 * MIROW, phases 1 to 3: which events are compared, what they come to, and which of them stand for a dose. What people said of
 * two goes before what the rules say.
 */
export function groupDoses(events: readonly DoseEvent[], said: SaidOfDoses = nothingSaid): Grouping {
  const compared = comparePairs(events, said);
  const groups = new Map<string, readonly DoseEvent[]>(events.map((event) => [event.id, [event]]));
  const rank = ({ a, b, evaluation }: DosePair) => (said.has(pairKey(a, b)) ? 1 : 0) + evaluation.score;
  const same = compared.filter(({ evaluation }) => evaluation.verdict === 'same');
  const byPair = new Map(compared.map((pair) => [pairKey(pair.a, pair.b), pair]));
  const mayJoin = onceForTwo((first, second) => mayBeOne(first, second, { byPair, said }));
  for (const { a, b } of same.sort((one, other) => rank(other) - rank(one))) {
    const [first = [], second = []] = [groups.get(a), groups.get(b)];
    if (first === second || !mayJoin(first, second)) continue;
    const both = [...first, ...second];
    for (const { id } of both) groups.set(id, both);
  }
  const joined = [...new Set(groups.values())].filter((group) => group.length > 1);
  return { groups: joined.map(resolveGroup), unsure: openPairs(compared, groups, said) };
}

/** Of two groups one pair is asked of, the most alike; none where people have parted them. */
function openPairs(
  compared: readonly DosePair[],
  groups: ReadonlyMap<string, readonly DoseEvent[]>,
  said: SaidOfDoses,
): readonly DosePair[] {
  const open = new Map<string, DosePair>();
  const arePartedBy = onceForTwo((first, second) => areParted(first, second, said));
  for (const pair of compared) {
    const [first = [], second = []] = [groups.get(pair.a), groups.get(pair.b)];
    if (pair.evaluation.verdict !== 'unsure' || first === second || arePartedBy(first, second)) continue;
    const of = pairKey(first[0]?.id ?? '', second[0]?.id ?? '');
    if ((open.get(of)?.evaluation.score ?? -1) < pair.evaluation.score) open.set(of, pair);
  }
  return [...open.values()];
}

type OfTwo = (first: readonly DoseEvent[], second: readonly DoseEvent[]) => boolean;

/** Every pair of two groups asks the same of them, which is looked at once: of very many doses of one day it would be for minutes. */
function onceForTwo(ask: OfTwo): OfTwo {
  const known = new Map<readonly DoseEvent[], Map<readonly DoseEvent[], boolean>>();
  return (first, second) => {
    const ofFirst = known.get(first) ?? new Map<readonly DoseEvent[], boolean>();
    known.set(first, ofFirst);
    const answer = ofFirst.get(second) ?? ask(first, second);
    ofFirst.set(second, answer);
    return answer;
  };
}

function areParted(first: readonly DoseEvent[], second: readonly DoseEvent[], said: SaidOfDoses): boolean {
  return first.some((one) => second.some((other) => said.get(pairKey(one.id, other.id)) === 'not-same'));
}

/** Whether any two of the doses are alike enough to be compared. */
export function mayRepeat(doses: readonly DatedVaccine[]): boolean {
  const some = doses.slice(0, mostEvents);
  return some.some((b, place) => {
    for (let before = 0; before < place; before++)
      if (areComparable(some[before] as DatedVaccine, b)) return true;
    return false;
  });
}

/** The pairs that are compared at all, with what the rules or people say of them. */
function comparePairs(events: readonly DoseEvent[], said: SaidOfDoses): DosePair[] {
  const pairs: DosePair[] = [];
  const some = events.slice(0, mostEvents);
  for (const [place, a] of some.entries()) {
    for (let next = place + 1; next < some.length; next++) {
      const b = some[next] as DoseEvent;
      const evaluation = evaluatePair(a, b);
      if (evaluation)
        pairs.push({ a: a.id, b: b.id, evaluation: asSaid(evaluation, said.get(pairKey(a.id, b.id))) });
    }
  }
  return pairs;
}

function asSaid(evaluation: PairEvaluation, word: 'same' | 'not-same' | undefined): PairEvaluation {
  if (word === undefined) return evaluation;
  return { ...evaluation, verdict: word === 'same' ? 'same' : 'different', rule: 'people have said so' };
}

type Compared = { readonly byPair: ReadonlyMap<string, DosePair>; readonly said: SaidOfDoses };

/** Two doses that were given are one only where they themselves say so, not because somebody told of either; nor two of which people said that they are not. */
function mayBeOne(
  first: readonly DoseEvent[],
  second: readonly DoseEvent[],
  { byPair, said }: Compared,
): boolean {
  const isGiven = ({ source }: DoseEvent) => source === 'administered';
  for (const one of first) {
    for (const other of second) {
      const pair = pairKey(one.id, other.id);
      if (said.get(pair) === 'not-same') return false;
      const areGiven = isGiven(one) && isGiven(other);
      if (areGiven && byPair.get(pair)?.evaluation.verdict !== 'same') return false;
    }
  }
  return true;
}

/** What no survivor holds survives too: the parts of a combination are not lost with it. */
function resolveGroup(group: readonly DoseEvent[]): DoseGroup {
  const survivors: DoseEvent[] = [];
  const alternates: string[] = [];
  for (const event of [...group].sort(betterFirst)) {
    if (survivors.some((survivor) => isSubset(event.antigens, survivor.antigens))) alternates.push(event.id);
    else survivors.push(event);
  }
  return { survivors: survivors.map(({ id }) => id), alternates };
}

const rankOfSource = ({ source }: DoseEvent) =>
  source === 'administered' ? 0 : source === 'historical' ? 2 : 1;

/** MIROW, phase 3: given before told, whole before partial, then what says more. */
function betterFirst(a: DoseEvent, b: DoseEvent): number {
  return (
    rankOfSource(a) - rankOfSource(b) ||
    Number(a.isPartial) - Number(b.isPartial) ||
    Number(a.isUnspecified) - Number(b.isUnspecified) ||
    b.antigens.size - a.antigens.size ||
    b.says - a.says ||
    (a.reported < b.reported ? 1 : a.reported > b.reported ? -1 : 0) ||
    (a.id < b.id ? -1 : 1)
  );
}
