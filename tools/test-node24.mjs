// Runs the unit and HTTP tests on Node 24, whatever node this is: `npm run test:node24`, `… -- FILE…` for some of them.
// Where this node is older, the one of the npm package node-PLATFORM-ARCH is put into a folder of the system for the time.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '24.22.3';
const all = ['bulk', 'cli', 'golden', 'http', 'unit'].map((name) => `test/${name}`);
// What imports nothing of Node is the same there, and so is what only such code decides.
const pure = ['access', 'fhir', 'forecast', 'hl7v2/guide', 'hl7v2/mapping', 'registry', 'search', 'values'];
const decided = [
  'deciding-elements',
  'forecast-cases',
  'fuzz',
  'identity-*',
  'ignored-query',
  'person-records',
  'preconditions',
  'site/**/*',
];
// Whole commands, whose processes and files others try there; an image brings its own Node.
const likeOthers = ['accounts', 'docker', 'smart'];
const without = [
  ...pure.map((name) => `test/unit/${name}/**`),
  ...decided.map((name) => `test/http/${name}.test.ts`),
  ...likeOthers.map((name) => `test/cli/${name}.test.ts`),
];

const log = (text) => console.log(`test:node24: ${text}`);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** The folder of a node of the version. */
function installNode(folder) {
  const name = `node-${process.platform}-${process.arch}`;
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${version}`];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm has no ${name}@${version}; run the tests with Node 24 itself`);
  return join(folder, 'node_modules', name, 'bin');
}

function runTests(bin) {
  const env = {
    ...process.env,
    PATH: [bin, process.env.PATH].join(delimiter),
    VITEST_WITHOUT: without.join(),
  };
  const args = process.argv.length > 2 ? process.argv.slice(2) : ['--project', 'utc', ...all];
  const node = join(bin, 'node');
  log(`running on ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`);
  return spawnSync(node, [vitest, 'run', ...args], { stdio: 'inherit', env }).status ?? 1;
}

const folder = mkdtempSync(join(tmpdir(), 'jenner-node-'));
try {
  const isThere = Number(process.versions.node.split('.')[0]) >= 24;
  process.exitCode = runTests(isThere ? join(process.execPath, '..') : installNode(folder));
} catch (error) {
  console.error(`test:node24: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
