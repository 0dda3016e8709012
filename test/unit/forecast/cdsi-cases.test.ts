import { describe, expect, it } from 'vitest';
import { answerOf } from '../../cdsi/answer-case.ts';
import { readCases, readKnownGaps } from '../../cdsi/cdsi-case.ts';
import { differences, missedReasons } from '../../cdsi/compare-case.ts';

const cases = readCases();
const gaps = readKnownGaps();
const isGap = (id: string, kinds: 'reason' | 'result') =>
  gaps.some((gap) => gap.id === id && (gap.kind === 'reason') === (kinds === 'reason'));
const withReasons = cases.filter(({ doses }) => doses?.some(({ reason }) => reason !== undefined));

describe.each(['healthy', 'underlying-conditions'] as const)('CDSi cases, %s', (set) => {
  const open = cases.filter((each) => each.set === set && !isGap(each.id, 'result'));
  it.each(open)('$id $vaccineGroup', (each) => {
    expect(differences(each, answerOf(each))).toEqual([]);
  });
});

describe('reasons that the CDSi cases give for a dose', () => {
  it.each(withReasons.filter(({ id }) => !isGap(id, 'reason') && !isGap(id, 'result')))('$id', (each) => {
    expect(missedReasons(each, answerOf(each))).toEqual([]);
  });
});

describe('known gaps', () => {
  it.each(gaps)('$id still does not pass: $reason', ({ id, kind }) => {
    const each = cases.find((known) => known.id === id);
    if (!each) throw new Error(`known gap ${id} is no case`);
    const missed =
      kind === 'reason' ? missedReasons(each, answerOf(each)) : differences(each, answerOf(each));
    if (missed.length === 0) throw new Error(`${id} now passes, remove it from known-gaps.json`);
  });

  it('leaves at least 162 of the 177 cases with underlying conditions, and every healthy one', () => {
    const resultGaps = gaps.filter(({ kind }) => kind !== 'reason').map(({ id }) => id);
    const sets = resultGaps.map((id) => cases.find((each) => each.id === id)?.set);
    expect(sets.filter((set) => set === 'healthy')).toEqual([]);
    expect(
      cases.filter(({ set }) => set === 'underlying-conditions').length - sets.length,
    ).toBeGreaterThanOrEqual(162);
  });
});
