import { Worker } from 'node:worker_threads';

/**
 * Starts writer-thread beside this file. Where the source runs as it is (tests, `npm run dev`) and Node cannot
 * load TypeScript in a thread, tsx is registered there first.
 */
export function startWriterThread(path: string): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './writer-thread.ts' : './writer-thread.js', import.meta.url);
  // What a batch leaves behind is short-lived: a larger young generation only fills memory.
  const options = { workerData: { path }, resourceLimits: { maxYoungGenerationSizeMb: 16 } };
  if (!isSource) return new Worker(entry, options);
  const code = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(entry.href)}); });`;
  return new Worker(code, { ...options, eval: true });
}
