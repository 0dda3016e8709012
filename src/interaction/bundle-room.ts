import { Problem } from '../fhir/problem.ts';
import { type LongText, lengthOf } from '../values/long-text.ts';

/** So many characters may what the entries of a Bundle are answered have together: it goes out as one text. */
export const answerRoom = 32 * 1024 * 1024;

/** So many may the resources have that a transaction reads and writes: all of them are held until it is kept. */
export const transactionRoom = 128 * 1024 * 1024;

/** What is left of the room for one Bundle. */
export type BundleRoom = {
  /** Throws 413 when there is no room left. */
  readonly require: () => void;
  /** Notes what is held. */
  readonly take: (text: LongText | undefined) => void;
};

export function openBundleRoom(room: number): BundleRoom {
  let left = room;
  return {
    require: () => {
      if (left > 0) return;
      const text = `What the entries of the Bundle read or write has more than ${room / 1024 / 1024} MiB; send fewer in one`;
      throw new Problem('too-large', text);
    },
    take: (text = '') => {
      left -= lengthOf(text);
    },
  };
}
