import { createDecipheriv } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { compactDecrypt } from 'jose';
import { SHLViewer } from 'kill-the-clipboard';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seenOf } from '../../../src/interaction/audit/seen.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { launch, openSmartServer, type SmartServer } from './smart-server.ts';

/** Answers are read as a client reads them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

let server: SmartServer;
let own: string;
beforeAll(async () => {
  server = await openSmartServer({ audit: true });
  await server.addUser('ann', { role: 'individual', patient: 'p' });
  await server.addUser('doc', { role: 'clinician', organization: ['a'], practitioner: 'doc' });
  await server.addUser('nurse', { role: 'school-nurse', organization: ['school'] });
  own = await tokenOf('ann', 'launch/patient patient/Patient.r patient/Immunization.rs patient/Consent.c');
}, 60_000);
afterAll(() => server.close());

async function tokenOf(login: string, scope: string): Promise<string> {
  const client = await server.addClient();
  server.at.now += 1000;
  return (await launch(server, { client, login, scope })).access_token;
}

const call = (token: string, operation: string, parameter: readonly object[] = [], id = 'p') =>
  server.inject({
    method: 'POST',
    url: `/fhir/Patient/${id}/$${operation}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    payload: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
  });
const partOf = (body: Json, name: string) => {
  const { name: _, ...value } = body.parameter.find((one: Json) => one.name === name) ?? {};
  return Object.values(value)[0] as string;
};
async function create(parameter: readonly object[] = [], token = own) {
  const { status, body, text } = await call(token, 'health-link-create', parameter);
  expect([status, text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return { id: partOf(body, 'id'), link: partOf(body, 'link'), viewer: partOf(body, 'viewer') };
}
const payloadOf = (link: string): Json =>
  JSON.parse(Buffer.from(link.replace('shlink:/', ''), 'base64url').toString());
const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;
const open = (link: string, body: object = { recipient: 'Elm School' }) =>
  server.inject({
    method: 'POST',
    url: pathOf(payloadOf(link).url),
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });
/** As fetch, on this server. */
const fetchHere = async (url: string, options: RequestInit = {}): Promise<Response> => {
  const answer = await server.inject({
    method: (options.method ?? 'GET') as 'GET',
    url: pathOf(url),
    headers: { 'content-type': 'application/json', ...(options.headers as Record<string, string>) },
    ...(options.body !== undefined && { payload: String(options.body) }),
  });
  return new Response(answer.text, {
    status: answer.status,
    headers: { 'content-type': String(answer.headers['content-type']) },
  });
};
function decrypt(jwe: string, key: string): { readonly header: Json; readonly text: string } {
  const [header = '', , iv = '', body = '', tag = ''] = jwe.split('.');
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(key, 'base64url'),
    Buffer.from(iv, 'base64url'),
  );
  decipher.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'));
  const plain = Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]);
  return {
    header: JSON.parse(Buffer.from(header, 'base64url').toString()),
    text: inflateRawSync(plain).toString(),
  };
}
const recordIn = async (link: string): Promise<Json> => {
  const { files } = (await open(link)).body;
  const file = files.find(({ contentType }: Json) => contentType === 'application/fhir+json');
  return JSON.parse(decrypt(file.embedded, payloadOf(link).key).text);
};
const passcode = { name: 'passcode', valueString: '2468' };

