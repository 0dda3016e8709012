import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { processEnvironment } from '../../src/config.ts';
import { useFolder } from '../use-folder.ts';

const folder = useFolder();
const root = new URL('../../', import.meta.url).pathname;

function jenner(args: readonly string[], input = '') {
  const env = {
    ...processEnvironment(),
    JENNER_STORE: `sqlite:${folder.path}/s.sqlite`,
    JENNER_DATA: folder.path,
  };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/main.ts', ...args],
    {
      cwd: root,
      env,
      input,
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

it('keeps clients: adds, lists, changes and removes them, and shows a secret once', () => {
  const add = ['client', 'add', '--name', 'App', '--kind', 'secret', '--redirect', 'http://localhost:1/a'];
  const added = jenner([...add, 'http://localhost:1/b', '--scope', 'launch/patient patient/*.rs', '--json']);
  expect(added.status, added.stderr).toBe(0);
  const { client_id: id, client_secret: secret } = added.json();
  expect(secret).toMatch(/^[\w-]{43}$/);
  const listed = jenner(['client', 'list', '--json']);
  expect(listed.stdout).not.toContain(secret);
  expect(listed.json()).toEqual([
    {
      client_id: id,
      name: 'App',
      kind: 'secret',
      redirect: ['http://localhost:1/a', 'http://localhost:1/b'],
      scope: 'launch/patient patient/*.rs',
      disabled: false,
    },
  ]);
  const changed = jenner(['client', 'change', id, '--name', 'Other', '--new-secret', '--disable', '--json']);
  expect(changed.json()).toMatchObject({ client_id: id, name: 'Other', disabled: true });
  expect(changed.json().client_secret).not.toBe(secret);
  expect(jenner(['client', 'remove', id]).stdout).toBe(`removed client ${id}\n`);
  const gone = jenner(['client', 'remove', id]);
  expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining(`there is no client ${id}`)]);
}, 120_000);

it('keeps users, whose password is made or given, and never shown again', () => {
  const people = `${folder.path}/people.ndjson`;
  const there = ['Practitioner/doc', 'Organization/a', 'Organization/b'].map((name) => name.split('/'));
  const lines = there.map(([resourceType, id]) =>
    JSON.stringify({ resourceType, id, name: nameOf(resourceType) }),
  );
  writeFileSync(people, lines.join('\n'));
  expect(jenner(['import', people, '--rejected', folder.path]).status).toBe(0);
  const add = ['user', 'add', '--login', 'ann', '--role', 'clinician', '--practitioner', 'doc'];
  const added = jenner([...add, '--organization', 'a', 'b', '--json']);
  expect(added.status, added.stderr).toBe(0);
  expect(added.json()).toMatchObject({ login: 'ann', role: 'clinician', fhirUser: 'Practitioner/doc' });
  expect(added.json().password).toMatch(/^[\w-]{20}$/);
  const taken = jenner(
    ['user', 'add', '--login', 'ANN', '--role', 'auditor', '--password-stdin'],
    'pass word 1\n',
  );
  expect([taken.status, taken.stderr]).toEqual([1, expect.stringContaining('the login ANN is taken')]);
  const weak = jenner(['user', 'change', 'ann', '--password-stdin'], 'short\n');
  expect([weak.status, weak.stderr]).toEqual([1, expect.stringContaining('8 to 256 characters')]);
  const reset = jenner(['user', 'change', 'ann', '--reset-password', '--role', 'auditor', '--json']);
  expect(reset.json()).toMatchObject({ role: 'auditor', password: expect.any(String) });
  expect(jenner(['user', 'disable', 'ann', '--json']).json()).toMatchObject({ disabled: true });
  expect(jenner(['user', 'change', 'ann', '--enable', '--json']).json()).toMatchObject({ disabled: false });
  const listed = jenner(['user', 'list', '--json']);
  expect(listed.json()).toHaveLength(1);
  expect(listed.stdout).not.toMatch(/argon2|password"/);
  const asAuditor = jenner(['user', 'list', '--as', 'ann']);
  expect([asAuditor.status, asAuditor.stderr]).toEqual([1, expect.stringContaining('only an administrator')]);
  const imported = jenner(['import', people, '--rejected', folder.path, '--as', 'eve']);
  expect([imported.status, imported.stderr]).toEqual([
    1,
    expect.stringContaining('--as eve: there is no such'),
  ]);
  expect(jenner(['user', 'remove', 'ann']).status).toBe(0);
  expect(jenner(['user', 'list', '--json']).json()).toEqual([]);
}, 120_000);

function nameOf(type: string | undefined) {
  return type === 'Organization' ? 'A' : [{ family: 'Doe' }];
}

it('rotates the keys of the store', () => {
  const [first, second] = [1, 2].map(() => jenner(['keys', 'rotate', '--json']).json().kid);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(second).not.toBe(first);
});
