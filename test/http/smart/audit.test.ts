import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Browser, launch, openSmartServer, type SmartServer } from './smart-server.ts';

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer({ audit: true });
  await server.addUser('ann', { role: 'individual', patient: 'p' });
  await server.addUser('eve', { role: 'individual', patient: 'q' });
  await server.addUser('doc', { role: 'administrator' });
});
afterAll(() => server.close());

/** What an act leaves, the newest first. */
async function told(act: () => Promise<unknown>) {
  const before = await server.auditRows();
  await act();
  const rows = await server.auditRows();
  return rows.slice(0, rows.length - before.length);
}

/** Each is somebody at another moment, as long as nothing else is asked. */
async function signedIn(login: string): Promise<Browser> {
  const browser = new Browser(server);
  await browser.signIn(login);
  server.at.now += 1000;
  return browser;
}

const wrong = (login: string) => new Browser(server).signIn(login, 'wrong');

describe('signing in', () => {
  it('is told, with who it was and from where', async () => {
    const [, row] = await told(() => new Browser(server).signIn('ann'));
    const agent = { user: 'ann', role: 'individual', fhirUser: 'Patient/p', client: 'jenner' };
    expect(row).toMatchObject({ interaction: 'sign-in', outcome: 0, agent, from: '127.0.0.1' });
  });

  it('is told when it fails', async () => {
    expect(await told(() => wrong('ann'))).toMatchObject([
      { interaction: 'sign-in', outcome: 4, agent: { user: 'ann' } },
    ]);
  });

  it('tells no login that nobody has: it may be a password', async () => {
    const rows = await told(() => wrong('hunter2'));
    expect(rows).toMatchObject([{ interaction: 'sign-in', outcome: 4, agent: { name: 'unknown' } }]);
    expect(JSON.stringify(rows)).not.toContain('hunter2');
  });
});

describe('a page', () => {
  it('of a record is told', async () => {
    const browser = await signedIn('ann');
    const rows = await told(() => browser.get('/app/record/p/apps'));
    expect(rows).toContainEqual(
      expect.objectContaining({ interaction: 'page apps', patients: ['p'], outcome: 0, purpose: 'PATRQT' }),
    );
  });

  it("of somebody else's record is told as refused, and of nobody", async () => {
    const browser = await signedIn('ann');
    const rows = await told(() => browser.get('/app/record/q/seen'));
    expect(rows).toMatchObject([{ interaction: 'page seen', patients: [], outcome: 4 }]);
  });
});

describe('who saw my record', () => {
  const shown = async (login: string, path = ''): Promise<Answer> => {
    await server.auditRows();
    return (await signedIn(login)).get(`/app/record/${login === 'ann' ? 'p' : 'q'}/seen${path}`);
  };

  it('shows who read it, by which app, in words of the page', async () => {
    const client = await server.addClient();
    const { access_token } = await launch(server, { client, login: 'doc', scope: 'user/*.cruds' });
    server.at.now += 1000;
    expect((await server.ask(access_token, '/fhir/Patient/p/_history')).status).toBe(200);
    const { body } = await shown('ann');
    expect(body).toMatchObject({ view: 'seen', showsSeen: true, person: { id: 'p' } });
    expect(body.rows).toContainEqual(
      expect.objectContaining({ who: 'doc', role: 'administrator', app: 'Growth Buddy', what: 'read' }),
    );
    const other = await shown('eve');
    expect(other.body.rows.map(({ who }: { who: string }) => who)).not.toContain('doc');
  });

  it('goes on page by page', async () => {
    const browser = await signedIn('ann');
    for (let i = 0; i < 51; i++) await browser.get('/app/record/p/seen');
    const first = await shown('ann');
    expect(first.body.rows).toHaveLength(50);
    const second = await shown('ann', first.body.next.slice(first.body.next.indexOf('?')));
    expect(second.status).toBe(200);
    expect(second.body.rows.length).toBeGreaterThan(0);
    expect((await shown('ann', '?after=nonsense')).status).toBe(400);
  });
});

