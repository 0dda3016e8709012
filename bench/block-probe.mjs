// A thread that asks two servers ten times a second whether they live, whether or not they have answered before:
// what it waits is what anybody waits. The second is a bare route, which tells what the machine itself makes one wait.
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

const { urls, pid } = workerData;
const agent = new Agent({ keepAlive: true });
let waits = fresh();

setInterval(() => {
  for (const [name, url] of Object.entries(urls)) ask(name, url);
  waits.peak = Math.max(waits.peak, residentMegabytes());
}, 100);

/** Answers what was waited since the last time it was asked, with what is still waited for. */
parentPort.on('message', () => {
  const now = performance.now();
  for (const [name, since] of waits.open.values())
    waits.worst[name] = Math.max(waits.worst[name], now - since);
  parentPort.postMessage({ worst: waits.worst, peak: waits.peak, failed: waits.failed });
  waits = { ...fresh(), open: waits.open };
});

function fresh() {
  return {
    worst: Object.fromEntries(Object.keys(urls).map((name) => [name, 0])),
    peak: 0,
    failed: 0,
    open: new Map(),
  };
}

function ask(name, url) {
  const sentAt = performance.now();
  const key = Symbol(name);
  waits.open.set(key, [name, sentAt]);
  const done = (isAnswered) => {
    if (!waits.open.delete(key)) return;
    if (!isAnswered) waits.failed++;
    waits.worst[name] = Math.max(waits.worst[name], performance.now() - sentAt);
  };
  const request = get(url, { agent }, (answer) => {
    answer.resume();
    answer.once('end', () => done(answer.statusCode === 200));
  });
  request.once('error', () => done(false));
}

function residentMegabytes() {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kilobytes) / 1024);
  } catch {
    return 0;
  }
}
