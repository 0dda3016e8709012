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
  const stackOf = stacksOf(nodes);
  const isWork = ([own, ...callers]) =>
    !/^\((idle|program)\)$/.test(own.functionName) && !callers.some(({ url }) => url === import.meta.url);
  const working = samples.map(stackOf).filter(isWork);
  return working.filter((stack) => stack.some(({ url }) => url.endsWith(file))).length / working.length;
}

/** The functions under way in a sample, the innermost first. */
function stacksOf(nodes) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callerOf = new Map(nodes.flatMap((node) => (node.children ?? []).map((id) => [id, node])));
  return (id) => {
    const stack = [];
    for (let node = byId.get(id); node; node = callerOf.get(node.id)) stack.push(node.callFrame);
    return stack;
  };
}
