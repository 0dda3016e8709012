import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealError, seal, unseal } from '../../../src/cli/backup/sealed-stream.ts';

const key = randomBytes(32);
const head = 16 + 32;
const mebibyte = 1024 * 1024;

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function gather(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const held: Buffer[] = [];
  for await (const chunk of chunks) held.push(chunk);
  return Buffer.concat(held);
}

const sealed = (plain: Buffer, piece = 65_536) => gather(seal(inPieces(plain, piece), key));
const unsealed = (bytes: Buffer, by = key) => gather(unseal(inPieces(bytes, 10_007), by));
const refused = (bytes: Buffer, by = key) => expect(unsealed(bytes, by)).rejects.toBeInstanceOf(SealError);

/** Mark and salt, and each frame. */
function framesOf(bytes: Buffer): readonly Buffer[] {
  const parts = [bytes.subarray(0, head)];
  for (let at = head; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at) + 4 + 16;
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return parts;
}

describe('a sealed stream', () => {
  it.each([0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte])(
    'of %d bytes comes back',
    async (size) => {
      const plain = randomBytes(size);
      for (const piece of [4096, 2 * mebibyte + 3]) {
        expect((await unsealed(await sealed(plain, piece))).equals(plain)).toBe(true);
      }
    },
  );

  it('shows nothing of what it holds, and is another each time', async () => {
    const plain = Buffer.alloc(1000, 'a name');
    const [one, other] = [await sealed(plain), await sealed(plain)];
    expect(one.includes('a name')).toBe(false);
    expect(one.subarray(head).equals(other.subarray(head))).toBe(false);
  });

  it('is refused with another key', async () => {
    await expect(unsealed(await sealed(Buffer.from('x')), randomBytes(32))).rejects.toThrow('the key is not');
  });

  it('is refused when any bit of it is another', async () => {
    const bytes = await sealed(randomBytes(300));
    const bit = fc.integer({ min: 0, max: bytes.length * 8 - 1 });
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        const flipped = Buffer.from(bytes);
        flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
        await refused(flipped);
      }),
    );
  });

  it('is refused when it is cut off anywhere, at the end of a frame too', async () => {
    const bytes = await sealed(randomBytes(2 * mebibyte + 10));
    const frames = framesOf(bytes);
    expect(frames).toHaveLength(4);
    const ends = frames.map((_, count) => Buffer.concat(frames.slice(0, count)));
    for (const cut of [...ends, bytes.subarray(0, -1), bytes.subarray(0, head + 10)]) await refused(cut);
  });

  it('is refused when frames are left out, repeated, in another order, or of another file', async () => {
    const plain = randomBytes(2 * mebibyte + 10);
    const [start, a, b, c] = framesOf(await sealed(plain)) as [Buffer, Buffer, Buffer, Buffer];
    const [, , other] = framesOf(await sealed(plain)) as [Buffer, Buffer, Buffer];
    for (const parts of [
      [a, c],
      [b, c],
      [b, a, c],
      [a, a, b, c],
      [a, b, c, c],
      [a, other, c],
      [a, b, c, Buffer.from('x')],
    ]) {
      await refused(Buffer.concat([start, ...parts]));
    }
  });
});
