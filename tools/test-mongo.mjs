// Runs tests with a MongoDB: `npm run test:mongo`, and `npm run test:mongo -- FILE…` for some of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openTestMongo } from './mongo/open.mjs';

const log = (text) => console.log(`test:mongo: ${text}`);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
// What is decided before a store is asked is tried without it.
const decided = [
  'audit-event',
  'bounds',
  'export-tables',
  'forecast-cases',
  'fuzz',
  'ignored-query',
  'patch',
  'preconditions',
  'view-run',
];
// Pages that are drawn of what the interactions answer; those that write in a race, and search, are tried.
const drawn = [
  'admin',
  'after-death',
  'family-dates',
  'give-today',
  'refused-links',
  'reporters',
  'time-zone',
  'today',
  'typed-name',
  'vaccine-names',
];
const without = [...decided, ...drawn.map((name) => `site/${name}`)];
// The engine has a core to itself.
const all = [
  '--maxWorkers',
  '1',
  '--project',
  'utc',
  'test/contract/mongo',
  'test/http',
  'test/interaction',
  'test/job',
  'test/mongo',
];

// Ctrl-C ends the tests; this process stays until the server is stopped.
const asked = { toStop: undefined };
let tests;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    asked.toStop = signal;
    tests?.kill(signal);
  });
}

/** vitest's exit code, with the MongoDB of `server` in its environment. */
async function runTests(server) {
  if (asked.toStop) return 1;
  const env = {
    ...process.env,
    JENNER_TEST_MONGO_URL: server.url,
    JENNER_TEST_MONGO_LACKS: server.lacks.join(),
    VITEST_WITHOUT: without.map((name) => `test/http/${name}.test.ts`).join(),
  };
  const args = process.argv.length > 2 ? process.argv.slice(2) : all;
  tests = spawn(process.execPath, [vitest, 'run', ...args], { stdio: 'inherit', env });
  const [code] = await once(tests, 'close');
  return code ?? 1;
}

try {
  const server = await openTestMongo(log);
  try {
    log(`running on ${server.name}`);
    if (server.lacks.length > 0) {
      log(`it lacks ${server.lacks.join(', ')}: tests that need them are skipped`);
    }
    process.exitCode = await runTests(server);
  } finally {
    await server.close();
  }
} catch (error) {
  console.error(`test:mongo: ${error.message}`);
  process.exitCode = 1;
}
