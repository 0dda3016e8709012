import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDemoConfig } from '../../src/config.ts';
import { toFrame } from '../../src/hl7v2/mllp/read-frames.ts';
import { clockIn } from '../../src/values/clock.ts';
import { formatEpochDay } from '../../src/values/epoch-day.ts';
import { type Demo, runDemo } from './run-demo.ts';

let demo: Demo;
// The twins and their mother are the last of these.
beforeAll(async () => {
  demo = await runDemo(13);
}, 120_000);
afterAll(() => demo?.stop());

const verifier = 'a'.repeat(43);
const hiddenField = (html: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';

/** A browser as far as a form needs one. */
function openBrowser() {
  const jar = new Map<string, string>();
  const ask = async (path: string, fields?: readonly (readonly [string, string])[]) => {
    const answer = await fetch(new URL(path, demo.url), {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(fields && {
        method: 'POST',
        body: new URLSearchParams(fields.map(([name, value]) => [name, value])),
      }),
    });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      jar.set(name, value);
    }
    const location = answer.headers.get('location');
    return { status: answer.status, html: await answer.text(), location };
  };
  return { ask };
}

/** Whom the demo shows. */
const greeted = () => /, Patient\/([\w-]+), born/.exec(demo.printed())?.[1];

describe('jenner demo', () => {
  it('describes its users and apps, one of each kind', () => {
    const { base, users, clients, token } = demo.described;
    expect(base).toBe(`${demo.url}/fhir`);
    expect(users.map(({ login }) => login)).toEqual([
      'parent',
      'mother',
      'clinician',
      'coordinator',
      'nurse',
      'clerk',
      'administrator',
      'auditor',
      'interface',
      'careless',
    ]);
    expect(users.every(({ password }) => password.length >= 12)).toBe(true);
    expect(clients.map(({ kind }) => kind)).toEqual(['public', 'secret', 'key', 'key']);
    expect(token).toMatch(/^[\w-]{43}$/);
    for (const { login, password } of users)
      expect(demo.printed()).toContain(`${login.padEnd(13)}  ${password}`);
  });

  it('takes the message of another practice by the printed command and by MLLP, and shows the dose', async () => {
    const [, login, password] = /-u (\w+):(\S+) .*--data-binary @- (\S+)\/hl7v2/.exec(demo.printed()) ?? [];
    const port = Number(/The same over MLLP, on port (\d+), as interface:/.exec(demo.printed())?.[1]);
    const message = async () => (await fetch(`${demo.url}/demo/vxu`)).text();
    const basic = `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
    const headers = { 'content-type': 'application/hl7-v2', authorization: basic };
    const posted = await fetch(`${demo.url}/hl7v2`, { method: 'POST', headers, body: await message() });
    const answered = await posted.text();
    expect(answered).toMatch(/\rMSA\|AA\|/);
    expect(answered).not.toMatch(/\rERR\|(?:[^|]*\|){3}E/);
    const socket = connect(port, '127.0.0.1');
    socket.write(toFrame(Buffer.from(await message())));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(chunk.toString()).toMatch(/MSH.*\rMSA\|AA\|/);
    const today = formatEpochDay(clockIn(loadDemoConfig({}).timeZone).today());
    const url = `${demo.described.base}/Immunization?patient=${greeted()}&date=${today}&_total=accurate`;
    const doses = await fetch(url, { headers: { authorization: `Bearer ${demo.described.token}` } });
    expect(await doses.json()).toMatchObject({
      total: 1,
      entry: [{ resource: { vaccineCode: { coding: [{ code: '140' }] }, lotNumber: 'DEMO123' } }],
    });
  });

  it('lets a parent in by the form, and an app by the consent for one child', async () => {
    const [app] = demo.described.clients;
    const parent = demo.described.users.find(({ login }) => login === 'parent');
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: app?.client_id ?? '',
      redirect_uri: app?.redirect ?? '',
      scope: 'launch/patient patient/Patient.rs patient/Immunization.rs',
      state: 's'.repeat(22),
      aud: demo.described.base,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const { ask } = openBrowser();
    const signIn = await ask(`/auth/authorize?${query}`);
    const signedIn = await ask('/auth/sign-in', [
      ['csrf', hiddenField(signIn.html, 'csrf')],
      ['next', hiddenField(signIn.html, 'next')],
      ['login', 'parent'],
      ['password', parent?.password ?? ''],
    ]);
    const asked = await ask(signedIn.location ?? '');
    const picker = await ask(asked.location ?? '');
    const [, child = ''] = /name="patient" value="([^"]*)"/.exec(picker.html) ?? [];
    expect(child).toBe('demo-p-000012');
    const carried = (html: string) =>
      ['csrf', 'request'].map((name) => [name, hiddenField(html, name)] as const);
    const picked = await ask('/auth/pick', [...carried(picker.html), ['patient', child]]);
    const consent = await ask(picked.location ?? '');
    const boxes = [...consent.html.matchAll(/name="scope" value="([^"]*)"/g)].map(([, scope = '']) => scope);
    expect(boxes).toContain('patient/Immunization.rs');
    const allowed = await ask('/auth/consent', [
      ...carried(consent.html),
      ['scope', 'patient/Patient.rs'],
      ['decision', 'allow'],
    ]);
    const code = new URL(allowed.location ?? '').searchParams.get('code') ?? '';
    const token = await fetch(`${demo.url}/auth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: app?.redirect ?? '',
        client_id: app?.client_id ?? '',
        code_verifier: verifier,
      }),
    });
    const { access_token, patient, scope } = (await token.json()) as Record<string, string>;
    expect([patient, scope]).toEqual([child, 'patient/Patient.rs']);
    const statusOf = async (path: string) =>
      (
        await fetch(`${demo.described.base}/${path}`, {
          headers: { authorization: `Bearer ${access_token}` },
        })
      ).status;
    expect(await statusOf(`Patient/${child}`)).toBe(200);
    expect(await statusOf('Patient/demo-p-000005')).toBe(404);
    expect(await statusOf(`Immunization?patient=${child}`)).toBe(403);
  });

  it('lets its backend in by the key that it describes', async () => {
    const backend = demo.described.clients[2];
    const key = createPrivateKey({ key: backend?.jwk ?? {}, format: 'jwk' });
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES384', kid: String(backend?.jwk?.['kid']), typ: 'JWT' })
      .setIssuer(backend?.client_id ?? '')
      .setSubject(backend?.client_id ?? '')
      .setAudience(`${demo.url}/auth/token`)
      .setJti(randomUUID())
      .setExpirationTime('4m')
      .sign(key);
    const answer = await fetch(`${demo.url}/auth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'system/Patient.rs',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    });
    const { access_token } = (await answer.json()) as Record<string, string>;
    const patients = await fetch(`${demo.described.base}/Patient?_summary=count`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(await patients.json()).toMatchObject({ total: 14 });
  });

  it('has a start page, and answers the command that it prints, which needs its token', async () => {
    expect(await (await fetch(`${demo.url}/demo`)).text()).toContain('Open the sample app');
    const [, token = '', url = ''] =
      /curl -s -H 'Authorization: Bearer (\S+)' '(\S+)'/.exec(demo.printed()) ?? [];
    expect(token).toBe(demo.described.token);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.text()).toContain('"ImmunizationRecommendation"');
    expect((await fetch(url)).status).toBe(401);
  });
});
