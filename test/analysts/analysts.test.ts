import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processEnvironment } from '../../src/config.ts';
import { useFolder } from '../use-folder.ts';

// docs/analysts.md as it is read: its commands one after the other, against a registry of made-up people.

const folder = useFolder('all');
const root = new URL('../../', import.meta.url).pathname;
const main = join(root, 'dist/main.js');
const port = 8540;
const people = 150;

/** The commands of the page, each block by itself; the registry is the one of the test. */
const blocks = [...readFileSync(join(root, 'docs/analysts.md'), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .map(([, commands = '']) => commands)
  .map((commands) =>
    commands.replaceAll('npx jenner', `node ${main}`).replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`),
  );

let server: ChildProcess | undefined;
let environment: Record<string, string | undefined>;

/** Undefined where packages can be had. */
function lacking(): string | undefined {
  if (!existsSync(main)) return 'there is no dist/: npm run build makes it';
  const probe = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder.path, 'tzdata'];
  const { status, error, stderr } = spawnSync('python3', probe, { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `no package can be had by pip: ${(error?.message ?? stderr).trim().split('\n').at(-1)}`;
}

beforeAll(async () => {
  environment = {
    ...processEnvironment(),
    JENNER_STORE: `sqlite:${folder.path}/registry.sqlite`,
    JENNER_DATA: join(folder.path, 'data'),
    JENNER_PORT: String(port),
    JENNER_LOG: 'warn',
  };
  const [from, store] = [join(root, 'bench/fill.mjs'), environment['JENNER_STORE']].map((one) =>
    JSON.stringify(one),
  );
  const fill = `import(${from}).then(({ fill }) => fill(${store}, ${people}, () => {}))`;
  execFileSync(process.execPath, ['--eval', fill], { cwd: root });
  server = spawn(process.execPath, [main, 'serve'], { cwd: root, env: environment, stdio: 'ignore' });
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 200));
});
afterAll(() => server?.kill('SIGKILL'));

const isReady = () =>
  fetch(`http://127.0.0.1:${port}/fhir/metadata`).then(
    ({ ok }) => ok,
    () => false,
  );

function run(commands: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: folder.path,
    env: environment,
    encoding: 'utf8',
  });
  expect(status, `${commands}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

it('leads from a key to a coverage table', ({ skip }) => {
  const reason = lacking();
  if (reason !== undefined) skip(reason);
  const said = blocks.map(run);
  const [, , , fetched = '', opened = '', coverage = '', ownRows = '', listed = '', exported = ''] = said;
  expect(fetched).toMatch(new RegExp(`tables/patient-1.parquet ${people} rows`));
  expect(fetched).toMatch(/tables\/immunization-1\.parquet \d+ rows\n.*evaluation-1.*\n.*recommendation-1/);
  expect(opened).toContain('occurrence_date');
  expect(opened).toMatch(/dose_quantity +float64/);
  expect(coverage).toMatch(/town +│ children │ one_dose │ two_doses │ up_to_date/);
  expect(coverage).toMatch(/Boston/);
  expect(ownRows).toMatch(/^id,code,given\r?\n\S+,V0\d,\d{4}-\d\d-\d\d\r?\n/);
  expect(listed).toMatch(/added eligibility\n[\s\S]*eligibility {2}Immunization {2}3 columns {2}added/);
  expect(exported).toMatch(/exported \d+ rows into 3 files/);
  expect(exported).toContain('vaccine_group');
});
