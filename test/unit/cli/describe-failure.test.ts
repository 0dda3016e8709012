import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../src/cli/describe-failure.ts';
import { ConfigError } from '../../../src/config.ts';
import { Problem } from '../../../src/fhir/problem.ts';
import { ScheduleError } from '../../../src/forecast/schedule-error.ts';
import { StoreBusyError } from '../../../src/store/contract/store.ts';

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
  }
  throw new Error('nothing was thrown');
}

const system = (code: string, more: object) =>
  Object.assign(new Error('system'), { code, syscall: 'x', ...more });
const mongo = Object.assign(new Error('no primary'), { name: 'MongoServerSelectionError' });

describe('what a command says when it fails', () => {
  it.each([
    ['a setting', new ConfigError('JENNER_PORT=x: expected a port'), 'JENNER_PORT=x: expected a port'],
    ['a refusal', new Problem('not-found', 'There is no Patient/1'), 'There is no Patient/1'],
    ['a schedule', new ScheduleError('antigens[0]', 'no series'), 'antigens[0]: no series'],
    ['a store', new StoreBusyError('full'), 'full'],
    [
      'a driver',
      new Error('MongoDB cannot be used: no primary', { cause: mongo }),
      'MongoDB cannot be used: no primary',
    ],
    [
      'SQLite',
      Object.assign(new Error('file is not a database'), { code: 'ERR_SQLITE_ERROR' }),
      'file is not a database',
    ],
    [
      'a file that is missing',
      thrownBy(() => readFileSync('none.json')),
      'none.json: there is no such file or folder',
    ],
    ['a folder', thrownBy(() => readFileSync('src')), expect.stringContaining('EISDIR')],
    ['what may not be read', system('EACCES', { path: '/x' }), '/x: this user may not read or write it'],
    [
      'a port in use',
      system('EADDRINUSE', { port: 80 }),
      'port 80: another program listens there; a free port was expected (JENNER_PORT, JENNER_HL7_PORT)',
    ],
    ['another code', system('EXDEV', { path: '/x' }), 'system'],
    ['no error', 'text', 'text'],
  ])('of %s is a sentence', (_, thrown, said) => {
    expect(describeFailure(thrown)).toEqual(said);
  });

  it.each([
    new RangeError('too deep'),
    new TypeError('no member'),
    new Error('a fault of ours'),
    new SyntaxError('x'),
  ])('of ours is a stack: %s', (thrown) => {
    expect(describeFailure(thrown)).toContain('describe-failure.test.ts');
    const within = describeFailure(new Error('while reading', { cause: thrown }));
    expect(within).toMatch(/while reading.*caused by/s);
  });
});

describe('jenner', () => {
  const run = async (args: readonly string[], environment: Record<string, string> = {}) => {
    const file = ['--import', 'tsx', 'src/main.ts', ...args];
    const options = { env: environment };
    const done = await promisify(execFile)(process.execPath, file, options).catch(
      (failed: unknown) => failed,
    );
    return done as { readonly code?: number; readonly stderr: string };
  };

  it('ends with 1 and one line that names the file, or the setting', async () => {
    const missing = await run(['forecast', 'none.json']);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      'jenner: none.json: there is no such file or folder; a JSON file with Parameters of $immds-forecast was expected\n',
    ]);
    const folder = await run(['forecast', 'src']);
    expect(folder.stderr).toContain('jenner: src: it is a folder; a file was expected; a JSON file');
    const wrong = await run(['config'], { JENNER_PORT: 'x' });
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      'jenner: JENNER_PORT=x: expected a port from 0 to 65535\n',
    ]);
  });
});
