import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { messageCollection, textsIn, toTextRecord } from '../../../../src/hl7v2/kept/kept-message.ts';

const packed = (text: string) => deflateRawSync(text).toString('base64');
const read = (value: string) => textsIn({ collection: messageCollection, key: 'v2-1', value });

it('gives back a message and its answer as they were', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((some) => `MSH|^~\\&|${some}\r`.repeat(200)),
  );
  fc.assert(
    fc.property(text, text, (message, answer) => {
      const change = toTextRecord('v2-1', { message, answer }, undefined);
      if (change.kind !== 'put') throw new Error('nothing was put');
      expect(textsIn(change.record)).toEqual({ message, answer });
    }),
  );
});

it('reads what earlier releases packed', () => {
  const texts = { message: 'MSH|^~\\&|1:2\r', answer: '["MSA"]' };
  const each = { message: packed(texts.message), answer: packed(texts.answer) };
  expect(read(JSON.stringify(each))).toEqual(texts);
  expect(read(packed(JSON.stringify([texts.message, texts.answer])))).toEqual(texts);
});
