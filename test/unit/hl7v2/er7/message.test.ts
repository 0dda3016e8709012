import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usualDelimiters } from '../../../../src/hl7v2/er7/delimiters.ts';
import { escapeText, unescapeText } from '../../../../src/hl7v2/er7/escapes.ts';
import { parseMessage, segmentOf, segmentsOf } from '../../../../src/hl7v2/er7/message.ts';
import {
  componentOf,
  rawField,
  repetitionsOf,
  textAt,
  textOf,
  withField,
} from '../../../../src/hl7v2/er7/piece.ts';
import { writeMessage, writeSegment } from '../../../../src/hl7v2/er7/write-segment.ts';
import { toEr7 } from './to-er7.ts';

function parsed(text: string) {
  const message = parseMessage(text);
  if ('kind' in message) throw new Error(message.reason);
  return message;
}

describe('a message in ER7', () => {
  it('gives back what was parsed, whatever ended the segments', () => {
    const text = 'MSH|^~\\&|a\rPID|1\nPID|2\r\n\rZZZ|x';
    expect(toEr7(parsed(text))).toBe(text);
    expect(parsed(text).segments.map(({ name, occurrence }) => [name, occurrence])).toEqual([
      ['MSH', 1],
      ['PID', 1],
      ['PID', 2],
      ['', 1],
      ['ZZZ', 1],
    ]);
  });

  it('gives back any text that begins with a header', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('|', '^', '~', '&', '\\', '\r', '\n', 'P', 'é', '"') }),
        (rest) => {
          const text = `MSH|^~\\&|${rest}`;
          expect(toEr7(parsed(text))).toBe(text);
        },
      ),
    );
  });

  it('counts the fields of a header from the delimiter itself', () => {
    const msh = segmentOf(parsed('MSH|^~\\&|app^1.2^ISO|\r'), 'MSH');
    if (!msh) throw new Error('no MSH');
    expect(rawField(msh, 1)).toBe('|');
    expect(rawField(msh, 2)).toBe('^~\\&');
    expect(repetitionsOf(msh, 2).map(({ raw }) => raw)).toEqual(['^~\\&']);
    expect(textAt(msh, { field: 3, component: 2 })).toBe('1.2');
  });

  it('reads what it is parted by from its own header', () => {
    const pid = segmentOf(parsed('MSH$*!?%$\rPID$1$$a*b%c!d$x?F?y\r'), 'PID');
    if (!pid) throw new Error('no PID');
    expect(textAt(pid, { field: 3, component: 2, subcomponent: 2 })).toBe('c');
    expect(textAt(pid, { field: 3, repetition: 2 })).toBe('d');
    expect(textAt(pid, { field: 4 })).toBe('x$y');
  });

  it.each(['MSH|^~\\\\&|', 'MSH|^~&|', 'MSH|', 'MSH|^~', 'MSH|^~\\&#|'])(
    'reads %s by the usual delimiters',
    (text) => {
      expect(parsed(text).delimiters).toEqual(usualDelimiters);
    },
  );

  it.each([
    ['PID|1', 'a message begins with the segment MSH'],
    ['', 'a message begins with the segment MSH'],
    ['MSH', 'MSH-1 and MSH-2 do not declare five distinct delimiters'],
    ['MSH|^^\\&|', 'MSH-1 and MSH-2 do not declare five distinct delimiters'],
    ['MSHA^~\\&A', 'MSH-1 and MSH-2 do not declare five distinct delimiters'],
  ])('says why %j is none', (text, reason) => {
    expect(parseMessage(text)).toEqual({ kind: 'no-message', reason });
  });

  it('has no text where nothing or "" was sent', () => {
    const pid = segmentOf(parsed('MSH|^~\\&|\rPID|""| |^x|'), 'PID');
    if (!pid) throw new Error('no PID');
    expect([1, 2, 3, 9].map((field) => textAt(pid, { field }))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(repetitionsOf(pid, 9)).toEqual([]);
    expect(textOf(componentOf({ raw: 'a^b', delimiters: usualDelimiters }, 2))).toBe('b');
  });

  it('puts a field, also beyond the last', () => {
    const [pid] = segmentsOf(parsed('MSH|^~\\&|\rPID|1|2\r'), 'PID');
    if (!pid) throw new Error('no PID');
    expect(withField(pid, 2, '').raw).toBe('PID|1|');
    expect(withField(pid, 4, 'x').raw).toBe('PID|1|2||x');
  });
});

describe('escapes', () => {
  it.each([...'|^~\\&'])('writes %s as a sequence, whoever declares it', (mark) => {
    const written = escapeText(`a${mark}b`, usualDelimiters);
    expect(written).toMatch(/^a\\[FSRET]\\b$/);
    expect(escapeText(`a${mark}b`, { ...usualDelimiters })).toBe(written);
  });

  it.each([
    ['a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f', 'a|b^c&d~e\\f'],
    ['one\\.br\\two', 'one\ntwo'],
    ['\\X4142\\', 'AB'],
    ['\\XC3A9\\', 'é'],
    ['\\XE9\\', 'é'],
    ['\\H\\bold\\N\\', 'bold'],
    ['\\.sp2\\x\\.sk\\y', '\n\nx y'],
    ['C:\\dir', 'C:\\dir'],
    ['\\Zxx\\ and \\F\\', '\\Zxx\\ and |'],
  ])('%s is %j', (raw, text) => {
    expect(unescapeText(raw, usualDelimiters)).toBe(text);
  });

  it('stand for control characters, which would end a block of MLLP or be no XML', () => {
    expect(escapeText('a\x00b\x0bc\x1c\rd\te\x7f', usualDelimiters)).toBe(
      'a\\X00\\b\\X0B\\c\\X1C\\\\X0D\\d\te\\X7F\\',
    );
  });

  it('bring any text through a segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const trimmed = text.trim();
        const message = parsed(
          writeMessage(['MSH|^~\\&|', writeSegment('PID', { 3: [trimmed], 5: [[undefined, trimmed]] })]),
        );
        const pid = segmentOf(message, 'PID');
        const kept = pid && textAt(pid, { field: 3 });
        expect(kept ?? '').toBe(trimmed === '""' ? '' : trimmed);
        expect(pid && (textAt(pid, { field: 5, subcomponent: 2 }) ?? '')).toBe(
          trimmed === '""' ? '' : trimmed,
        );
        expect(unescapeText(escapeText(text, usualDelimiters), usualDelimiters)).toBe(text);
      }),
    );
  });
});

describe('a written segment', () => {
  it('leaves out what is empty at the end', () => {
    expect(
      writeSegment('PID', { 1: '1', 3: ['x', undefined, ['a', '1.2', 'ISO'], 'MR', undefined], 9: '' }),
    ).toBe('PID|1||x^^a&1.2&ISO^MR');
    expect(writeSegment('PID', { 3: { repetitions: [['a', 'b'], 'c~d', undefined] } })).toBe(
      'PID|||a^b~c\\R\\d',
    );
  });

  it('has the delimiters in a header', () => {
    expect(writeSegment('MSH', { 3: 'Jenner', 9: ['ACK', 'V04', 'ACK'] })).toBe(
      'MSH|^~\\&|Jenner||||||ACK^V04^ACK',
    );
  });
});
