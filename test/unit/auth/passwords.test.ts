import { afterEach, expect, it } from 'vitest';
import { isGoodPassword, openPasswords } from '../../../src/auth/secrets/passwords.ts';

const passwords = openPasswords();
afterEach(() => passwords.close());

it('keeps argon2id hashes, and knows the password again', async () => {
  const hash = await passwords.hash('Grüße aus Böblingen');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.verify('Grüße aus Böblingen'.normalize('NFD'), hash)).toBe(true);
  expect(await passwords.verify('Grüsse aus Böblingen', hash)).toBe(false);
  expect(await passwords.hash('Grüße aus Böblingen')).not.toBe(hash);
});

it('knows no password of who has none', async () => {
  expect(await passwords.verify('anything at all', undefined)).toBe(false);
});

it.each([
  ['seven77', false],
  ['eight888', true],
  ['aaaaaaaaaaaa', false],
  ['ann-the-nurse', false],
  ['x1y2z3w4'.repeat(33), false],
  ['with\u0000zero-in-it', false],
])('judges %j as %s', (password, good) => {
  expect(isGoodPassword(password, 'Ann-the-Nurse')).toBe(good);
});
