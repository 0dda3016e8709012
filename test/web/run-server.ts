import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processEnvironment } from '../../src/config.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const execute = promisify(execFile);

export type Registry = {
  readonly url: string;
  /** Runs a command beside the server and parses what it prints. */
  readonly jenner: (...args: readonly string[]) => Promise<Record<string, string>>;
  readonly stop: () => Promise<void>;
};

/** `jenner serve` on a store in the folder that holds these resources. */
export async function runServer(
  folder: string,
  port: number,
  resources: readonly object[],
): Promise<Registry> {
  const env = {
    ...processEnvironment(),
    JENNER_PORT: String(port),
    JENNER_LOG: 'warn',
    JENNER_DATA: folder,
    JENNER_STORE: `sqlite:${join(folder, 'store.sqlite')}`,
  };
  const run = (args: readonly string[]) =>
    execute(process.execPath, ['--import', 'tsx', main, ...args], { env, cwd: join(main, '../..') });
  const file = join(folder, 'resources.ndjson');
  writeFileSync(file, resources.map((resource) => JSON.stringify(resource)).join('\n'));
  await run(['import', file, '--rejected', folder]);
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'serve'], { env, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const ready = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (ready?.ok) break;
    if (tries > 300 || child.exitCode !== null) throw new Error('the server did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    jenner: async (...args) => JSON.parse((await run([...args, '--json'])).stdout) as Record<string, string>,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}
