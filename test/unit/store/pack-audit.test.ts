import { describe, expect, it } from 'vitest';
import { packAudit } from '../../../src/store/sqlite/pack-audit.ts';
import { at, auditRow } from '../../contract/fixtures.ts';

const start = Date.UTC(2026, 6, 20, 10);
const agent = { name: 'client:app', client: 'app' };
const rowAt = (ms: number, patient = 'p') => auditRow({ at: at(start + ms), patients: [patient], agent });

describe('rows of the audit on their way to the writer', () => {
  it('lie in blocks of 500 at most, each within ten seconds', () => {
    const rows = Array.from({ length: 1200 }, (_, n) => rowAt(n * 8));
    const { blocks, members } = packAudit([...rows, rowAt(10_000), rowAt(10_001)]);
    expect(members).toEqual([]);
    expect(blocks.map(({ text }) => text.split('\n').length)).toEqual([500, 500, 200, 2]);
    expect(blocks.map(({ first, last }) => [first - start, last - start])).toEqual([
      [0, 499 * 8],
      [500 * 8, 999 * 8],
      [1000 * 8, 1199 * 8],
      [10_000, 10_001],
    ]);
  });

  it('tell their first and last moment in whatever order they come, and each person once', () => {
    const { blocks } = packAudit([rowAt(7, 'b'), rowAt(3, 'a'), rowAt(9, 'b')]);
    expect(blocks).toMatchObject([{ first: start + 3, last: start + 9, patients: 'b a', agents: [0] }]);
  });

  it('lie by themselves where they were refused or wrote', () => {
    const { blocks, members } = packAudit([auditRow({ outcome: 4 }), auditRow({ action: 'U' })]);
    expect(blocks).toEqual([]);
    expect(members.filter((one) => one === 'R' || one === 'U')).toEqual(['R', 'U']);
  });
});