describe('a refusal', () => {
  it('of a token that is good no more names whose it was', async () => {
    const client = await server.addClient();
    const { access_token } = await launch(server, { client, login: 'ann', scope: 'user/Patient.rs' });
    await server.auth.clients.remove(client.id);
    const rows = await told(async () => {
      expect((await server.ask(access_token, '/fhir/Patient/p?_x=secret')).status).toBe(401);
    });
    expect(rows).toMatchObject([
      { interaction: 'unauthorized', outcome: 4, agent: { client: client.id }, query: 'GET /fhir/Patient/p' },
    ]);
  });

  it('of a token in the URL names whose it is, and not the token', async () => {
    const client = await server.addClient();
    const { access_token } = await launch(server, { client, login: 'ann', scope: 'user/Patient.rs' });
    const rows = await told(async () => {
      expect((await server.get(`/fhir/Patient/p?access_token=${access_token}`)).status).toBe(400);
    });
    expect(rows).toMatchObject([
      { interaction: 'unauthorized', outcome: 4, agent: { client: client.id }, query: 'GET /fhir/Patient/p' },
    ]);
    expect(JSON.stringify(rows)).not.toContain(access_token);
    expect(await told(() => server.get(`/fhir/Patient/p?access_token=${'x'.repeat(43)}`))).toEqual([]);
  });

  it.each([
    ['a path that is none', '/fhir/Patient/p/q/r', 404],
    ['a type that is none', '/fhir/Unicorn?name=x', 404],
    ['what is no id', '/fhir/Patient/no_id', 404],
    ['a format that is none', '/fhir/Patient/p?_format=text/turtle', 406],
  ])('of %s is told, before it is known what is asked', async (_, url, status) => {
    const client = await server.addClient();
    const { access_token } = await launch(server, { client, login: 'ann', scope: 'user/Patient.rs' });
    const rows = await told(async () => {
      expect((await server.ask(access_token, url)).status).toBe(status);
    });
    const query = `GET ${url.slice('/fhir/'.length)}`;
    expect(rows).toMatchObject([
      { interaction: 'refused', outcome: 4, patients: [], agent: { user: 'ann' }, query },
    ]);
  });

  it('of what was never a token tells nothing', async () => {
    const rows = await told(() => server.ask('x'.repeat(43), '/fhir/Patient/p'));
    expect(rows).toEqual([]);
  });

  it('by scope is told as a failure', async () => {
    const client = await server.addClient();
    const { access_token } = await launch(server, { client, login: 'ann', scope: 'user/Patient.rs' });
    const rows = await told(async () => {
      expect((await server.ask(access_token, '/fhir/Immunization/i1')).status).toBe(403);
    });
    expect(rows).toMatchObject([{ interaction: 'read', outcome: 4, patients: [], agent: { user: 'ann' } }]);
  });

  it('of a client that is known is told at the token endpoint, of any other not', async () => {
    const client = await server.addClient({}, 'a secret');
    const ask = (id: string) =>
      server.form('/auth/token', {
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: 'wrong',
        scope: 'system/Patient.rs',
      });
    expect(await told(() => ask(client.id))).toMatchObject([
      { interaction: 'token', outcome: 4, why: 'invalid_client', agent: { client: client.id } },
    ]);
    expect(await told(() => ask('nobody'))).toEqual([]);
  });
});

describe('what apps ask of the authorization server', () => {
  it('is told of a token that was given, without the token', async () => {
    const client = await server.addClient();
    let given = '';
    const rows = await told(async () => {
      given = (await launch(server, { client, login: 'ann', scope: 'user/Patient.rs offline_access' }))
        .access_token;
    });
    const agent = { name: `client:${client.id}`, client: client.id };
    expect(rows).toContainEqual(
      expect.objectContaining({
        interaction: 'token',
        query: 'grant_type=authorization_code',
        outcome: 0,
        agent,
      }),
    );
    expect(JSON.stringify(rows)).not.toContain(given);
  });

  it('is told of introspection and revocation, answered and refused', async () => {
    const app = await server.addClient();
    const { access_token: token } = await launch(server, {
      client: app,
      login: 'ann',
      scope: 'user/Patient.rs',
    });
    const client = await server.addClient({ kind: 'secret' }, 'secret');
    for (const interaction of ['introspect', 'revoke']) {
      const ask = (client_secret: string) =>
        server.form(`/auth/${interaction}`, { token, client_id: client.id, client_secret });
      const agent = { client: client.id };
      expect(await told(() => ask('wrong'))).toMatchObject([
        { interaction, outcome: 4, why: 'invalid_client', agent },
      ]);
      const rows = await told(() => ask('secret'));
      expect(rows).toMatchObject([{ interaction, outcome: 0, agent, what: [], patients: [] }]);
      expect(JSON.stringify(rows)).not.toContain(token);
    }
    expect(await told(() => server.form('/auth/revoke', { token, client_id: 'nobody' }))).toEqual([]);
  });

  it('is told of a launch that an EHR begins, for which app and patient', async () => {
    const launchScope = 'https://jenner-iis.org/scope/launch';
    const scope = `system/Patient.rs ${launchScope}`;
    const ehr = await server.addClient({ kind: 'secret', scope }, 'secret');
    const app = await server.addClient();
    const asked = { grant_type: 'client_credentials', client_id: ehr.id, client_secret: 'secret', scope };
    const { access_token } = (await server.form('/auth/token', asked)).body;
    const begin = (patient: string) =>
      server.inject({
        method: 'POST',
        url: '/auth/launch',
        headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
        payload: JSON.stringify({ client_id: app.id, patient }),
      });
    const agent = { client: ehr.id };
    const query = (patient: string) => `client_id=${app.id}&patient=${patient}`;
    expect(await told(() => begin('p'))).toContainEqual(
      expect.objectContaining({
        interaction: 'launch',
        outcome: 0,
        query: query('p'),
        agent: expect.objectContaining(agent),
      }),
    );
    expect(await told(() => begin('never'))).toContainEqual(
      expect.objectContaining({ interaction: 'launch', outcome: 4, query: query('never') }),
    );
  });

  it('tells no grant type that is none', async () => {
    const client = await server.addClient();
    const rows = await told(() =>
      server.form('/auth/token', { grant_type: 'hunter2', client_id: client.id }),
    );
    expect(rows).toMatchObject([{ query: 'grant_type=other', outcome: 4 }]);
  });
});

