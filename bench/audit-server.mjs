// A server of one kind for `npm run bench -- audit`: off, token (authorization without audit) or audit (both). Says by
// a message which token is to be sent.

import { openClients } from '../dist/auth/clients/client-records.js';
import { newClient } from '../dist/auth/clients/register-client.js';
import { openEpoch } from '../dist/auth/epoch.js';
import { openTokens } from '../dist/auth/oauth/tokens.js';
import { loadConfig } from '../dist/config.js';
import { openStore } from '../dist/open-store.js';
import { openGround, startServer } from '../dist/start-server.js';

const [kind, organization] = process.argv.slice(2);
const config = loadConfig(process.env);
const store = await openStore(config.store);
const ground = await openGround(kind === 'audit' ? config : { ...config, auth: 'off' }, store);
const token = kind === 'off' ? undefined : await giveToken(ground.context.clock);
const software = { version: 'bench', released: '2026-01-01' };
const server = await startServer(config, ground, { software, warn: () => undefined, pages: {} });
process.send({ token });
process.once('SIGTERM', async () => {
  await server.close();
  await store.close();
  process.exit();
});

async function giveToken(clock) {
  const epoch = openEpoch(store);
  const scope = 'system/*.rs';
  const input = {
    name: kind,
    kind: 'secret',
    secretHash: 'none',
    scope,
    ...(organization && { organization }),
  };
  const client = newClient(input, clock);
  await openClients(store, epoch).add(client);
  const until = clock.now() + 3_600_000;
  return openTokens(store, clock, epoch).issue({ kind: 'access', client: client.id, scopes: [scope], until });
}
