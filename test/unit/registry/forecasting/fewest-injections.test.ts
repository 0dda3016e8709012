import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, fewestInjections } from '../../../../src/registry/forecasting/fewest-injections.ts';
import type { CvxCode } from '../../../../src/values/vaccine-code.ts';

const vaccine = (cvx: string, parts: string, rank = 0, covers = parts): Candidate => ({
  cvx: cvx as CvxCode,
  antigens: new Set(parts),
  covers: new Set(covers),
  rank,
  finished: 0,
});
const codes = (needs: string, ...candidates: Candidate[]) =>
  fewestInjections([...needs], candidates)
    .map(({ cvx }) => cvx)
    .sort();

describe('fewestInjections', () => {
  it('takes a combination where it saves an injection', () => {
    expect(codes('abc', vaccine('1', 'a'), vaccine('2', 'b'), vaccine('3', 'c'), vaccine('4', 'ab'))).toEqual(
      ['3', '4'],
    );
  });

  it('does not take what covers most first where that ends in more injections', () => {
    const greedy = vaccine('1', 'abcd');
    const rest = [vaccine('2', 'abc'), vaccine('3', 'def'), vaccine('4', 'e'), vaccine('5', 'f')];
    expect(codes('abcdef', greedy, ...rest)).toEqual(['2', '3']);
  });

  it('takes of two of the same what leaves less to be given, though it is named later', () => {
    const finishing = { ...vaccine('2', 'a', 1), finished: 1 };
    expect(codes('a', vaccine('1', 'a', 0), finishing)).toEqual(['2']);
    expect(codes('a', finishing, vaccine('1', 'a', 0))).toEqual(['2']);
    expect(codes('a', finishing, { ...vaccine('1', 'a', 0), finished: 1 })).toEqual(['1']);
  });

  it('gives no antigen twice', () => {
    const two = [vaccine('1', 'ab'), vaccine('2', 'bc'), vaccine('3', 'a'), vaccine('4', 'c')];
    expect(codes('abc', ...two)).toEqual(['1', '4']);
  });

  it('takes of as few those that are named first', () => {
    expect(codes('a', vaccine('1', 'a', 3), vaccine('2', 'a', 1))).toEqual(['2']);
    const sums = [vaccine('1', 'ab', 5), vaccine('2', 'c', 0), vaccine('3', 'a', 0), vaccine('4', 'bc', 1)];
    expect(codes('abc', ...sums)).toEqual(['3', '4']);
  });

  it('covers what it can', () => {
    expect(codes('abz', vaccine('1', 'ab'))).toEqual(['1']);
    expect(codes('z')).toEqual([]);
  });

  it('finds no more injections than any other choice needs', () => {
    const part = fc.subarray([...'abcdef'], { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(part, fc.nat(5)), { maxLength: 8 }), (drawn) => {
        const candidates = drawn.map(([parts, rank], i) => vaccine(String(i), parts.join(''), rank));
        // Singles, so that every need can be covered.
        const all = [...candidates, ...[...'abcdef'].map((one, i) => vaccine(String(20 + i), one, 9))];
        const found = fewestInjections([...'abcdef'], all);
        const best = smallestCover(candidates, new Set('abcdef'));
        expect(found.length).toBe(best);
        const parts = found.flatMap(({ antigens }) => [...antigens]);
        expect(parts.sort()).toEqual([...'abcdef']);
      }),
    );
  });
});

/** By trying every choice; what is left over is covered by singles. */
function smallestCover(candidates: readonly Candidate[], open: ReadonlySet<string>): number {
  const [first, ...others] = candidates;
  if (!first) return open.size;
  const without = smallestCover(others, open);
  if (![...first.antigens].every((one) => open.has(one))) return without;
  const rest = new Set([...open].filter((one) => !first.antigens.has(one)));
  return Math.min(without, 1 + smallestCover(others, rest));
}
