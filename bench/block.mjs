// npm run bench -- block [--people 10000] [--only 'XML;batch of'] [--where] [--store FILE] [--port 8195]
// How long anybody waits, and how much memory is held, while somebody asks for much: the worst wait of a 10 Hz probe of
// /health/live during each, beside that of a bare route on the same machine at the same time; and the longest stretch of
// CPU in which the server looked at nobody, which other programs do not lengthen. --where tells in which functions that
// was, --store keeps the filled store for the next run (what the attacks write stays in it).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { attacks } from './block-attacks.mjs';
import { fill } from './fill.mjs';
import { getRequest, load } from './http-client.mjs';
import { cpuMilliseconds, startServer, stopServer, untilReady } from './server-process.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** An attack that is not answered by then is said to hang. */
const longest = 120_000;

/** Milliseconds that one stretch may take, on the machine of the figures in README. */
const mostMs = 50;
/** CPU of a request of the bare route there. */
const bareMs = 0.013;

export async function run(args) {
  const option = (name, fallback) => (args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const port = Number(option('--port', '8195'));
  const only = option('--only', '').split(';');
  const tellsWhere = args.includes('--where');
  const folder = mkdtempSync(join(tmpdir(), 'jenner-block-'));
  const store = `sqlite:${option('--store', join(folder, 'block.sqlite'))}`;
  try {
    await fill(store, Number(option('--people', '10000')), console.log);
    const bare = await startBare(folder, port + 1);
    const scale = () => scaleOf(bare, port + 1);
    await scale();
    console.log(head);
    const server = await startServer(
      join(here, '..'),
      port,
      { JENNER_STORE: store, JENNER_LOG: 'fatal', STRETCH_WHERE: tellsWhere ? '1' : '0' },
      { preloaded: new URL('./stretch-watch.mjs', import.meta.url) },
    );
    const probe = startProbe(server.pid, port);
    try {
      for (const [name, attack] of Object.entries(attacks)) {
        if (!only.some((part) => name.includes(part))) continue;
        console.log(await measure(name, () => attack(port), { probe, server, scale }));
        if (server.exitCode !== null) throw new Error(`the server ended during "${name}"`);
      }
    } finally {
      await probe.stop();
      bare.kill('SIGTERM');
      await stopServer(server);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How much slower this machine is now than that of README's figures, at its best of a few looks; never faster. */
async function scaleOf(bare, port) {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 4; look++) {
    const before = cpuMilliseconds(bare.pid);
    const { requests } = await load({ port, connections: 16, seconds: 0.5, next: () => getRequest('/live') });
    least = Math.min(least, (cpuMilliseconds(bare.pid) - before) / requests);
  }
  return Math.max(1, least / bareMs);
}

const head =
  'what'.padEnd(36) +
  'seconds'.padStart(8) +
  'worst ms'.padStart(10) +
  'bare ms'.padStart(9) +
  'stretch ms'.padStart(12) +
  'of'.padStart(5) +
  'peak MB'.padStart(9);

async function measure(name, attack, { probe, server, scale }) {
  const bound = mostMs * (await scale());
  await probe.ask();
  await longestStretch(server);
  const started = performance.now();
  const statuses = await Promise.race([attack(), hang(server)]);
  const seconds = (performance.now() - started) / 1000;
  // What is left behind is part of it: a client that has gone must not be worked for.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { worst, peak, failed } = await probe.ask();
  const { longest, where } = await longestStretch(server);
  const row = [seconds.toFixed(1).padStart(8), worst.jenner.toFixed(0).padStart(10)];
  row.push(worst.bare.toFixed(0).padStart(9), longest.toFixed(0).padStart(12), bound.toFixed(0).padStart(5));
  row.push(String(peak).padStart(9));
  const verdict = longest > bound ? 'LONGER' : 'within';
  const probes = failed > 0 ? ` ${failed} probes failed` : '';
  const told = where
    ? `\n${[...where.own, '-', ...where.whole].map((line) => `      ${line}`).join('\n')}`
    : '';
  return `${name.padEnd(36)}${row.join('')}  ${verdict}  ${JSON.stringify(statuses)}${probes}${told}`;
}

/** Since it was last asked. */
function longestStretch(server) {
  return Promise.race([
    new Promise((resolve) => {
      server.once('message', resolve);
      if (server.connected) server.send('ask');
    }),
    hang(server).then(() => ({ longest: Number.NaN })),
  ]);
}

/** Resolves when the server ends, or when it has had time enough. */
function hang(server) {
  return new Promise((resolve) => {
    const started = performance.now();
    const timer = setInterval(() => {
      const ended = server.exitCode !== null;
      if (!ended && performance.now() - started < longest) return;
      clearInterval(timer);
      resolve(ended ? { ended: 1 } : { hangs: 1 });
    }, 100).unref();
  });
}

async function startBare(folder, port) {
  const bodies = join(folder, 'bodies.json');
  writeFileSync(bodies, JSON.stringify({ live: '{"status":"ok"}' }));
  const bare = spawn(process.execPath, [join(here, 'bare-server.mjs'), String(port), bodies]);
  await untilReady(`http://127.0.0.1:${port}/live`);
  return bare;
}

function startProbe(pid, port) {
  const urls = {
    jenner: `http://127.0.0.1:${port}/health/live`,
    bare: `http://127.0.0.1:${port + 1}/live`,
  };
  const worker = new Worker(new URL('./block-probe.mjs', import.meta.url), { workerData: { pid, urls } });
  return {
    ask: () =>
      new Promise((resolve) => {
        worker.once('message', resolve);
        worker.postMessage('ask');
      }),
    stop: () => worker.terminate(),
  };
}
