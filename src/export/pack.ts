import { isGzip } from './file-type.ts';
import { openGzip } from './gzip-pieces.ts';
import type { PackPieces } from './threaded-gzip.ts';

export type Packing = {
  /** Resolves when more may be packed; rejects where `take` has. What is given must not change after it. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Resolves with the size of what came of it when all was taken. */
  readonly end: () => Promise<number>;
  /** Nothing is taken after it. */
  readonly stop: () => Promise<void>;
};

const usualLevel = 6;

export type PackedFile = {
  /** Says whether it is packed. */
  readonly name: string;
  readonly level?: number | undefined;
  /** Where. */
  readonly pack: PackPieces;
};

/** Packs by gzip what is to be packed. `take` is given one piece after the other. */
export function packInto(
  take: (packed: Buffer) => Promise<void>,
  { name, level = usualLevel, pack }: PackedFile,
): Packing {
  const gzip = isGzip(name) ? openGzip(level, pack) : undefined;
  let bytes = 0;
  const hand = async (packed: Buffer) => {
    if (packed.length > 0) await take(packed);
    bytes += packed.length;
  };
  let last: Promise<void> = Promise.resolve();
  return {
    // While a piece is packed, the next one is got.
    write: async (piece) => {
      await last;
      last = (
        gzip ? gzip.add(piece) : Promise.resolve(Buffer.from(piece.buffer, piece.byteOffset, piece.length))
      ).then(hand);
      // A failure is told to whoever writes or ends next.
      last.catch(() => undefined);
    },
    end: async () => {
      await last;
      if (gzip) await hand(gzip.end());
      return bytes;
    },
    stop: () => last.catch(() => undefined),
  };
}