describe('a SMART Health Link', () => {
  it('is a payload as the guide says', async () => {
    const { link, viewer } = await create([
      { name: 'label', valueString: 'For school' },
      { name: 'expires', valueDateTime: '2026-07-01T00:00:00Z' },
      passcode,
    ]);
    const payload = payloadOf(link);
    expect(payload).toEqual({
      url: expect.stringMatching(/^http:\/\/localhost:8400\/health-links\/[\w-]{43}$/),
      key: expect.stringMatching(/^[\w-]{43}$/),
      exp: Date.parse('2026-07-01T00:00:00Z') / 1000,
      flag: 'LP',
      label: 'For school',
      v: 1,
    });
    expect(payload.url.length).toBeLessThanOrEqual(128);
    expect(viewer).toBe(`http://localhost:8400/app/link#${link}`);
  });

  it('opens the card and the record to a viewer of somebody else', async () => {
    const { link } = await create();
    const shl = new SHLViewer({ shlinkURI: link, fetch: fetchHere as never });
    const manifest = await shl.fetchManifest({ url: shl.shl.url, recipient: 'Elm School' });
    const files = await shl.decryptFiles(manifest);
    expect(files.map(({ contentType }) => contentType)).toEqual([
      'application/smart-health-card',
      'application/fhir+json',
    ]);
    const [card, record] = files.map(({ content }) => JSON.parse(content));
    expect(card.verifiableCredential[0]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const [dose] = record.entry.flatMap(({ resource }: Json) => resource.vaccineCode?.coding ?? []);
    expect(dose).toEqual({ system: 'http://hl7.org/fhir/sid/cvx', code: '08', display: 'HepB' });
  });

  it('is encrypted as JWE that jose opens', async () => {
    const { link } = await create([{ name: 'content', valueCode: 'record' }]);
    const [{ embedded }] = (await open(link)).body.files;
    const key = Buffer.from(payloadOf(link).key, 'base64url');
    const { plaintext, protectedHeader } = await compactDecrypt(embedded, key).catch((thrown) => {
      // jose of today inflates no more; the header it has read all the same.
      expect(String(thrown)).toMatch(/zip|compress/i);
      const { header, text } = decrypt(embedded, payloadOf(link).key);
      return { plaintext: Buffer.from(text), protectedHeader: header };
    });
    expect(protectedHeader).toMatchObject({
      alg: 'dir',
      enc: 'A256GCM',
      cty: 'application/fhir+json',
      zip: 'DEF',
    });
    expect(plaintext.length).toBeGreaterThan(10);
    const again = (await open(link)).body.files[0].embedded;
    expect(again.split('.')[2]).not.toBe(embedded.split('.')[2]);
  });

  it('tells whose record it is and what was given, and no number, address or payer', async () => {
    const record = await recordIn((await create()).link);
    const [patient, ...doses] = record.entry.map(({ resource }: Json) => resource);
    expect(Object.keys(patient).sort()).toEqual(['birthDate', 'id', 'name', 'resourceType']);
    expect(doses.every(({ status }: Json) => status === 'completed')).toBe(true);
    expect(JSON.stringify(record)).not.toMatch(/fundingSource|programEligibility|urn:mrn/);
  });

  it('has longer files fetched apart, for an hour', async () => {
    const { link } = await create();
    const { files } = (await open(link, { recipient: 'Elm School', embeddedLengthMax: 10 })).body;
    const [{ location, embedded }] = files;
    expect(embedded).toBeUndefined();
    const file = await server.get(pathOf(location));
    expect([file.status, file.headers['content-type'], file.headers['access-control-allow-origin']]).toEqual([
      200,
      'application/jose',
      '*',
    ]);
    expect(decrypt(file.text, payloadOf(link).key).header.cty).toBe('application/smart-health-card');
    server.at.now += 61 * 60_000;
    expect((await server.get(pathOf(location))).status).toBe(404);
    own = await tokenOf('ann', 'launch/patient patient/Patient.r patient/Immunization.rs patient/Consent.c');
  });

  it('may be one file that is fetched directly', async () => {
    const { link } = await create([
      { name: 'direct', valueBoolean: true },
      { name: 'content', valueCode: 'health-card' },
    ]);
    const { url, flag, key } = payloadOf(link);
    expect(flag).toBe('LU');
    const file = await server.get(`${pathOf(url)}?recipient=Elm%20School`);
    expect([file.status, file.headers['content-type']]).toEqual([200, 'application/jose']);
    expect(JSON.parse(decrypt(file.text, key).text).verifiableCredential).toHaveLength(1);
    expect((await open(link)).status).toBe(404);
    expect((await server.get(pathOf(url))).status).toBe(400);
    const other = payloadOf((await create()).link).url;
    expect((await server.get(`${pathOf(other)}?recipient=Elm`)).status).toBe(404);
  });

  it('ends by its time', async () => {
    const expires = new Date(server.at.now + 60_000).toISOString();
    const { link } = await create([{ name: 'expires', valueDateTime: expires }]);
    expect((await open(link)).status).toBe(200);
    server.at.now += 61_000;
    const over = await open(link);
    expect([over.status, over.body.detail]).toEqual([404, 'There is no such link, or it is over']);
  });

  it('is over the moment it is revoked, and so are files on their way', async () => {
    const [one, other] = [await create(), await create()];
    const { files } = (await open(one.link, { recipient: 'Elm School', embeddedLengthMax: 0 })).body;
    const { body } = await call(own, 'health-link-revoke', [{ name: 'id', valueId: one.id }]);
    expect(body.parameter).toEqual([{ name: 'revoked', valueId: one.id }]);
    expect((await open(one.link)).status).toBe(404);
    expect((await server.get(pathOf(files[0].location))).status).toBe(404);
    expect((await open(other.link)).status).toBe(200);
    await call(own, 'health-link-revoke');
    expect((await open(other.link)).status).toBe(404);
    expect((await call(own, 'health-link-revoke', [{ name: 'id', valueId: 'nothing' }])).status).toBe(404);
  });

  it.each([
    ['no recipient', {}],
    ['a recipient that is none', { recipient: 7 }],
    ['an endless recipient', { recipient: 'x'.repeat(201) }],
    ['a list', []],
  ])('refuses %s', async (_, body) => {
    expect((await open((await create()).link, body)).status).toBe(400);
  });

  it('knows no other URL', async () => {
    const url = '/health-links/';
    const post = (secret: string) =>
      server.inject({
        method: 'POST',
        url: url + secret,
        headers: { 'content-type': 'application/json' },
        payload: '{"recipient":"x"}',
      });
    for (const secret of ['x', 'A'.repeat(43), '..%2f']) expect((await post(secret)).status).toBe(404);
  });

  it('may be opened by the page of any site', async () => {
    const { url } = payloadOf((await create()).link);
    const answer = await server.inject({
      method: 'OPTIONS',
      url: pathOf(url),
      headers: { origin: 'https://viewer.example', 'access-control-request-method': 'POST' },
    });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([204, '*']);
  });

  it('lies in the store without what opens it', async () => {
    const { link } = await create([passcode]);
    const { url, key } = payloadOf(link);
    const secret = url.split('/').at(-1);
    for (const collection of ['health-link', 'health-link-of', 'key']) {
      const { records } = await server.store.listRecords({ collection, prefix: '', count: 100 });
      expect(records.length).toBeGreaterThan(0);
      const text = JSON.stringify(records);
      for (const hidden of [secret, key, '2468']) expect(text).not.toContain(hidden);
    }
  });
});

describe('its passcode', () => {
  const send = (link: string, sent?: string) =>
    open(link, { recipient: 'Elm School', ...(sent && { passcode: sent }) });

  it('is asked for, and counted when it is wrong, for good', async () => {
    const { link } = await create([passcode]);
    const asked = await send(link);
    expect([asked.status, asked.body]).toEqual([401, { remainingAttempts: 10 }]);
    expect((await send(link, '1111')).body).toEqual({ remainingAttempts: 9 });
    expect((await send(link, '2468')).status).toBe(200);
    // What was right in between gives nothing back.
    expect((await send(link, '1111')).body).toEqual({ remainingAttempts: 8 });
  });

  it('holds against many who guess at once', async () => {
    const { link, id } = await create([passcode]);
    const guesses = Array.from({ length: 40 }, (_, i) => send(link, String(1000 + i)));
    const answers = await Promise.all(guesses);
    const judged = answers.filter(({ status }) => status === 401);
    expect(judged.map(({ body }) => body.remainingAttempts).sort((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(30);
    // Nobody gets in any more, with the right one neither.
    expect((await send(link, '2468')).status).toBe(404);
    const { body } = await call(own, 'health-links');
    const part = body.parameter.find((one: Json) =>
      one.part.some(({ valueId }: Json) => valueId === id),
    ).part;
    expect(part).toContainEqual({ name: 'status', valueCode: 'locked' });
  });
});

describe('who may make, see and end links', () => {
  it('is the person, with an app that may write a Consent', async () => {
    const reading = await tokenOf('ann', 'launch/patient patient/Patient.r patient/Immunization.rs');
    for (const operation of ['health-link-create', 'health-links', 'health-link-revoke']) {
      expect((await call(reading, operation)).status).toBe(403);
    }
  });

  it('is who may write the Patient', async () => {
    const doc = await tokenOf('doc', 'user/Patient.rus user/Immunization.rs');
    const { link } = await create([], doc);
    expect((await open(link)).status).toBe(200);
    const reading = await tokenOf('doc', 'user/Patient.rs user/Immunization.rs');
    expect((await call(reading, 'health-link-create')).status).toBe(403);
  });

  it('is nobody who only sees the person, or does not', async () => {
    const nurse = await tokenOf('nurse', 'user/Patient.rus user/Immunization.rs');
    // On the roster, so the school sees the person, and writes nothing.
    expect((await call(nurse, 'health-links')).status).toBe(403);
    expect((await call(own, 'health-links', [], 'q')).status).toBe(404);
  });

  it('hands out no link of a clinic any more once the person objects to sharing', async () => {
    const doc = await tokenOf('doc', 'user/Patient.rus user/Immunization.rs');
    const ofClinic = await create([], doc);
    const ofPerson = await create();
    const consent = {
      resourceType: 'Consent',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
      },
      category: [
        {
          coding: [
            {
              system: 'https://jenner-iis.org/fhir/CodeSystem/consent-category',
              code: 'data-sharing-objection',
            },
          ],
        },
      ],
      patient: { reference: 'Patient/p' },
      policyRule: { text: 'M.G.L. c.111 §24M' },
    };
    const write = async (resource: object) => {
      const made = await server.inject({
        method: 'POST',
        url: '/fhir/Consent',
        headers: { authorization: `Bearer ${own}`, 'content-type': 'application/fhir+json' },
        payload: JSON.stringify(resource),
      });
      expect([made.status, made.text.slice(0, 300)]).toEqual([201, expect.any(String)]);
    };
    await write({ ...consent, provision: { period: { end: '2020-01-01' } } });
    expect((await open(ofClinic.link)).status).toBe(200);
    await write({ ...consent, provision: { period: { start: '2020-01-01' } } });
    expect((await open(ofClinic.link)).status).toBe(404);
    expect((await open(ofPerson.link)).status).toBe(200);
  });

  it('refuses what cannot be', async () => {
    const wrong = async (...parameter: object[]) => (await call(own, 'health-link-create', parameter)).status;
    expect(await wrong({ name: 'content', valueCode: 'everything' })).toBe(400);
    expect(await wrong({ name: 'passcode', valueString: '12' })).toBe(400);
    expect(await wrong({ name: 'label', valueString: 'x'.repeat(81) })).toBe(400);
    expect(await wrong({ name: 'expires', valueDateTime: '2020-01-01' })).toBe(400);
    expect(await wrong({ name: 'direct', valueBoolean: true })).toBe(400);
    expect(
      await wrong({ name: 'direct', valueBoolean: true }, { name: 'content', valueCode: 'record' }, passcode),
    ).toBe(400);
  });

  it('has twenty at most in use', async () => {
    await call(own, 'health-link-revoke');
    for (let i = 0; i < 20; i++) await create();
    const answer = await call(own, 'health-link-create');
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('20 links')]);
    const system = 'https://jenner-iis.org/fhir/CodeSystem/outcome';
    const { details } = answer.body.issue[0];
    expect(details).toMatchObject({ coding: [{ system, code: 'too-many-links' }], text: expect.any(String) });
    await call(own, 'health-link-revoke');
    await create();
  });
});

it('shows each use to the person, with who says to have read', async () => {
  const { id, link } = await create([passcode]);
  await open(link, { recipient: 'Nurse of Elm School', passcode: '2468' });
  await open(link, { recipient: 'Somebody', passcode: '1357' });
  await server.auditRows();
  const ctx = openContext(server.context, server.store, { kind: 'system', name: 'server' });
  const { rows } = await seenOf(ctx, 'p');
  const uses = rows.filter(({ who }) => who === `health-link:${id}`);
  expect(uses.map(({ what, why, refused }) => [what, why, refused])).toEqual([
    ['health link', 'Somebody', true],
    ['health link', 'Nurse of Elm School', false],
  ]);
});