describe('a Bundle', () => {
  it.each(['batch', 'transaction'])(
    'that is a %s tells what its entries asked, be it refused',
    async (type) => {
      const client = await server.addClient();
      const { access_token } = await launch(server, { client, login: 'ann', scope: 'user/Patient.rs' });
      const entry = ['Patient/p', 'Patient?identifier=urn:x|1&_summary=count'].map((url) => ({
        request: { method: 'GET', url },
      }));
      const send = (more: readonly object[]) =>
        server.inject({
          method: 'POST',
          url: '/fhir',
          headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/fhir+json' },
          payload: JSON.stringify({ resourceType: 'Bundle', type, entry: [...entry, ...more] }),
        });
      const query = 'GET Patient/p\nGET Patient?identifier=urn:x|1&_summary=count';
      expect(await told(() => send([]))).toMatchObject([{ interaction: 'bundle', query, patients: ['p'] }]);
      const refused = await told(() => send([{ request: { method: 'DELETE', url: 'Patient/q' } }]));
      expect(refused).toMatchObject([{ interaction: 'bundle', query: `${query}\nDELETE Patient/q` }]);
    },
  );
});

describe('what was allowed before', () => {
  it('an account was disabled, or its password reset, stays over when it is enabled again', async () => {
    await server.addUser('kim', { role: 'individual', patient: 'p' });
    const client = await server.addClient();
    const { access_token, refresh_token } = await launch(server, {
      client,
      login: 'kim',
      scope: 'user/Patient.rs offline_access',
    });
    const read = async () => (await server.ask(access_token, '/fhir/Patient/p')).status;
    expect(await read()).toBe(200);
    server.at.now += 1000;
    const grantsFrom = server.at.now as never;
    await server.auth.users.change('kim', (user) => ({ ...user, grantsFrom }));
    server.at.now += 1000;
    expect(await read()).toBe(401);
    const again = { grant_type: 'refresh_token', refresh_token, client_id: client.id };
    expect((await server.form('/auth/token', again)).status).toBe(400);
    const anew = await launch(server, { client, login: 'kim', scope: 'user/Patient.rs' });
    expect((await server.ask(anew.access_token, '/fhir/Patient/p')).status).toBe(200);
  });

  it('an app was disabled stays over too', async () => {
    const client = await server.addClient();
    const { access_token, refresh_token } = await launch(server, {
      client,
      login: 'ann',
      scope: 'user/Patient.rs offline_access',
    });
    server.at.now += 1000;
    const tokensFrom = server.at.now as never;
    await server.auth.clients.change(client.id, (there) => ({ ...there, tokensFrom }));
    server.at.now += 1000;
    expect((await server.ask(access_token, '/fhir/Patient/p')).status).toBe(401);
    const again = { grant_type: 'refresh_token', refresh_token, client_id: client.id };
    expect((await server.form('/auth/token', again)).status).toBe(400);
  });

  it('a backend was disabled stays over too', async () => {
    const client = await server.addClient({ kind: 'secret', scope: 'system/Patient.rs' }, 'secret');
    const ask = { grant_type: 'client_credentials', client_id: client.id, client_secret: 'secret' };
    const form = { ...ask, scope: 'system/Patient.rs' };
    const { access_token } = (await server.form('/auth/token', form)).body;
    const read = async (token: string) => (await server.ask(token, '/fhir/Patient/p')).status;
    expect(await read(access_token)).toBe(200);
    server.at.now += 1000;
    const tokensFrom = server.at.now as never;
    await server.auth.clients.change(client.id, (there) => ({ ...there, tokensFrom }));
    server.at.now += 1000;
    expect(await read(access_token)).toBe(401);
    expect(await read((await server.form('/auth/token', form)).body.access_token)).toBe(200);
  });
});

describe('what somebody changes of an account', () => {
  it('is told, done or refused, and never a password', async () => {
    await server.addUser('sue', { role: 'individual', patient: 'p' });
    const browser = await signedIn('sue');
    const password = 'a longer one 2026';
    const page = await browser.get('/app/account');
    const change = (current: string) =>
      browser.fill(page, '/app/account', { change: 'password', current, password, again: password });
    const refused = await told(() => change('not it'));
    const agent = { user: 'sue' };
    expect(refused).toContainEqual(
      expect.objectContaining({ interaction: 'account', action: 'U', query: 'password', outcome: 4 }),
    );
    const done = await told(() => change('password of sue'));
    expect(done).toContainEqual(
      expect.objectContaining({ query: 'password', outcome: 0, agent: expect.objectContaining(agent) }),
    );
    expect(JSON.stringify([refused, done])).not.toMatch(/not it|a longer one/);
  });
});
