import { generateKeyPairSync } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { Directory, SHCReader } from 'kill-the-clipboard';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passingSeal } from '../../src/auth/secrets/key-file.ts';
import { openHealthCards } from '../../src/open-health-cards.ts';
import { performOperation, requireOperation } from '../../src/operation/perform-operation.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { create, doseFor, personIn, report } from './identity-world.ts';
import { openTestServer, openTestStore, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ matching: 'automatic', clockStep: 10 });
});
afterAll(() => server.close());

const iss = 'https://jenner.test/cards';
const jwksUrl = '/cards/.well-known/jwks.json';

// biome-ignore lint/suspicious/noExplicitAny: a card is JSON of any shape
function payloadOf(card: string): any {
  return JSON.parse(inflateRawSync(Buffer.from(card.split('.')[1] ?? '', 'base64url')).toString());
}

type Parameter = { readonly name: string; readonly valueString?: string; readonly part?: readonly object[] };

async function issue(id: string, query = 'credentialType=Immunization') {
  const { status, body } = await server.get(`/fhir/Patient/${id}/$health-cards-issue?${query}`);
  const parameters = (body.parameter ?? []) as readonly Parameter[];
  const cards = parameters.flatMap(({ name, valueString }) =>
    name === 'verifiableCredential' && valueString !== undefined ? [valueString] : [],
  );
  const links = parameters.filter(({ name }) => name === 'resourceLink').map(({ part }) => part);
  return { status, body, cards, links };
}

async function onlyCard(id: string, query?: string): Promise<string> {
  const { cards, body } = await issue(id, query);
  if (cards[0] === undefined || cards.length > 1)
    throw new Error(`one card was expected: ${JSON.stringify(body)}`);
  return cards[0];
}

/** As a verifier does that knows the address of the issuer alone. */
async function verifier(): Promise<SHCReader> {
  const { keys } = (await server.get(jwksUrl)).body;
  const crls = [];
  for (const { kid, crlVersion } of keys) {
    if (crlVersion) crls.push((await server.get(`/cards/.well-known/crl/${kid}.json`)).body);
  }
  const issuerDirectory = Directory.fromJSON({ issuerInfo: [{ issuer: { iss }, keys, crls }] });
  return new SHCReader({ issuerDirectory });
}

/** Of each `rid`, the second before which its cards are worth nothing. */
async function seconds(): Promise<ReadonlyMap<string, number>> {
  const { kid } = (await server.get(jwksUrl)).body.keys[0];
  const { rids } = (await server.get(`/cards/.well-known/crl/${kid}.json`)).body;
  return new Map(rids.map((one: string) => [one.split('.')[0], Number(one.split('.')[1])]));
}

const revoke = (id: string) => server.send('POST', `/fhir/Patient/${id}/$health-cards-revoke`);

let count = 0;
const newPerson = async (members: object = {}) => {
  count++;
  const identifier = [{ system: 'urn:cards', value: `n${count}` }];
  const name = [{ family: `Family${count}`, given: ['Ann'] }];
  return (
    await create(server, { resourceType: 'Patient', identifier, name, birthDate: '2021-07-02', ...members })
  ).body.id as string;
};

