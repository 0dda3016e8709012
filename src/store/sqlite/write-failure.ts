import { StoreBusyError } from '../contract/store.ts';

/** What the caller of a write is told; a full disk is the state of the machine and passes once there is room. */
export function writeFailure(reason: string): Error {
  return /database or disk is full|SQLITE_FULL/.test(reason)
    ? new StoreBusyError('The disk of the store is full.')
    : new Error(`The write was not kept: ${reason}`);
}
