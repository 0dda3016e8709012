import { createHash } from 'node:crypto';
import { isSameHash } from '../secrets/random-secret.ts';

/** RFC 7636, 4.2: what S256 makes of a verifier. */
export function isChallenge(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** RFC 7636, 4.6: is it the verifier that the challenge was made of? */
export function fitsChallenge(verifier: string | undefined, challenge: string): boolean {
  if (verifier === undefined || !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false;
  return isSameHash(createHash('sha256').update(verifier, 'ascii').digest('base64url'), challenge);
}