describe('$health-cards-issue', () => {
  it('answers a card that verifiers accept, with each dose once, whichever record is asked', async () => {
    const a = (await create(server, report('a'))).body.id;
    const joined = await create(server, report('b'));
    const [b, person] = [joined.body.id, personIn(joined) as string];
    const dose = (await create(server, doseFor(a, '2022-07-10T09:00:00-04:00', { primarySource: true }))).body
      .id;
    await create(server, doseFor(b, '2022-07-10', { primarySource: false, lotNumber: 'X1' }));
    await create(server, doseFor(a, '2025-07-10', { status: 'not-done' }));
    const answers = [await issue(a), await issue(b), await issue(person)];
    for (const { status, cards, links } of answers) {
      expect([status, cards.length]).toEqual([200, 1]);
      const { iss: issuer, nbf, exp, vc } = payloadOf(cards[0] as string);
      expect([issuer, exp, Object.keys(vc)]).toEqual([iss, undefined, ['type', 'credentialSubject', 'rid']]);
      expect(Math.abs(nbf - Date.UTC(2026, 0, 1) / 1000)).toBeLessThan(3600);
      expect(vc.credentialSubject.fhirBundle.entry).toEqual([
        {
          fullUrl: 'resource:0',
          resource: {
            resourceType: 'Patient',
            name: [{ family: 'Szymborska', given: ['Wislawa', 'Maria'] }],
            birthDate: '2021-07-02',
          },
        },
        {
          fullUrl: 'resource:1',
          resource: {
            resourceType: 'Immunization',
            status: 'completed',
            vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
            patient: { reference: 'resource:0' },
            occurrenceDateTime: '2022-07-10',
            lotNumber: 'X1',
          },
        },
      ]);
      expect(links).toEqual(
        [`Patient/${person}`, `Immunization/${dose}`].map((hosted, i) => [
          { name: 'vcIndex', valueInteger: 0 },
          { name: 'bundledResource', valueUri: `resource:${i}` },
          { name: 'hostedResource', valueUri: `http://jenner.test/fhir/${hosted}` },
        ]),
      );
      expect(await (await verifier()).fromJWS(cards[0] as string)).toBeDefined();
    }
  });

  it('is called by POST too, and by the names of the types before the guide was HL7s', async () => {
    const id = await newPerson();
    await create(server, doseFor(id, '2022-07-10'));
    for (const valueUri of ['Immunization', 'https://smarthealth.cards#immunization', '#immunization']) {
      const { status, body } = await server.send('POST', `/fhir/Patient/${id}/$health-cards-issue`, {
        resourceType: 'Parameters',
        parameter: [{ name: 'credentialType', valueUri }],
      });
      expect([status, body.parameter[0].name]).toEqual([200, 'verifiableCredential']);
    }
  });

  it('answers nothing where no card has what is asked for', async () => {
    const id = await newPerson();
    const nothing = { resourceType: 'Parameters' };
    expect((await issue(id)).body).toEqual(nothing);
    await create(server, doseFor(id, '2022-07'));
    expect((await issue(id)).body).toEqual(nothing);
    await create(server, doseFor(id, '2022-08-01'));
    expect((await issue(id)).cards).toHaveLength(1);
    const both = 'credentialType=Immunization&credentialType=Observation';
    expect((await issue(id, both)).body).toEqual(nothing);
  });

  it.each`
    query                                                         | status | text
    ${''}                                                         | ${400} | ${/credentialType/}
    ${'credentialType=Shot'}                                      | ${400} | ${/"Shot" is no type of resource/}
    ${'credentialType=Immunization&includeIdentityClaim=name'}    | ${400} | ${/"name" names no element/}
    ${'credentialType=Immunization&credentialValueSet=urn:never'} | ${400} | ${/"urn:never" is not known here/}
    ${'credentialType=Immunization&_since=yesterday'}             | ${400} | ${/_since/}
  `('refuses "$query" with $status', async ({ query, status, text }) => {
    const answer = await issue(await newPerson(), query);
    expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome']);
    expect(answer.body.issue[0].details.text).toMatch(text);
  });

  it('is 404 of nobody, and refuses somebody without a name', async () => {
    expect((await issue('none')).status).toBe(404);
    const id = await newPerson({ name: undefined });
    await create(server, doseFor(id, '2022-07-10'));
    const { status, body } = await issue(id);
    expect([status, body.issue[0].code]).toEqual([422, 'business-rule']);
  });

  it('refuses an issuer without https, where others could reach it', async () => {
    const id = (await newPerson()) as ResourceId;
    await create(server, doseFor(id, '2022-07-10'));
    const seal = passingSeal();
    // The keys of this one are not those of the server.
    const { store, dispose } = await openTestStore();
    const by = async (publicUrl: string) => {
      const { operations, context } = server;
      const parts = {
        store,
        clock: context.clock,
        seal: () => seal,
        operations,
        cvxByOtherCodes: () => undefined,
      };
      const target = { code: 'health-cards-issue', type: 'Patient', id } as const;
      const operation = requireOperation(openHealthCards({ ...parts, publicUrl }).operations, target);
      const query = [['credentialType', 'Immunization']] as const;
      return performOperation(server.ctx, operation, { ...target, query, body: () => undefined });
    };
    await expect(by('http://iis.example')).rejects.toMatchObject({
      kind: 'business-rule',
      issues: [{ reason: 'no-https' }],
    });
    for (const good of ['https://iis.example', 'http://127.0.0.1:8080', 'http://localhost']) {
      expect((await by(good)).kind).toBe('resource');
    }
    await dispose();
  });

  it('says of the person what is asked for, at the most', async () => {
    const id = await newPerson({ gender: 'female' });
    await create(server, doseFor(id, '2022-07-10'));
    const shown = async (claims: string) => {
      const card = await onlyCard(id, `credentialType=Immunization${claims}`);
      return Object.keys(payloadOf(card).vc.credentialSubject.fhirBundle.entry[0].resource);
    };
    expect(await shown('')).toEqual(['resourceType', 'name', 'birthDate']);
    expect(await shown('&includeIdentityClaim=Patient.name')).toEqual(['resourceType', 'name']);
    expect(
      await shown('&includeIdentityClaim=Patient.birthDate&includeIdentityClaim=Patient.gender'),
    ).toEqual(['resourceType', 'birthDate']);
  });

  it('has only the doses of the value sets, and those that are newer', async () => {
    const id = await newPerson();
    await create(server, doseFor(id, '2022-07-10'));
    const since = (await create(server, doseFor(id, '2023-07-10', { vaccineCode: { coding: [flu] } }))).body
      .meta.lastUpdated;
    const url = 'http://example.org/flu';
    await create(server, {
      resourceType: 'ValueSet',
      url,
      status: 'active',
      compose: { include: [{ system: flu.system, concept: [{ code: flu.code }] }] },
    });
    const codes = async (query: string) =>
      payloadOf(await onlyCard(id, `credentialType=Immunization${query}`))
        .vc.credentialSubject.fhirBundle.entry.slice(1)
        // biome-ignore lint/suspicious/noExplicitAny: an entry of a card
        .map(({ resource }: any) => resource.vaccineCode.coding[0].code);
    expect(await codes('')).toEqual(['03', '140']);
    expect(await codes(`&credentialValueSet=${encodeURIComponent(url)}`)).toEqual(['140']);
    expect(await codes(`&_since=${encodeURIComponent(since)}`)).toEqual(['140']);
  });

  it('cuts a long history into cards that fit into one QR code each', async () => {
    const id = await newPerson();
    for (let i = 0; i < 60; i++) {
      const lotNumber = `Q${(i * 7_919_777 + 123_456_789).toString(36)}Z${i * 37}`;
      const day = `${1990 + (i % 30)}-0${1 + (i % 9)}-1${i % 10}`;
      await create(server, doseFor(id, day, { lotNumber, primarySource: true }));
    }
    const { cards, links } = await issue(id);
    expect(cards.length).toBeGreaterThan(1);
    for (const card of cards) {
      expect(card.length).toBeLessThanOrEqual(1195);
      expect((await (await verifier()).fromJWS(card)).asQRNumeric()).toHaveLength(1);
    }
    const doses = cards.flatMap((card) => payloadOf(card).vc.credentialSubject.fhirBundle.entry.slice(1));
    expect(doses).toHaveLength(60);
    expect(links).toHaveLength(60 + cards.length);
  }, 60_000);
});

