import { createHash, createHmac, hkdfSync } from 'node:crypto';
import type { CardKey } from './health-card.ts';

/** The keys that cards are signed with: kept by others than sign tokens. */
export type CardKeys = {
  /** The one that signs. */
  readonly signer: () => Promise<CardKey>;
  /** Every one that ever signed and is published: what was signed must be good for years. */
  readonly all: () => Promise<readonly CardKey[]>;
  /** Their public parts (RFC 7517). */
  readonly publicKeys: () => Promise<readonly PublicCardKey[]>;
};

export type PublicCardKey = { readonly kid: string; readonly [member: string]: unknown };

/** RFC 7638, 3.2: the members that an EC key needs, in the order of the alphabet. */
export function thumbprintOf({ crv, kty, x, y }: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/**
 * By what the cards of a person that a key signed are revoked. It tells nobody who it is: 64 bits of an HMAC, under a secret that is
 * drawn from the key (SMART Health Cards, "Revocation").
 */
export function revocationId({ kid, privateKey }: CardKey, patientId: string): string {
  const key = privateKey.export({ format: 'der', type: 'pkcs8' });
  const secret = Buffer.from(hkdfSync('sha256', key, '', 'jenner health card revocation', 32));
  return createHmac('sha256', secret)
    .update(`${kid}|${patientId}`)
    .digest()
    .subarray(0, 8)
    .toString('base64url');
}
