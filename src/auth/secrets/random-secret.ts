import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits from the system, in letters that a URL and a header can carry. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Names what may be told on a command line: it begins with no dash. */
export function newPublicId(): string {
  return randomBytes(16).toString('hex');
}

/**
 * What is kept of a secret that was drawn at random: nobody can guess 256 bits, so a fast hash is enough, and the store
 * holds nothing that could be used.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** In a time that does not depend on where they differ. */
export function isSameHash(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