const flu = { system: 'http://hl7.org/fhir/sid/cvx', code: '140' };

describe('$health-cards-file', () => {
  it('answers a file that a browser keeps and a wallet opens', async () => {
    const id = await newPerson();
    await create(server, doseFor(id, '2022-07-10'));
    const headers = { accept: 'application/smart-health-card' };
    const answer = await server.get(`/fhir/Patient/${id}/$health-cards-file`, headers);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/smart-health-card');
    expect(answer.headers['content-disposition']).toBe(
      'attachment; filename="immunizations.smart-health-card"',
    );
    expect(Object.keys(JSON.parse(answer.text))).toEqual(['verifiableCredential']);
    const card = await (await verifier()).fromFileContent(answer.text);
    expect(card.getOriginalBundle()['entry']).toHaveLength(2);
  });

  it('is 404 of nobody, and where there is nothing to tell', async () => {
    for (const id of ['none', await newPerson()]) {
      const { status, body } = await server.get(`/fhir/Patient/${id}/$health-cards-file`);
      expect([status, body.issue[0].code]).toEqual([404, 'not-found']);
    }
  });
});

describe('what verifiers ask', () => {
  it('are public keys that pages of any site may read', async () => {
    const { status, headers, body } = await server.get(jwksUrl, { origin: 'https://verifier.example' });
    expect([status, headers['access-control-allow-origin']]).toEqual([200, '*']);
    expect(headers['content-type']).toMatch(/^application\/json/);
    for (const key of body.keys) {
      const { crlVersion: _, ...members } = key;
      expect(Object.keys(members)).toEqual(['kty', 'kid', 'use', 'alg', 'crv', 'x', 'y']);
      expect(members).toMatchObject({ kty: 'EC', use: 'sig', alg: 'ES256', crv: 'P-256' });
    }
  });

  it('is no list of a key that never was', async () => {
    const { status, body } = await server.get('/cards/.well-known/crl/never.json');
    expect([status, body.status]).toEqual([404, 404]);
  });

  it('refuse a card of another issuer under the same name', async () => {
    const { kid } = (await server.get(jwksUrl)).body.keys[0];
    const id = await newPerson();
    await create(server, doseFor(id, '2022-07-10'));
    const card = await onlyCard(id);
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }];
    const issuerDirectory = Directory.fromJSON({ issuerInfo: [{ issuer: { iss }, keys }] } as never);
    await expect(new SHCReader({ issuerDirectory }).fromJWS(card)).rejects.toThrow();
  });
});

