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
