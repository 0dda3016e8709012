import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../../src/config.ts';

/** What `jenner demo --describe` says of itself. */
export type Described = {
  readonly base: string;
  readonly users: readonly {
    readonly login: string;
    readonly password: string;
    readonly fhirUser?: string;
  }[];
  readonly clients: readonly {
    readonly client_id: string;
    readonly kind: string;
    readonly redirect?: string;
    readonly jwk?: Readonly<Record<string, unknown>>;
  }[];
  readonly token: string;
};

export type Demo = {
  readonly url: string;
  readonly described: Described;
  /** All that it has printed. */
  readonly printed: () => string;
  readonly stop: () => Promise<void>;
};

/** The real command, in a process of its own, on a port that is free. */
export async function runDemo(people = 100): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-demo-'));
  const file = join(folder, 'demo.json');
  const port = await freePort();
  const main = join(import.meta.dirname, '../../src/main.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', main, 'demo', '--people', String(people), '--describe', file],
    {
      env: { ...processEnvironment(), JENNER_PORT: String(port), JENNER_LOG: 'info', JENNER_DATA: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  await greeted(child, () => printed);
  return {
    url: `http://127.0.0.1:${port}`,
    described: JSON.parse(readFileSync(file, 'utf8')) as Described,
    printed: () => printed,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function greeted(child: ChildProcess, printed: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${printed()}`)));
    child.stdout?.on('data', () => {
      if (printed().includes('Press Ctrl-C')) resolve();
    });
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
