import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEr7 } from '../../../../src/hl7v2/er7/decode-er7.ts';
import { parseMessage, segmentOf } from '../../../../src/hl7v2/er7/message.ts';
import { repetitionsOf, textAt } from '../../../../src/hl7v2/er7/piece.ts';
import { checkQuery } from '../../../../src/hl7v2/guide/check-query.ts';
import { checkVxu } from '../../../../src/hl7v2/guide/check-vxu.ts';
import { writeAck } from '../../../../src/hl7v2/guide/write-ack.ts';
import type { EpochDay } from '../../../../src/values/epoch-day.ts';
import type { EpochMs } from '../../../../src/values/instant.ts';
import { testGuide } from '../guide/open-test-guide.ts';
import { sampleQuery, sampleVxu } from '../guide/sample-messages.ts';
import { toEr7 } from './to-er7.ts';

/** All that is done with a text that somebody sends, up to the acknowledgement. */
function answer(text: string): string {
  const message = parseMessage(text);
  if ('kind' in message) return message.reason;
  expect(toEr7(message)).toBe(text);
  const { findings } = checkVxu(testGuide, message, { asOf: 20_000 as EpochDay });
  checkQuery(testGuide, message);
  const ack = writeAck({ msh: segmentOf(message, 'MSH'), findings, controlId: 'a', at: 0 as EpochMs });
  expect(ack.split('\r')[1]).toMatch(/^MSA\|A[AER]\|/);
  return ack;
}

const samples = [sampleVxu(), sampleQuery];
const cuts = fc.constantFrom(...samples).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at)));
const control = fc.constantFrom(
  '\0',
  '\u0001',
  '\u000b',
  '\f',
  '\u001c',
  '\r',
  '\n',
  '\t',
  '\u0085',
  '\u2028',
  '\uFEFF',
  '\ud800',
  '|',
  '^',
  '~',
  '\\',
  '&',
  '""',
);

describe('what anybody may send', () => {
  it.each([
    ['cut off', cuts],
    ['put together', fc.tuple(cuts, cuts).map(([a, b]) => a + b)],
    [
      'with a piece replaced',
      fc
        .tuple(fc.constantFrom(...samples), fc.nat(2000), fc.nat(30), fc.array(control, { maxLength: 10 }))
        .map(([text, at, length, put]) => text.slice(0, at) + put.join('') + text.slice(at + length)),
    ],
    [
      'of other delimiters',
      fc
        .tuple(
          fc.constantFrom(...samples),
          fc.uniqueArray(fc.constantFrom(...'!@#$%*|^~\\&:;'), { minLength: 5, maxLength: 5 }),
        )
        .map(([text, marks]) => text.replace(/[|^~\\&]/g, (mark) => marks['|^~\\&'.indexOf(mark)] ?? '')),
    ],
    ['of anything', fc.string({ unit: 'binary', maxLength: 300 }).map((text) => `MSH|^~\\&|${text}`)],
  ])('%s is answered', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => void answer(text)),
      { numRuns: 200 },
    );
  });

  it('bytes of any kind are a text', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void answer(decodeEr7(bytes).text)));
  });
});

describe('what is long takes time by its length alone', () => {
  const within = (milliseconds: number, work: () => unknown) => {
    const start = performance.now();
    work();
    expect(performance.now() - start).toBeLessThan(milliseconds);
  };

  it.each([
    ['50 MB of one field', `${sampleVxu()}OBX|1|ST|1||${'x'.repeat(50_000_000)}\r`],
    ['200,000 repetitions', sampleVxu().replace('A1001^^^NORTH^MR', 'A1001^^^NORTH^MR~'.repeat(200_000))],
    ['200,000 components', sampleVxu().replace('Larkin^Mona', `Larkin^Mona${'^'.repeat(1_000_000)}`)],
    ['200,000 escapes', sampleVxu().replace('12 Elm St', '\\'.repeat(200_000))],
    ['300,000 empty segments', sampleVxu() + '\r'.repeat(300_000)],
    ['100,000 segments of a kind', sampleVxu() + 'NK1|1|A^B|MTH\r'.repeat(100_000)],
    ['100,000 segments out of order', sampleVxu() + 'PD1|1\r'.repeat(100_000)],
    ['100,000 fields', `${sampleVxu()}ZZZ${'|x'.repeat(100_000)}\r`],
    ['10,000 doses without ORC', sampleVxu() + 'RXA|0|1|20240615||03^MMR^CVX|999\r'.repeat(10_000)],
  ])('%s', (_, text) => {
    within(20_000, () => answer(text));
  });

  it('and a field of it is read once it is asked for', () => {
    const message = parseMessage(`MSH|^~\\&\rOBX|${'x~'.repeat(1_000_000)}`);
    const obx = 'kind' in message ? undefined : message.segments[1];
    within(5000, () => obx && [repetitionsOf(obx, 1).length, textAt(obx, { field: 1 })]);
  });
});
