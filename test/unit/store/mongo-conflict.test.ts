import { MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { StoreBusyError } from '../../../src/store/contract/store.ts';
import { toStoreError } from '../../../src/store/mongo/store-errors.ts';

describe('what MongoDB says of a write that others were in the way of', () => {
  it.each([
    ['WriteConflict', 112],
    ['a deadlock of DocumentDB', 16_908_292],
  ])('%s is busy, not a fault of ours', (_, code) => {
    const told = toStoreError(new MongoServerError({ message: 'in conflict', code }));
    expect(told).toBeInstanceOf(StoreBusyError);
  });

  it('leaves what it does not know as it is', () => {
    const unknown = new MongoServerError({ message: 'a bad query', code: 2 });
    expect(toStoreError(unknown)).toBe(unknown);
  });
});
