// Preloaded into a server that is measured: a message with the name of a file begins a profile, the next one ends it and
// answers which share of the samples lay in that file or in what it called.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.send) {
  const session = new Session();
  session.connect();
  const post = (method, args) =>
    new Promise((resolve, reject) =>
      session.post(method, args, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  let file;
  process.on('message', async (message) => {
    if (message.from) {
      file = message.from;
      await post('Profiler.enable');
      await post('Profiler.setSamplingInterval', { interval: 200 });
      await post('Profiler.start');
      return process.send({ begun: true });
    }
    const { profile } = await post('Profiler.stop');
    if (message.keepAs) writeFileSync(message.keepAs, JSON.stringify(profile));
    process.send({ share: shareOf(profile, file) });
  });
  process.channel.unref();
}

/** Of the samples that are neither idle nor of the profiler itself. */
function shareOf({ nodes, samples }, file) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) byId.get(child).parent = node;
  let inFile = 0;
  let all = 0;
  for (const id of samples) {
    const stack = [];
    for (let node = byId.get(id); node; node = node.parent) stack.push(node.callFrame);
    if (/^\((idle|program)\)$/.test(stack[0].functionName)) continue;
    if (stack.some(({ url }) => url === import.meta.url)) continue;
    all++;
    if (stack.some(({ url }) => url.endsWith(file))) inFile++;
  }
  return inFile / all;
}
