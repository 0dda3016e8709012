import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, openFrameReader, toFrame } from '../../../../src/hl7v2/mllp/read-frames.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const shown = (frames: readonly Frame[]) =>
  frames.map((frame) =>
    frame.kind === 'message' ? Buffer.from(frame.bytes).toString('latin1') : frame.kind,
  );

function readAll(chunks: readonly Uint8Array[], most = 1000) {
  const reader = openFrameReader(most);
  return { frames: shown(chunks.flatMap((chunk) => reader.take(chunk))), isWithin: reader.isWithin() };
}

describe('blocks of MLLP', () => {
  it('are read wherever packets end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('M', 'S', 'H', '|', '\r', '\n') }), { maxLength: 5 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 40 }),
        (messages, cuts) => {
          const all = Buffer.concat(messages.map((message) => toFrame(bytes(message))));
          const chunks: Uint8Array[] = [];
          for (let at = 0, n = 0; at < all.length; n++) {
            const size = 1 + (cuts[n % cuts.length] ?? 0);
            chunks.push(all.subarray(at, at + size));
            at += size;
          }
          expect(readAll(chunks)).toEqual({ frames: messages, isWithin: false });
        },
      ),
    );
  });

  it.each([
    ['without the CR behind it', '\x0bMSH|a\x1c\x0bMSH|b\x1c', ['MSH|a', 'MSH|b']],
    ['with line ends between them', '\x0bMSH|a\x1c\r\n\r\n\x0bMSH|b\x1c\r', ['MSH|a', 'MSH|b']],
    ['with the sign of their end within', '\x0bMSH|a\x1cb\x1c\r\x0bMSH|c\x1c\r', ['MSH|a\x1cb', 'MSH|c']],
    ['of nothing', '\x0b\x1c\r', ['']],
    ['after garbage', 'x\x0bMSH|a\x1c\r', ['garbage']],
    ['before garbage', '\x0bMSH|a\x1c\rGET / HTTP/1.1', ['MSH|a', 'garbage']],
  ])('are read %s', (_, text, expected) => {
    expect(readAll([bytes(text)]).frames).toEqual(expected);
  });

  it('that begin and do not end are waited for', () => {
    expect(readAll([bytes('\x0bMSH|'), bytes('a')])).toEqual({ frames: [], isWithin: true });
  });

  it('that are too large are refused as soon as they are, with their head, and nothing behind them is read', () => {
    expect(readAll([bytes('\x0b12345'), bytes('678901')], 10)).toEqual({
      frames: ['too-large'],
      isWithin: false,
    });
    expect(readAll([bytes('\x0b1234567890\x1c\r')], 10).frames).toEqual(['1234567890']);
    const [frame] = openFrameReader(10).take(bytes('\x0bMSH|^~\\&|12345\x1c\r\x0bMSH\x1c'));
    expect(frame).toEqual({ kind: 'too-large', head: bytes('MSH|^~\\&|12345') });
  });
});
