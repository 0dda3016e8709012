import { openAskedThread } from '../thread/asked-thread.ts';
import { startThread } from '../thread/start-thread.ts';
import { type PackedPiece, type Piece, packInPool } from './gzip-pieces.ts';

export type ToGzip = { readonly id: number; readonly piece: Piece };
/** `room`: what the bytes came in, to be used again. */
export type FromGzip = { readonly id: number; readonly room: ArrayBuffer } & PackedPiece;

const entry = new URL('./gzip-thread.js', import.meta.url);

/** Each file asks for one at a time. */
const mostWaiting = 1000;
/** A file of less is packed before a thread has begun. */
const small = 1024 * 1024;

export type PackPieces = (piece: Piece, before: number) => Promise<PackedPiece>;

/**
 * Packs what is much in a thread that comes after all others, which begins with the first of it and keeps no process from
 * its end.
 */
export function openThreadedGzip(): PackPieces {
  const { ask } = openAskedThread<ToGzip, FromGzip>({
    start: () => startThread(entry),
    mostWaiting,
    tooMany: () => new Error('too many files are packed at a time'),
    stopped: () => new Error('the thread that packs files has ended'),
    handsOver: ({ piece }) => [piece.bytes.buffer as ArrayBuffer],
  });
  // What is used again need not be collected: a thread that does little else looks for it late.
  const rooms: ArrayBuffer[] = [];
  /** A copy, which is handed over: the bytes may be part of a buffer that others use. */
  const copyOf = (bytes: Uint8Array): Uint8Array => {
    const known = rooms.pop();
    const room = known && known.byteLength >= bytes.length ? known : new ArrayBuffer(bytes.length);
    const copy = new Uint8Array(room, 0, bytes.length);
    copy.set(bytes);
    return copy;
  };
  return async (piece, before) => {
    if (before + piece.bytes.length < small) return packInPool(piece);
    const { room, packed, crc } = await ask((id) => ({
      id,
      piece: { ...piece, bytes: copyOf(piece.bytes) },
    }));
    if (rooms.length < mostRooms) rooms.push(room);
    return { packed, crc };
  };
}

/** As many files as are written at a time, mostly. */
const mostRooms = 4;
