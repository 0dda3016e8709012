import { type KeyObject, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Bundle, Immunization, Patient } from 'fhir/r4.js';

/** What a card is signed with; `kid` is the thumbprint of the public key (RFC 7638). */
export type CardKey = { readonly kid: string; readonly privateKey: KeyObject };

/** What is in one card: the doses follow the person, so that the first is `resource:1`. */
export type CardContent = { readonly patient: Patient; readonly doses: readonly Immunization[] };

export type CardFrame = {
  /** Where the keys lie, without a slash at the end. */
  readonly iss: string;
  /** Seconds since 1970. */
  readonly nbf: number;
  /** By what it can be revoked. */
  readonly rid: string;
};

/** What is signed: a verifiable credential in a JWT (SMART Health Cards, "Signing Health Cards"). */
export function toCredential({ iss, nbf, rid }: CardFrame, { patient, doses }: CardContent): object {
  const entry = [patient, ...doses].map((resource, i) => ({ fullUrl: `resource:${i}`, resource }));
  const fhirBundle: Bundle = { resourceType: 'Bundle', type: 'collection', entry };
  return {
    iss,
    nbf,
    vc: {
      type: ['https://smarthealth.cards#health-card'],
      credentialSubject: { fhirVersion: '4.0.1', fhirBundle },
      rid,
    },
  };
}

/** Deflated without a header, and signed by ES256 as JWS writes it: r and s behind each other (RFC 7518, 3.4). */
export function signCard(credential: object, { kid, privateKey }: CardKey): string {
  const header = Buffer.from(JSON.stringify({ zip: 'DEF', alg: 'ES256', kid })).toString('base64url');
  const payload = deflateRawSync(JSON.stringify(credential), { level: 9 }).toString('base64url');
  const signed = `${header}.${payload}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
