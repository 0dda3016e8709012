// Preloaded into the server that block.mjs measures. Once a millisecond a timer looks how much CPU the main thread has
// had since it last looked: a timer comes once a round of the event loop, so the most of it is the longest stretch in
// which nobody else was looked at. CPU, since what other programs take of the machine is not the server's.
import { openSync, readSync } from 'node:fs';
import { Session } from 'node:inspector';
import { performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.send) watch(process.env.STRETCH_WHERE === '1');

function watch(tellsWhere) {
  const cpu = openThreadClock();
  const profiler = tellsWhere ? openProfiler() : undefined;
  let longest = { ms: 0 };
  let seen = cpu();
  let seenAt = performance.now();
  setInterval(() => {
    const now = cpu();
    const at = performance.now();
    if (now - seen > longest.ms) longest = { ms: now - seen, from: seenAt, to: at };
    seen = now;
    seenAt = at;
  }, 1).unref();
  process.on('message', async () => {
    const where = await profiler?.take(longest);
    process.send({ longest: longest.ms, where });
    longest = { ms: 0 };
    seen = cpu();
    seenAt = performance.now();
  });
  process.channel.unref();
}

/** Milliseconds of CPU of the main thread (proc_pid_schedstat: the first number, in nanoseconds). */
function openThreadClock() {
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`);
  const bytes = Buffer.alloc(80);
  return () => Number(bytes.latin1Slice(0, readSync(file, bytes, 0, 80, 0)).split(' ')[0]) / 1e6;
}

function openProfiler() {
  const session = new Session();
  session.connect();
  const post = (method, args) =>
    new Promise((resolve, reject) =>
      session.post(method, args, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  const start = async () => {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: 500 });
    await post('Profiler.start');
  };
  const ready = start();
  return {
    take: async (stretch) => {
      await ready;
      const { profile } = await post('Profiler.stop');
      await post('Profiler.start');
      return describe(profile, stretch);
    },
  };
}

/** Which functions the samples of the stretch lie in: by themselves, and with all that they call. */
function describe({ nodes, samples, timeDeltas, startTime }, { from, to }) {
  const offset = performance.now() - Number(process.hrtime.bigint()) / 1e6;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) byId.get(child).parent = node;
  const own = new Map();
  const whole = new Map();
  let at = startTime;
  let count = 0;
  samples.forEach((id, index) => {
    at += timeDeltas[index];
    const ms = at / 1000 + offset;
    if (ms < from || ms > to) return;
    count++;
    const names = new Set();
    for (let node = byId.get(id); node; node = node.parent) names.add(nameOf(node));
    const [first] = names;
    own.set(first, (own.get(first) ?? 0) + 1);
    for (const name of names) whole.set(name, (whole.get(name) ?? 0) + 1);
  });
  const top = (counts, most) =>
    [...counts]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, n]) => `${Math.round((100 * n) / count)} % ${name}`);
  return { own: top(own, 12), whole: top(whole, 40) };
}

function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  return `${functionName || '(anonymous)'} ${url.replace(/.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}`;
}
