import { Worker } from 'node:worker_threads';

/**
 * Starts the module `entry`, named as it is built (`.js`). Where the source runs as it is (tests, `npm run dev`) and Node
 * cannot load TypeScript in a thread, tsx is registered there first. `mostMegabytes` may live in it; it ends where it has more.
 */
export function startThread(entry: URL, workerData: object = {}, mostMegabytes?: number): Worker {
  // What a message leaves behind is short-lived: a larger young generation only fills memory.
  const options = {
    workerData,
    resourceLimits: {
      maxYoungGenerationSizeMb: 16,
      ...(mostMegabytes !== undefined && { maxOldGenerationSizeMb: mostMegabytes }),
    },
  };
  if (!import.meta.url.endsWith('.ts')) return new Worker(entry, options);
  const source = JSON.stringify(entry.href.replace(/\.js$/, '.ts'));
  const code = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${source}); });`;
  return new Worker(code, { ...options, eval: true });
}
