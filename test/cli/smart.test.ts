import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processEnvironment } from '../../src/config.ts';
import { freePort } from '../free-port.ts';
import { useFolder } from '../use-folder.ts';

// The program as an operator runs it, with authorization on, and a browser that only reads forms.

const folder = useFolder();
const root = new URL('../../', import.meta.url).pathname;
let running: ChildProcess[];
beforeEach(() => {
  running = [];
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

function jenner(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...args], {
    cwd: root,
    env: {
      ...processEnvironment(),
      JENNER_LOG: 'warn',
      JENNER_STORE: `sqlite:${folder.path}/s.sqlite`,
      JENNER_DATA: folder.path,
      ...env,
    },
  });
  running.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += String(chunk)));
  child.stderr.on('data', (chunk) => (said.err += String(chunk)));
  return { child, said, ended: once(child, 'close').then(([code]) => ({ code: code as number, ...said })) };
}

async function told(...args: readonly string[]) {
  const { code, out, err } = await jenner(args).ended;
  if (code !== 0) throw new Error(err);
  return JSON.parse(out);
}

async function serve(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const port = await freePort();
  const server = jenner(['serve'], { JENNER_PORT: String(port), ...env });
  const url = `http://127.0.0.1:${port}`;
  // How long it may take is the test's own bound.
  for (;;) {
    const ready = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (ready?.status === 200) return url;
    if (server.child.exitCode !== null) throw new Error(`not ready: ${server.said.err}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const verifier = randomBytes(32).toString('base64url');
const redirect = 'http://localhost:9/back';

/** A browser that follows no redirect by itself. */
function openBrowser() {
  const cookies = new Map<string, string>();
  return async (url: string, form: URLSearchParams | undefined): Promise<Response> => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const sent = form ? { method: 'POST', body: form } : {};
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie }, ...sent });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
}

type Filled = Readonly<Record<string, string>>;

/** The first form of a page, with what was ticked and what is filled in. */
function fillIn(html: string, filled: Filled): { readonly action: string; readonly form: URLSearchParams } {
  const page = html.replaceAll('&amp;', '&');
  const body = page.slice(page.indexOf('<main'));
  const form = new URLSearchParams({ decision: 'allow' });
  for (const [tag] of body.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1] ?? '';
    const value = filled[name] ?? /value="([^"]*)"/.exec(tag)?.[1] ?? '';
    if (!/type="(?:checkbox|radio)"/.test(tag) || /\schecked/.test(tag)) form.append(name, value);
  }
  return { action: /<form[^>]*action="([^"]+)"/.exec(body)?.[1] ?? '', form };
}

/** Fills in the forms of the pages until the app is called back; answers with what. */
async function consentIn(url: string, client: string, filled: Filled): Promise<URLSearchParams> {
  const browse = openBrowser();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: redirect,
    scope: 'launch/patient patient/Patient.rs offline_access',
    state: 'some-state',
    aud: `${url}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  let next = `${url}/auth/authorize?${query}`;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 10; step++) {
    const answer = await browse(next, form);
    const location = answer.headers.get('location');
    if (location?.startsWith(redirect)) return new URL(location).searchParams;
    const shown = location === null ? fillIn(await answer.text(), filled) : undefined;
    form = shown?.form;
    next = new URL(location ?? shown?.action ?? '', next).href;
  }
  throw new Error('the app is never called back');
}

it('serves with authorization by default; what a command revokes is worth nothing within a second', async () => {
  const url = await serve();
  expect((await fetch(`${url}/fhir/Patient`)).status).toBe(401);
  const add = ['client', 'add', '--name', 'App', '--kind', 'public', '--redirect', redirect, '--json'];
  const { client_id: client } = await told(...add, '--scope', 'launch/patient patient/*.rs offline_access');
  writeFileSync(`${folder.path}/p.ndjson`, JSON.stringify({ resourceType: 'Patient', id: 'p' }));
  expect((await jenner(['import', `${folder.path}/p.ndjson`]).ended).code).toBe(0);
  const user = ['user', 'add', '--login', 'pat', '--role', 'individual', '--patient', 'p', '--json'];
  const { password } = await told(...user);
  const parameters = await consentIn(url, client, { login: 'pat', password });
  expect(parameters.get('iss')).toBe(url);
  const token = async (fields: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ client_id: client, ...fields });
    return (await fetch(`${url}/auth/token`, { method: 'POST', body })).json() as Promise<
      Record<string, string>
    >;
  };
  const answer = await token({
    grant_type: 'authorization_code',
    code: parameters.get('code') ?? '',
    redirect_uri: redirect,
    code_verifier: verifier,
  });
  expect(answer).toMatchObject({ patient: 'p', token_type: 'Bearer' });
  const reads = async () => {
    const headers = { authorization: `Bearer ${answer['access_token']}` };
    return (await fetch(`${url}/fhir/Patient/p`, { headers })).status;
  };
  expect(await reads()).toBe(200);
  expect(await told('user', 'list', '--json')).toMatchObject([
    { login: 'pat', last_sign_in: expect.any(String) },
  ]);
  await told('user', 'disable', 'pat', '--json');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await reads()).toBe(401);
  expect(
    await token({ grant_type: 'refresh_token', refresh_token: answer['refresh_token'] ?? '' }),
  ).toMatchObject({
    error: 'invalid_grant',
  });
}, 120_000);

it('does not start where passwords would go over the network in the open', async () => {
  const { code, err } = await jenner(['serve'], { JENNER_PUBLIC_URL: 'http://iis.example' }).ended;
  expect([code, err]).toEqual([1, expect.stringContaining('expected https')]);
});