describe('$health-cards-revoke', () => {
  it('makes every card worthless that there is of the person, and none that comes after, or of others', async () => {
    const [id, other] = [await newPerson(), await newPerson()];
    for (const one of [id, other]) await create(server, doseFor(one, '2022-07-10'));
    const [card, others] = [await onlyCard(id), await onlyCard(other)];
    expect(await (await verifier()).fromJWS(card)).toBeDefined();
    const before = (await server.get(jwksUrl)).body.keys[0].crlVersion ?? 0;
    const { status, body } = await revoke(id);
    expect([status, body.parameter[0].name]).toEqual([200, 'before']);
    expect((await server.get(jwksUrl)).body.keys[0].crlVersion).toBe(before + 1);
    await expect((await verifier()).fromJWS(card)).rejects.toThrow(/revoked/i);
    // A verifier by the letter of the guide asks whether the card is older than the second; others, whether it is no newer.
    const { nbf, vc } = payloadOf(card);
    const second = (await seconds()).get(vc.rid);
    expect(second).toBeGreaterThan(nbf);
    const again = await onlyCard(id);
    expect(payloadOf(again).nbf).toBeGreaterThan(second as number);
    for (const good of [again, others]) expect(await (await verifier()).fromJWS(good)).toBeDefined();
    const { kid } = (await server.get(jwksUrl)).body.keys[0];
    const list = await server.get(`/cards/.well-known/crl/${kid}.json`);
    expect(list.body).toMatchObject({ kid, method: 'rid', ctr: before + 1 });
    expect(list.body.rids).toContainEqual(expect.stringMatching(/^[\w-]{11}\.[0-9]{10}$/));
    expect(list.headers['access-control-allow-origin']).toBe('*');
    expect(list.text).not.toContain(id);
  });

  it('counts each of those that come at once', async () => {
    const ids = [await newPerson(), await newPerson(), await newPerson()];
    const before = (await server.get(jwksUrl)).body.keys[0].crlVersion ?? 0;
    const answers = await Promise.all(ids.map(revoke));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await server.get(jwksUrl)).body.keys[0].crlVersion).toBe(before + 3);
  });

  it('revokes what was issued before records were joined, and of each of them', async () => {
    const ssn = [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '219-09-9999' }];
    const alike = {
      identifier: ssn,
      name: [{ family: 'Milosz', given: ['Czeslaw'] }],
      birthDate: '2020-01-05',
    };
    const a = (await create(server, report('c', alike))).body.id;
    await create(server, doseFor(a, '2022-07-10'));
    const card = await onlyCard(a);
    const joined = await create(server, report('d', alike));
    expect(personIn(joined)).toBeDefined();
    await revoke(joined.body.id);
    await expect((await verifier()).fromJWS(card)).rejects.toThrow(/revoked/i);
  });

  it('is 404 of nobody, and 405 by GET', async () => {
    expect((await revoke('none')).status).toBe(404);
    expect((await server.get(`/fhir/Patient/${await newPerson()}/$health-cards-revoke`)).status).toBe(405);
  });
});

it('is told in the CapabilityStatement, under the name that wallets look for', async () => {
  const { body } = await server.get('/fhir/metadata');
  const { operation } = body.rest[0].resource.find(({ type }: { type: string }) => type === 'Patient');
  expect(operation).toContainEqual({
    name: 'health-cards-issue',
    definition:
      'http://hl7.org/fhir/uv/smart-health-cards-and-links/OperationDefinition/patient-i-health-cards-issue',
  });
});
