import { expect, it } from 'vitest';
import { openMongoStore } from '../../../src/store/mongo/mongo-store.ts';

it.each([
  ['mongodb://user:s3cret', 'JENNER_STORE: MongoDB cannot be used: a host or port of the URL cannot be read'],
  ['mongodb://us@er:s3cret@h/db', 'JENNER_STORE: MongoDB cannot be used: Invalid connection string'],
])('says of %s no more than what is wrong', async (url, message) => {
  const opened = openMongoStore({ url });
  await expect(opened).rejects.toThrow(message);
  await expect(opened).rejects.not.toThrow('s3cret');
});
