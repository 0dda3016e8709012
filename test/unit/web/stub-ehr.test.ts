import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import type { FhirResource } from 'fhir/r4.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { openStubEhr, type StubEhr } from '../../../src/web/demo/stub-ehr.ts';
import { stubEhrPlugin } from '../../../src/web/demo/stub-ehr-plugin.ts';

const url = 'http://127.0.0.1:8080/demo/lantern';
const redirect = 'http://127.0.0.1:8080/app/launch/callback';
const verifier = 'v'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');

const dose = (id: string, patient: string): FhirResource => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { text: 'MMR' },
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: '2026-01-05',
});
const chart = (id: string, doses: number) => ({
  patient: { resourceType: 'Patient' as const, id },
  resources: Array.from({ length: doses }, (_, nth) => dose(`${id}.${nth}`, id)),
});

let ehr: StubEhr;
beforeEach(() => {
  ehr = openStubEhr({
    url,
    charts: [chart('p1', 13), chart('p2', 1)],
    staff: [{ resourceType: 'Practitioner', id: 'd1' }],
    clientId: 'jenner',
    redirect,
  });
});

const authorize = (launch: string, more: Record<string, string> = {}) =>
  ehr.authorize(
    new URLSearchParams({
      client_id: 'jenner',
      redirect_uri: redirect,
      aud: `${url}/fhir`,
      launch,
      state: 'st',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    }),
  );
const redeem = (code: string, more: Record<string, string> = {}) =>
  ehr.answer({
    method: 'POST',
    path: '/token',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      client_id: 'jenner',
      redirect_uri: redirect,
      code_verifier: verifier,
      ...more,
    }).toString(),
  });
const codeFor = (patient: string) =>
  new URL(authorize(ehr.launchFor(patient) ?? '') ?? '').searchParams.get('code') ?? '';
const tokenFor = (patient: string) => {
  const { json } = redeem(codeFor(patient));
  return `Bearer ${(json as { readonly access_token: string }).access_token}`;
};

describe('the EHR that the demo plays with a server of its own', () => {
  it('opens its one app for a chart, once, by PKCE', () => {
    expect(ehr.launchFor('p9')).toBeUndefined();
    const launch = ehr.launchFor('p1') ?? '';
    expect(authorize(launch)).toContain(`${redirect}?code=`);
    expect(authorize(launch)).toBeUndefined();
    for (const wrong of [{ client_id: 'x' }, { redirect_uri: 'https://evil.example/' }, { aud: 'x' }]) {
      expect(authorize(ehr.launchFor('p1') ?? '', wrong)).toBeUndefined();
    }
    expect(redeem(codeFor('p1'), { code_verifier: 'other' }).status).toBe(400);
    const code = codeFor('p1');
    expect(redeem(code)).toMatchObject({ status: 200, json: { patient: 'p1' } });
    expect(redeem(code).status).toBe(400);
  });

  it('answers what there is of the patient of the token, ten to a page', () => {
    const authorization = tokenFor('p1');
    const get = (path: string) => ehr.answer({ method: 'GET', path, authorization });
    const first = get('/fhir/Immunization?patient=p1');
    expect(first).toMatchObject({ status: 200, json: { total: 13, entry: { length: 10 } } });
    const [next] = (first.json as { readonly link: readonly { readonly url: string }[] }).link;
    const rest = get(next?.url.slice(url.length) ?? '').json;
    expect(rest).toMatchObject({ entry: { length: 3 } });
    expect(rest).not.toHaveProperty('link');
    expect(get('/fhir/Patient/p1').status).toBe(200);
    expect(get('/fhir/Practitioner/d1').status).toBe(200);
    expect([get('/fhir/Patient/p2').status, get('/fhir/Immunization?patient=p2').status]).toEqual([404, 403]);
    expect(ehr.answer({ method: 'GET', path: '/fhir/Patient/p1' }).status).toBe(401);
  });

  it('takes a dose of that patient', () => {
    const authorization = tokenFor('p2');
    const post = (body: unknown) =>
      ehr.answer({ method: 'POST', path: '/fhir/Immunization', authorization, body: JSON.stringify(body) });
    expect(post(dose('x', 'p2'))).toEqual({ status: 201, json: undefined });
    expect(post(dose('x', 'p1')).status).toBe(422);
    const all = ehr.answer({ method: 'GET', path: '/fhir/Immunization?patient=p2', authorization });
    expect(all.json).toMatchObject({ total: 2 });
  });

  it('is met by browsers below its URL', async () => {
    const app = Fastify();
    await app.register(stubEhrPlugin, ehr);
    const at = (path: string) => app.inject(`/demo/lantern/${path}`);
    expect((await at('fhir/.well-known/smart-configuration')).json()).toMatchObject({
      token_endpoint: `${url}/token`,
    });
    expect((await at('authorize?launch=x')).statusCode).toBe(400);
    expect((await at('fhir/Patient/p1')).statusCode).toBe(401);
    await app.close();
  });
});
