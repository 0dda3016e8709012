import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gatherLogLines } from '../../src/log-output.ts';

describe('gatherLogLines', () => {
  it('writes the lines of one turn together, in their order, and drops none', async () => {
    const written: string[] = [];
    const lines = gatherLogLines({ write: (text) => written.push(text) });
    lines.write('a\n');
    lines.write('b\n');
    expect(written).toEqual([]);
    await nextTurn();
    lines.write('c\n');
    await nextTurn();
    expect(written).toEqual(['a\nb\n', 'c\n']);
  });
});
