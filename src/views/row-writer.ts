import type { Row } from './compile-view.ts';

/** Writes rows one after the other. */
export type RowWriter = {
  /** Throws a ViewError of a value that its column cannot hold. */
  readonly add: (row: Row) => void;
  /** What is written of the rows and was not taken yet; some of it may come later. */
  readonly take: () => Uint8Array;
  /** The rest of a whole table; rows that are added then are of the next one. */
  readonly finish: () => Uint8Array;
};

const encoder = new TextEncoder();

/** Of a writer whose rows are text. */
export function openText() {
  let pieces: string[] = [];
  return {
    add: (piece: string): void => void pieces.push(piece),
    take: (): Uint8Array => {
      const bytes = encoder.encode(pieces.join(''));
      pieces = [];
      return bytes;
    },
  };
}
