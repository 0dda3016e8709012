import { Buffer } from 'node:buffer';
import { type Cursor, InvalidCursorError } from '../contract/store.ts';

/** Where a page of a history ended: the time, the key and the number of its last version. */
export type Position = { readonly at: number; readonly key: string; readonly version: number };

export function writePosition({ at, key, version }: Position): Cursor {
  return Buffer.from(JSON.stringify([at, key, version])).toString('base64url');
}

export function readPosition(cursor: Cursor): Position {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(read) && read.length === 3) {
      const [at, key, version] = read as readonly unknown[];
      if (typeof at === 'number' && typeof key === 'string' && typeof version === 'number') {
        return { at, key, version };
      }
    }
  } catch (cause) {
    throw new InvalidCursorError('The cursor cannot be read.', { cause });
  }
  throw new InvalidCursorError('The cursor was not made by this store for a history.');
}
