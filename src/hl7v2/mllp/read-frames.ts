/** What MLLP puts around a message (HL7 v2 Transport Specification: MLLP, release 1). */
export const startBlock = 0x0b;
export const endBlock = 0x1c;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** One thing that came over a connection. */
export type Frame =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** So many bytes of a message came that no more of it is taken; `head`: how it begins. */
  | { readonly kind: 'too-large'; readonly head: Uint8Array }
  /** Bytes outside of any block. */
  | { readonly kind: 'garbage' };

export type FrameReader = {
  /** What the bytes complete, in order. After `too-large` or `garbage` nothing more is read. */
  readonly take: (chunk: Uint8Array) => readonly Frame[];
  /** Whether a message has begun and not ended. */
  readonly isWithin: () => boolean;
};

/** So much of a message that is too large is kept, for its MSH. */
const headLength = 4096;

/**
 * Blocks out of a stream of bytes, wherever packets end. Careless senders leave out the CR behind a block, or put line ends
 * between blocks: both are passed over.
 */
export function openFrameReader(mostBytes: number): FrameReader {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let state: 'outside' | 'within' | 'over' = 'outside';
  const begin = () => {
    pieces = [];
    length = 0;
    state = 'within';
  };
  /** Where what follows in the chunk begins. */
  const readWithin = (chunk: Uint8Array, at: number, frames: Frame[]): number => {
    const end = endIn(chunk, at);
    const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
    pieces.push(piece);
    length += piece.length;
    if (length > mostBytes) {
      frames.push({ kind: 'too-large', head: Buffer.concat(pieces).subarray(0, headLength) });
      state = 'over';
      return chunk.length;
    }
    if (end < 0) return chunk.length;
    frames.push({ kind: 'message', bytes: Buffer.concat(pieces) });
    pieces = [];
    state = 'outside';
    return end + 1;
  };
  const readOutside = (chunk: Uint8Array, at: number, frames: Frame[]): number => {
    const byte = chunk[at];
    if (byte === startBlock) begin();
    else if (byte !== carriageReturn && byte !== lineFeed) {
      frames.push({ kind: 'garbage' });
      state = 'over';
    }
    return at + 1;
  };
  return {
    take: (chunk) => {
      const frames: Frame[] = [];
      let at = 0;
      while (at < chunk.length && state !== 'over') {
        at = state === 'within' ? readWithin(chunk, at, frames) : readOutside(chunk, at, frames);
      }
      return frames;
    },
    isWithin: () => state === 'within',
  };
}

/** Where the block ends. What neither a line end nor another block follows is a sign in a text, and ends nothing. */
function endIn(chunk: Uint8Array, from: number): number {
  let end = chunk.indexOf(endBlock, from);
  while (end >= 0 && !mayFollow(chunk[end + 1])) end = chunk.indexOf(endBlock, end + 1);
  return end;
}

const mayFollow = (byte: number | undefined): boolean =>
  byte === undefined || byte === carriageReturn || byte === lineFeed || byte === startBlock;

/** A message in its block. */
export function toFrame(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(startBlock), message, Uint8Array.of(endBlock, carriageReturn)]);
}
