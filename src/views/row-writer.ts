import type { Cell } from './column-kind.ts';

/** Writes rows one after the other; what is not written yet is in `finish`. */
export type RowWriter = {
  readonly write: (rows: readonly (readonly Cell[])[]) => Uint8Array;
  readonly finish: () => Uint8Array;
};
