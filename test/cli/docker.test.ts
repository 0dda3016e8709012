import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { processEnvironment } from '../../src/config.ts';
import { freePort } from '../free-port.ts';
import { useFolder } from '../use-folder.ts';

// Replays the steps of the Dockerfile without docker: what an image lacks, it lacks here.

const root = new URL('../../', import.meta.url).pathname;
type Step = { readonly word: string; readonly rest: string };
const steps: readonly Step[] = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, word, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return word === undefined || rest === undefined ? [] : { word, rest };
  });
const stages = steps.reduce<Step[][]>((all, step) => {
  if (step.word === 'FROM') all.push([]);
  all.at(-1)?.push(step);
  return all;
}, []);
const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');

const folder = useFolder('all');
let build: string;
let image: string;
beforeAll(() => {
  build = replay('build', stages[0] ?? []);
  symlinkSync(join(root, 'node_modules'), join(build, 'node_modules'));
  execFileSync(process.execPath, ['tools/build.mjs'], { cwd: build });
  rmSync(join(build, 'node_modules'));
  linkProductionPackages(join(build, 'node_modules'));
  image = replay('image', stages[1] ?? []);
}, 120_000);

/** Copies what the COPY lines of a stage name. */
function replay(name: string, stage: readonly Step[]): string {
  const app = folder.at(name);
  mkdirSync(app);
  for (const { rest } of stage.filter(({ word }) => word === 'COPY')) {
    const names = rest.replace('--from=build ', '').split(' ');
    const to = names.pop() ?? '.';
    for (const source of names) {
      const from = rest.startsWith('--from=build ') ? source.replace('/app', build) : sent(source);
      const path = join(app, to.endsWith('/') ? join(to, source) : to);
      cpSync(from, path, { recursive: true, verbatimSymlinks: true });
    }
  }
  return app;
}

/** What docker is sent, and what is kept from it. */
function sent(name: string): string {
  expect(ignored).not.toContain(name);
  return join(root, name);
}

/** As `npm prune --omit=dev` leaves them: a package that is only for development is not found. */
function linkProductionPackages(to: string): void {
  // It also complains of what has nothing to do with this, and answers all the same.
  const args = ['ls', '--omit=dev', '--all', '--parseable'];
  const listed = spawnSync('npm', args, { cwd: root, encoding: 'utf8' }).stdout;
  const modules = join(root, 'node_modules/');
  for (const path of listed.split('\n').filter((line) => line.startsWith(modules))) {
    const name = path.slice(modules.length);
    if (name.includes('/node_modules/')) continue;
    mkdirSync(dirname(join(to, name)), { recursive: true });
    symlinkSync(path, join(to, name));
  }
}

const wordsOf = (word: string) =>
  JSON.parse(
    stages[1]?.find((step) => step.word === word)?.rest.replace(/^.*? CMD /, '') ?? '[]',
  ) as string[];
const environment = Object.fromEntries(
  (stages[1] ?? [])
    .filter(({ word }) => word === 'ENV')
    .flatMap(({ rest }) => rest.split(' ').map((pair) => pair.split('=') as [string, string])),
);

function inImage(port: number) {
  const [, ...entry] = wordsOf('ENTRYPOINT');
  const data = folder.at('data');
  const env = {
    ...processEnvironment(),
    ...environment,
    JENNER_DATA: data,
    JENNER_STORE: `sqlite:${data}/jenner.sqlite`,
    JENNER_PORT: String(port),
  };
  return { entry, options: { cwd: image, env } };
}

describe('the image', () => {
  it('shows the demo to who has read its token, and to nobody else', async () => {
    const port = await freePort();
    const { entry, options } = inImage(port);
    const demo: ChildProcess = spawn(process.execPath, [...entry, 'demo', '--people', '2'], options);
    try {
      let said = '';
      demo.stdout?.on('data', (chunk) => {
        said += String(chunk);
      });
      for (let tries = 0; !said.includes('Press Ctrl-C'); tries++) {
        expect([tries < 300, demo.exitCode]).toEqual([true, null]);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const [, authorization = ''] = /Authorization: (Bearer [\w-]{43})/.exec(said) ?? [];
      const base = `http://127.0.0.1:${port}`;
      expect(said).toContain(`'${base}/fhir/Patient/`);
      const statusOf = async (path: string, headers = {}) => (await fetch(base + path, { headers })).status;
      expect(await statusOf('/fhir/Patient')).toBe(401);
      expect(await statusOf('/metrics')).toBe(401);
      expect(await statusOf('/fhir/Patient', { authorization: `${authorization}x` })).toBe(401);
      expect(await statusOf('/fhir/Patient', { authorization })).toBe(200);
      expect(await statusOf('/fhir/metadata')).toBe(200);
      const [, key = ''] = /\/demo\?key=([\w-]{43})/.exec(said) ?? [];
      expect(await statusOf('/demo')).toBe(403);
      expect(await statusOf(`/demo?key=${key}`)).toBe(200);
      const [, ...health] = wordsOf('HEALTHCHECK');
      expect(spawnSync(process.execPath, health, options).status).toBe(0);
      const elsewhere = { ...options, env: { ...options.env, JENNER_PORT: String(await freePort()) } };
      expect(spawnSync(process.execPath, health, elsewhere).status).toBe(1);
    } finally {
      demo.kill('SIGKILL');
    }
  }, 60_000);

  it('has no command that needs what is not in it', () => {
    const { entry, options } = inImage(0);
    const help = execFileSync(process.execPath, [...entry, '--help'], { ...options, encoding: 'utf8' });
    expect(help).toContain('import');
    expect(help).not.toContain('bench');
    expect(
      spawnSync(process.execPath, [...entry, 'jobs'], { ...options, encoding: 'utf8' }).stderr,
    ).toContain('there is no such store');
  });
});
