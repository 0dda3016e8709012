// A server of its own process, and what it costs.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A server of the checkout at `root`, open to everybody on this machine, when it answers. A module that is preloaded
 * into it may send messages; `flags` are Node's.
 */
export async function startServer(root, port, environment, { preloaded, flags = [] } = {}) {
  const preload = preloaded ? ['--import', preloaded.href] : [];
  const server = spawn(process.execPath, [...flags, ...preload, join(root, 'dist/main.js'), 'serve'], {
    stdio: ['ignore', 'ignore', 'inherit', ...(preloaded ? ['ipc'] : [])],
    env: {
      ...process.env,
      JENNER_AUTH: 'off',
      JENNER_PORT: String(port),
      JENNER_LOG: 'warn',
      ...environment,
    },
  });
  await untilReady(`http://127.0.0.1:${port}/fhir/metadata`);
  return server;
}

export async function stopServer(server) {
  server.kill('SIGTERM');
  if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
}

export async function untilReady(url) {
  for (let tries = 0; tries < 1000; tries++) {
    const ready = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${url} did not answer`);
}

/** CPU of the process with all its threads since its start; to 10 ms. */
export function cpuMilliseconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function residentMegabytes(pid) {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
