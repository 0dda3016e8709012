// npm run bench -- token [--uses 200000]
// What an access token costs: looked up and entitled at its first use, remembered from the second on.
import { toCaller } from '../dist/access/to-caller.js';
import { openAuthServer } from '../dist/auth/auth-server.js';
import { newClient } from '../dist/auth/clients/register-client.js';
import { passingSeal } from '../dist/auth/secrets/key-file.js';
import { openContext } from '../dist/interaction/context.js';
import { loadServerContext } from '../dist/shipped/server-context.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';

export async function run(args) {
  const at = args.indexOf('--uses');
  const uses = at < 0 ? 200_000 : Number(args[at + 1]);
  const store = await openSqliteStore({ path: ':memory:' });
  const publicUrl = 'http://localhost:8080';
  const baseUrl = `${publicUrl}/fhir`;
  const context = await loadServerContext({ baseUrl, profiles: [], declaredProfiles: 'error' });
  const { clock, searchParams: params } = context;
  const server = openAuthServer({
    settings: {
      publicUrl,
      allowPrivateJwks: false,
      parentUntilAge: 18,
      department: undefined,
      upstream: undefined,
    },
    store,
    clock,
    seal: passingSeal(),
    passwords: {},
    pages: {},
    contextFor: (caller) => openContext(context, store, caller),
    toCaller: (entitlement) =>
      toCaller(entitlement, { params, baseUrl, now: clock.now(), today: clock.today() }),
  });
  const scope = 'system/*.rs';
  const client = newClient({ name: 'bench', kind: 'secret', secretHash: 'none', scope }, clock);
  await server.clients.add(client);
  const access = { kind: 'access', client: client.id, scopes: [scope], until: clock.now() + 3_600_000 };
  const tokens = await Promise.all(Array.from({ length: 200 }, () => server.tokens.issue(access)));
  const requests = tokens.map((token) => ({
    headers: { authorization: `Bearer ${token}` },
    url: '/fhir/Patient',
  }));
  const first = await costOf(requests.length, (i) => server.bearer.callerOf(requests[i]));
  const second = await costOf(uses, (i) => server.bearer.callerOf(requests[i % requests.length]));
  console.log(`first use   ${first.toFixed(1)} µs of CPU`);
  console.log(`second use  ${second.toFixed(1)} µs of CPU`);
  await store.close();
}

/** Microseconds of CPU each. */
async function costOf(count, use) {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const answer = use(i);
    if (answer instanceof Promise) await answer;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
