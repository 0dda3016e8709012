import { constants, crc32, deflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';

/** A part of a file, and what must be known of the parts before it. */
export type Piece = {
  readonly bytes: Uint8Array;
  /** The end of what comes before it: the same texts are told by where they were. */
  readonly window: Uint8Array;
  /** Of all that comes before it. */
  readonly crc: number;
  readonly level: number;
};

export type PackedPiece = {
  readonly packed: Uint8Array;
  readonly crc: number;
};

/** As far back as deflate looks. */
const windowSize = 32 * 1024;
/** What zlib hands on at once. */
const chunkSize = 256 * 1024;

/** RFC 1951: blocks that end at a whole byte, none of them the last, so that those of the next piece may follow. */
function optionsOf({ window, level }: Piece): ZlibOptions {
  const finishFlush = constants.Z_SYNC_FLUSH;
  return { level, chunkSize, finishFlush, ...(window.length > 0 && { dictionary: window }) };
}

/** In this thread. */
export function packPiece(piece: Piece): PackedPiece {
  return { packed: deflateRawSync(piece.bytes, optionsOf(piece)), crc: crc32(piece.bytes, piece.crc) };
}

/** In the thread pool. */
export function packInPool(piece: Piece): Promise<PackedPiece> {
  return new Promise((resolve, reject) => {
    deflateRaw(piece.bytes, optionsOf(piece), (failure, packed) => {
      if (failure) reject(failure);
      else resolve({ packed, crc: crc32(piece.bytes, piece.crc) });
    });
  });
}

/** RFC 1952: of a file that nobody named, at no time, on Unix. */
const head = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
/** A last block with nothing in it. */
const lastBlock = Uint8Array.of(3, 0);

/**
 * One gzip file of pieces that are packed one after the other, each wherever there is a thread for it (pigz does so too).
 * `pack` says where.
 */
export function openGzip(level: number, pack: (piece: Piece, before: number) => Promise<PackedPiece>) {
  let window: Uint8Array = new Uint8Array(0);
  let [crc, size] = [0, 0];
  const headOnce = () => (size === 0 ? head : new Uint8Array(0));
  return {
    /** Not before the one before has resolved. */
    add: async (bytes: Uint8Array): Promise<Buffer> => {
      if (bytes.length === 0) return Buffer.alloc(0);
      const done = await pack({ bytes, window, crc, level }, size);
      const packed = Buffer.concat([headOnce(), done.packed]);
      crc = done.crc;
      size += bytes.length;
      const end = bytes.subarray(-windowSize);
      // A copy of its own: a part of a larger buffer goes to a thread with all of it.
      window = new Uint8Array(
        end.length < windowSize ? Buffer.concat([window, end]).subarray(-windowSize) : end,
      );
      return packed;
    },
    end: (): Buffer => {
      const foot = Buffer.alloc(8);
      foot.writeUInt32LE(crc, 0);
      foot.writeUInt32LE(size % 2 ** 32, 4);
      return Buffer.concat([headOnce(), lastBlock, foot]);
    },
  };
}
