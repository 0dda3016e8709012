import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import type { Immunization, Patient } from 'fhir/r4.js';
import { calculateJwkThumbprint, compactVerify } from 'jose';
import { Directory, SHCReader } from 'kill-the-clipboard';
import { describe, expect, it } from 'vitest';
import { revocationId, thumbprintOf } from '../../../../src/registry/health-cards/card-keys.ts';
import { cutCards, longestCard } from '../../../../src/registry/health-cards/cut-cards.ts';
import { signCard, toCredential } from '../../../../src/registry/health-cards/health-card.ts';

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = thumbprintOf(jwk);
  return { kid, privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'ES256' } };
}

const key = newKey();
const iss = 'https://jenner.test/cards';
const frame = { iss, nbf: 1_700_000_000, rid: 'AAAAAAAAAAA' };
const person: Patient = { resourceType: 'Patient', name: [{ family: 'Lee' }], birthDate: '2021-07-02' };
const dose = (day: string): Immunization => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
  patient: { reference: 'resource:0' },
  occurrenceDateTime: day,
});
const content = { patient: person, doses: [dose('2022-07-02'), dose('2025-07-02')] };
const credential = toCredential(frame, content);
const card = signCard(credential, key);
const partsOf = (jws: string) => jws.split('.') as [string, string, string];
const decode = (part: string) => Buffer.from(part, 'base64url');

describe('a card', () => {
  it('has a header of three members', () => {
    expect(JSON.parse(decode(partsOf(card)[0]).toString())).toEqual({
      zip: 'DEF',
      alg: 'ES256',
      kid: key.kid,
    });
  });

  it('is minified JSON, deflated without a header', () => {
    const text = inflateRawSync(decode(partsOf(card)[1])).toString();
    expect(text).toBe(JSON.stringify(JSON.parse(text)));
    expect(JSON.parse(text)).toEqual({
      iss,
      nbf: 1_700_000_000,
      vc: {
        type: ['https://smarthealth.cards#health-card'],
        credentialSubject: {
          fhirVersion: '4.0.1',
          fhirBundle: {
            resourceType: 'Bundle',
            type: 'collection',
            entry: [
              { fullUrl: 'resource:0', resource: person },
              { fullUrl: 'resource:1', resource: dose('2022-07-02') },
              { fullUrl: 'resource:2', resource: dose('2025-07-02') },
            ],
          },
        },
        rid: 'AAAAAAAAAAA',
      },
    });
  });

  it('has a signature of 64 bytes', () => {
    const [header, payload, signature] = partsOf(card);
    expect(decode(signature)).toHaveLength(64);
    const publicKey = createPublicKey(key.privateKey);
    const signed = Buffer.from(`${header}.${payload}`);
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', signed, how, decode(signature))).toBe(true);
  });

  it('is verified by jose, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (family) => {
        const made = toCredential(frame, { ...content, patient: { ...person, name: [{ family }] } });
        const { payload } = await compactVerify(signCard(made, key), createPublicKey(key.privateKey));
        expect(JSON.parse(inflateRawSync(payload).toString())).toEqual(made);
      }),
      { numRuns: 30 },
    );
  });
});

/** What a key is known by is what jose and RFC 7638 say. */
it('names a key by its thumbprint', async () => {
  for (let i = 0; i < 5; i++) {
    const { kid, jwk } = newKey();
    expect(kid).toBe(await calculateJwkThumbprint(jwk as never));
  }
  const known = {
    kty: 'EC',
    use: 'sig',
    alg: 'ES256',
    crv: 'P-256',
    x: '11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw',
    y: 'eZXwxvO1hvCY0KucrPfKo7yAyMT6Ajc3N7OkAB6VYy8',
  };
  expect(thumbprintOf(known)).toBe('3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s');
});

