import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openGzip, packInPool, packPiece } from '../../src/export/gzip-pieces.ts';
import { packInto } from '../../src/export/pack.ts';
import { openThreadedGzip } from '../../src/export/threaded-gzip.ts';

async function packed(pieces: readonly Uint8Array[], level = 6): Promise<Buffer> {
  const gzip = openGzip(level, async (piece) => packPiece(piece));
  const parts: Buffer[] = [];
  for (const piece of pieces) parts.push(await gzip.add(piece));
  return Buffer.concat([...parts, gzip.end()]);
}

/** Small and large beside each other, with much that comes again. */
const piece = fc
  .tuple(fc.uint8Array({ maxLength: 50 }), fc.integer({ min: 0, max: 3000 }))
  .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes)));

describe('a gzip file that is packed piece by piece', () => {
  it('holds what was packed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        async (all, level) => {
          expect(gunzipSync(await packed(all, level)).equals(Buffer.concat(all))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is one file and not several: a client may read the first alone', async () => {
    const file = await packed([Buffer.from('one\n'), Buffer.from('two\n')]);
    // Bytes behind a whole file are another one, whose head this would be.
    expect(file.indexOf(Buffer.of(0x1f, 0x8b, 8), 1)).toBe(-1);
    expect(gunzipSync(file).toString()).toBe('one\ntwo\n');
  });

  it('is whole with nothing in it', async () => {
    expect(gunzipSync(await packed([]))).toHaveLength(0);
    expect(gunzipSync(await packed([Buffer.alloc(0)]))).toHaveLength(0);
  });

  it('says what comes again where it was, over several pieces', async () => {
    const noise = randomBytes(20_000);
    const small = Buffer.from('a short piece\n');
    expect((await packed([noise, small, noise])).length).toBeLessThan(21_000);
  });
});

describe('packing', () => {
  const text = (n: number) => Buffer.from(`${'line '.repeat(100)}${n}\n`.repeat(400));

  it('is in the pool as in a thread, which begins where there is much', async () => {
    const pack = openThreadedGzip();
    const pieces = Array.from({ length: 12 }, (_, n) => text(n));
    const parts: Buffer[] = [];
    const packing = packInto(async (bytes) => void parts.push(bytes), { name: 'a.ndjson.gz', pack });
    for (const one of pieces) await packing.write(one);
    expect(await packing.end()).toBe(Buffer.concat(parts).length);
    expect(Buffer.concat(parts).equals(await packed(pieces))).toBe(true);
    // What was given is still there for others.
    expect(pieces.every((one, n) => one.equals(text(n)))).toBe(true);
  });

  it('tells whoever writes next that a piece could not be taken', async () => {
    const full = new Error('no room');
    const packing = packInto(() => Promise.reject(full), { name: 'a.ndjson.gz', pack: packInPool });
    await packing.write(text(1));
    await expect(packing.write(text(2))).rejects.toBe(full);
    await expect(packing.end()).rejects.toBe(full);
    await packing.stop();
  });

  it('leaves alone what is packed by itself', async () => {
    const parts: Buffer[] = [];
    const packing = packInto(async (bytes) => void parts.push(bytes), {
      name: 'a.parquet',
      pack: packInPool,
    });
    await packing.write(text(1));
    expect(await packing.end()).toBe(text(1).length);
    expect(Buffer.concat(parts).equals(text(1))).toBe(true);
  });
});
