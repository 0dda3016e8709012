import type { DoseEvent } from './dose-event.ts';
import { evaluatePair, isSubset, type PairEvaluation } from './evaluate-pair.ts';

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

/** MIROW, phases 1 to 3: which events are compared, what they come to, and which of them stand for a dose. */
export function groupDoses(events: readonly DoseEvent[]): Grouping {
  const compared = comparePairs(events);
  const groups = new Map<string, readonly DoseEvent[]>(events.map((event) => [event.id, [event]]));
  const same = compared.filter(({ evaluation }) => evaluation.verdict === 'same');
  for (const { a, b } of same.sort((one, other) => other.evaluation.score - one.evaluation.score)) {
    const [first = [], second = []] = [groups.get(a), groups.get(b)];
    if (first === second || !mayBeOne(first, second, compared)) continue;
    const both = [...first, ...second];
    for (const { id } of both) groups.set(id, both);
  }
  const joined = [...new Set(groups.values())].filter((group) => group.length > 1);
  const isJoined = new Set(joined.flatMap((group) => group.map(({ id }) => id)));
  const isOpen = ({ a, b, evaluation }: DosePair) =>
    evaluation.verdict === 'unsure' && !isJoined.has(a) && !isJoined.has(b);
  return { groups: joined.map(resolveGroup), unsure: compared.filter(isOpen) };
}

/** By day, so that only neighbours are compared; exchanged days and months are looked up. */
function comparePairs(events: readonly DoseEvent[]): DosePair[] {
  const pairs: DosePair[] = [];
  const some = events.slice(0, mostEvents);
  for (const [place, a] of some.entries()) {
    for (let next = place + 1; next < some.length; next++) {
      const b = some[next] as DoseEvent;
      const evaluation = evaluatePair(a, b);
      if (evaluation) pairs.push({ a: a.id, b: b.id, evaluation });
    }
  }
  return pairs;
}

/** Two doses that were given are one only where they themselves say so, not because somebody told of either. */
function mayBeOne(
  first: readonly DoseEvent[],
  second: readonly DoseEvent[],
  compared: readonly DosePair[],
): boolean {
  const isGiven = ({ source }: DoseEvent) => source === 'administered';
  for (const one of first.filter(isGiven)) {
    for (const other of second.filter(isGiven)) {
      const pair = compared.find(
        ({ a, b }) => (a === one.id && b === other.id) || (a === other.id && b === one.id),
      );
      if (pair?.evaluation.verdict !== 'same') return false;
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