describe('an independent reader', () => {
  const directory = (rids: readonly string[] = []) =>
    Directory.fromJSON({
      issuerInfo: [
        {
          issuer: { iss, name: 'Jenner' },
          keys: [{ ...key.jwk, ...(rids.length > 0 && { crlVersion: 1 }) }],
          ...(rids.length > 0 && { crls: [{ kid: key.kid, method: 'rid', ctr: 1, rids: [...rids] }] }),
        },
      ],
    } as never);
  const reader = (rids?: readonly string[]) => new SHCReader({ issuerDirectory: directory(rids) });

  it('accepts it, and reads what is in it', async () => {
    const read = await new SHCReader({ publicKey: key.jwk as never }).fromJWS(card);
    const bundle = read.getOriginalBundle();
    expect(bundle.entry?.map((one: { fullUrl?: string }) => one.fullUrl)).toEqual([
      'resource:0',
      'resource:1',
      'resource:2',
    ]);
    expect(await (await reader().fromJWS(card)).asBundle()).toBeDefined();
  });

  it('reads it from its QR code', async () => {
    const read = await new SHCReader({ publicKey: key.jwk as never }).fromJWS(card);
    const digits = read.asQRNumeric();
    expect(digits).toHaveLength(1);
    expect(digits[0]).toMatch(/^shc:\/[0-9]+$/);
    const again = await new SHCReader({ publicKey: key.jwk as never }).fromQRNumeric(digits[0] as string);
    expect(again.asJWS()).toBe(card);
  });

  it('refuses one that was changed', async () => {
    const [header, payload, signature] = partsOf(card);
    const other = signCard(toCredential({ ...frame, nbf: 1 }, content), key).split('.')[1];
    for (const changed of [
      `${header}.${other}.${signature}`,
      `${header}.${payload}.${signature.replace(/^./, (one) => (one === 'A' ? 'B' : 'A'))}`,
    ]) {
      await expect(new SHCReader({ publicKey: key.jwk as never }).fromJWS(changed)).rejects.toThrow();
    }
  });

  it('refuses one that another key has signed under this name', async () => {
    const forged = signCard(credential, { ...newKey(), kid: key.kid });
    await expect(new SHCReader({ publicKey: key.jwk as never }).fromJWS(forged)).rejects.toThrow();
  });

  it('refuses one whose time is over', async () => {
    const expired = signCard({ ...credential, exp: 1_700_000_001 }, key);
    await expect(new SHCReader({ publicKey: key.jwk as never }).fromJWS(expired)).rejects.toThrow(/expired/i);
  });

  it('refuses one that is revoked, and not one that is newer', async () => {
    await expect(reader([`${frame.rid}.1700000001`]).fromJWS(card)).rejects.toThrow(/revoked/i);
    expect(await reader([`${frame.rid}.1699999999`]).fromJWS(card)).toBeDefined();
    expect(await reader(['BBBBBBBBBBB.1700000001']).fromJWS(card)).toBeDefined();
  });
});

it('revokes by a name that tells nobody who it is, and another for each key and person', () => {
  const other = newKey();
  const rids = [revocationId(key, 'p1'), revocationId(key, 'p2'), revocationId(other, 'p1')];
  expect(new Set(rids).size).toBe(3);
  for (const rid of rids) expect(rid).toMatch(/^[A-Za-z0-9_-]{11}$/);
  expect(revocationId(key, 'p1')).toBe(rids[0]);
});

describe('cards that are cut', () => {
  it('hold everything once in its order, each short enough where that can be', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1500 })), (sizes) => {
        const toCard = (items: readonly number[]) => 'x'.repeat(items.reduce((sum, one) => sum + one, 0));
        const cuts = cutCards(sizes, toCard);
        expect(cuts.flatMap(({ items }) => items)).toEqual(sizes);
        for (const { card: made, items } of cuts) {
          expect(made).toBe(toCard(items));
          expect(items.length === 1 || made.length <= longestCard).toBe(true);
        }
      }),
    );
  });

  it('are one where one is enough, at the most', () => {
    const toCard = (items: readonly number[]) => 'x'.repeat(items.length);
    const many = Array.from({ length: longestCard }, (_, i) => i);
    expect(cutCards(many, toCard)).toHaveLength(1);
    expect(cutCards([...many, 1], toCard)).toHaveLength(2);
    expect(cutCards([], toCard)).toEqual([]);
  });
});
