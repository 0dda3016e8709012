import { Worker } from 'node:worker_threads';

/**
 * Starts writer-thread or reader-thread beside this file. Where the source runs as it is (tests, `npm run dev`) and Node
 * cannot load TypeScript in a thread, tsx is registered there first.
 */
export function startThread(name: 'writer-thread' | 'reader-thread', workerData: object): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(`./${name}.${isSource ? 'ts' : 'js'}`, import.meta.url);
  // What a batch leaves behind is short-lived: a larger young generation only fills memory.
  const options = { workerData, resourceLimits: { maxYoungGenerationSizeMb: 16 } };
  if (!isSource) return new Worker(entry, options);
  const code = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(entry.href)}); });`;
  return new Worker(code, { ...options, eval: true });
}
