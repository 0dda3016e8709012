import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BatchItem, splitBatch } from '../../../../src/hl7v2/er7/split-batch.ts';

async function split(chunks: readonly string[], longest = 1000): Promise<readonly BatchItem[]> {
  const items: BatchItem[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const item of splitBatch(source, { longest })) items.push(item);
  return items;
}

const one = 'MSH|^~\\&|A\rPID|1\r';
const two = 'MSH|^~\\&|B\rPID|2\r';
const messages = [
  { kind: 'message', text: one, number: 1 },
  { kind: 'message', text: two, number: 2 },
];

it.each([
  ['a stream of messages', one + two],
  ['a batch', `BHS|^~\\&\r${one}${two}BTS|2\r`],
  ['a file of batches', `FHS|^~\\&|X\rBHS|^~\\&\r${one}BTS|1\rBHS|^~\\&\r${two}BTS|1\rFTS|2\r`],
  ['a trailer without a field', `${one}${two}BTS\r`],
  ['blanks before messages', ` ${one}\r\n \t${two}`],
  ['frames of MLLP', `\x0b${one}\x1c\r\x0b${two}\x1c\r`],
])('splits %s', async (_, text) => {
  const items = await split([text]);
  expect(items.map((item) => ('text' in item ? { ...item, text: item.text.trimEnd() } : item))).toEqual(
    messages.map((item) => ({ ...item, text: item.text.trimEnd() })),
  );
});

it('finds the same wherever the file is cut', async () => {
  const text = `FHS|^~\\&|X\r\nBHS|^~\\&\r\n${one.replaceAll('\r', '\r\n')}\n${two.replaceAll('\r', '\n')}BTS|2\r\nFTS|1\r\n`;
  const whole = await split([text]);
  expect(whole).toHaveLength(2);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length)), async (cuts) => {
      const at = [0, ...[...cuts].sort((a, b) => a - b), text.length];
      const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
      expect(await split(chunks)).toEqual(whole);
    }),
  );
});

it('keeps nothing of a message that is too long, and goes on', async () => {
  const long = `MSH|^~\\&|L\r${'OBX|1|ST|x||y\r'.repeat(500)}`;
  expect(await split([one, long, two])).toEqual([
    messages[0],
    { kind: 'too-long', number: 2 },
    { kind: 'message', text: two, number: 3 },
  ]);
});

it('bounds a segment that never ends', async () => {
  const items = await split([
    'MSH|^~\\&|L',
    ...Array.from({ length: 100 }, () => 'x'.repeat(500)),
    `\r${one}`,
  ]);
  expect(items).toEqual([
    { kind: 'too-long', number: 1 },
    { kind: 'message', text: one, number: 2 },
  ]);
});

it('ends a message with its batch', async () => {
  expect(await split([`BHS|^~\\&\r${one}BTS|1\rNTE|1||after\rBHS|^~\\&\r${two}`])).toEqual([
    messages[0],
    { kind: 'stray', text: 'NTE|1||after\r' },
    messages[1],
    { kind: 'incomplete', reason: 'The file ends before its BTS or FTS: it may have been cut off' },
  ]);
});

it('hands on what belongs to no message', async () => {
  expect(await split([`PID|1\r\r\n${one}`])).toEqual([{ kind: 'stray', text: 'PID|1\r' }, messages[0]]);
});
