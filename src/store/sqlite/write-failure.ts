import { StoreBusyError } from '../contract/store.ts';

/** Why nothing is written into a file that was taken away: who opened it still could, and nobody would find it again. */
export const fileGone = 'The file of the store has been removed or replaced.';

const locked = /database is locked|database table is locked|SQLITE_BUSY/;

/** Another program holds the file. */
export function isLocked(reason: string): boolean {
  return locked.test(reason);
}

/** What is the state of the machine, and passes: the caller may try again. */
const passing: readonly (readonly [RegExp, string])[] = [
  [/database or disk is full|SQLITE_FULL/, 'The disk of the store is full.'],
  [/disk I\/O error|SQLITE_IOERR/, 'The disk of the store cannot be read or written.'],
  [locked, 'Another program has locked the store.'],
  [/The file of the store has been removed/, fileGone],
];

/** What the caller of a write is told. */
export function writeFailure(reason: string): Error {
  return passingFailure(reason) ?? new Error(`The write was not kept: ${reason}`);
}

/** Undefined for what does not pass by itself. */
export function passingFailure(reason: string): StoreBusyError | undefined {
  const known = passing.find(([pattern]) => pattern.test(reason));
  return known && new StoreBusyError(known[1]);
}
