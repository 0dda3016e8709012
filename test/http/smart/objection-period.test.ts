import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInterfaceAccounts } from '../../../src/auth/interfaces/interface-accounts.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { dataSharingObjection } from '../../../src/search/reach.ts';
import { parseTimeZone } from '../../../src/values/time-zone.ts';
import { Browser, launch, openSmartServer, type SmartServer } from './smart-server.ts';

// 2026-06-10 begins in New York at 04:00 UTC.
const midnight = Date.UTC(2026, 5, 10, 4);
const day = 24 * 3600 * 1000;

let server: SmartServer;
let count = 0;
beforeAll(async () => {
  server = await openSmartServer({ timeZone: parseTimeZone('America/New_York') as never });
  await server.addUser('pat', { role: 'individual', patient: 'p' });
}, 60_000);
afterAll(() => server.close());

async function object(period: object): Promise<void> {
  const consent = {
    resourceType: 'Consent',
    status: 'active',
    scope: { text: 'privacy' },
    category: [{ coding: [dataSharingObjection] }],
    patient: { reference: 'Patient/p' },
    policyRule: { text: 'law' },
    provision: { type: 'deny', period },
  };
  const ctx = openContext(server.context, server.store, { kind: 'open' });
  await createResource(ctx, { resource: consent as never, exactNumbers: false });
}

/** Of each way to look, whether the person is seen. */
async function seenBy(token: string): Promise<readonly boolean[]> {
  const found = async (url: string) => ((await server.ask(token, url)).body.total as number) > 0;
  const { body } = await server.inject({
    method: 'POST',
    url: '/fhir',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    payload: JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: 'Patient/p' } }],
    }),
  });
  return [
    (await server.ask(token, '/fhir/Patient/p')).status === 200,
    (await server.ask(token, '/fhir/Patient/p/$everything')).status === 200,
    (await server.ask(token, '/fhir/Patient/p/_history')).status === 200,
    await found('/fhir/Patient?_id=p&_total=accurate'),
    await found('/fhir/Patient?_has:Immunization:patient:status=completed&_id=p&_summary=count'),
    body.entry[0].response.status.startsWith('200'),
  ];
}

async function newToken(): Promise<string> {
  const login = `nurse-${++count}`;
  await server.addUser(login, { role: 'clinician', organization: ['a'] });
  const client = await server.addClient({ scope: 'user/*.rs' });
  return (await launch(server, { client, login, scope: 'user/Patient.rs user/*.rs' })).access_token;
}

const isSeen = async (token: string) => {
  const ways = await seenBy(token);
  expect(new Set(ways)).toHaveProperty('size', 1);
  return ways[0];
};

describe('an objection with a period', () => {
  it('begins and ends with days of the registry, also for a token that is in use', async () => {
    server.at.now = midnight - 30_000;
    await object({ start: '2026-06-10', end: '2026-06-11' });
    const before = await newToken();
    expect(await isSeen(before)).toBe(true);
    server.at.now = midnight - 1;
    expect(await isSeen(before)).toBe(true);
    server.at.now = midnight;
    expect(await isSeen(before)).toBe(false);
    server.at.now = midnight + 2 * day - 30_000;
    const within = await newToken();
    expect(await isSeen(within)).toBe(false);
    server.at.now = midnight + 2 * day - 1;
    expect(await isSeen(within)).toBe(false);
    server.at.now = midnight + 2 * day;
    expect(await isSeen(within)).toBe(true);
  });

  it('is asked by the day for doors that are not FHIR', async () => {
    await server.addUser('clinic', { role: 'interface', organization: ['a'] });
    const accounts = openInterfaceAccounts(server.auth, 'off');
    const caller = async () => (await accounts.byLogin('clinic'))?.callerAs();
    server.at.now = midnight + 5 * day - 2000;
    const before = await caller();
    server.at.now += 1999;
    expect(await caller()).toBe(before);
    server.at.now += 1;
    expect(await caller()).not.toBe(before);
  });

  it('stands on the page of the person while it counts, and does not keep the person from another', async () => {
    server.at.now = midnight + 10 * day;
    const browser = new Browser(server);
    await browser.signIn('pat');
    const page = await browser.get('/app/record/p/apps');
    expect(page.body.objects).toBe(false);
    const hidden = await browser.fill(page, '/app/record/p/apps', { sharing: 'object' });
    expect(hidden.body.objects).toBe(true);
    const token = await newToken();
    expect(await isSeen(token)).toBe(false);
    await object({ start: '2026-07-01' });
    const shared = await browser.fill(hidden, '/app/record/p/apps', { sharing: 'share' });
    expect(shared.body.objects).toBe(false);
    server.at.now = Date.UTC(2026, 6, 2);
    expect(await isSeen(await newToken())).toBe(true);
  });
});
