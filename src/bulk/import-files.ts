import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { JobWork } from '../job/job-work.ts';
import { importBundle } from './import-bundle.ts';
import { type ImportJobs, runImportJob } from './import-job.ts';
import { createImportPool } from './import-pool.ts';
import { importResource } from './import-resource.ts';
import { openRetries } from './import-retries.ts';
import { type ImportSource, readLines, readWhole, type SourceLine } from './import-source.ts';
import { openRejectedFile, type RejectedFile } from './rejected-file.ts';

export type ImportCounts = {
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  /** Lines that an earlier, interrupted run had done. */
  skipped: number;
};

export type ImportProgress = {
  readonly begin: (source: ImportSource) => void;
  /** Bytes of the file read so far, and what has become of it. */
  readonly advance: (bytesRead: number, counts: Readonly<ImportCounts>) => void;
  readonly end: (source: ImportSource, counts: Readonly<ImportCounts>) => void;
};

export type ImportOptions = {
  /** How each file is a job. */
  readonly jobs: ImportJobs;
  /** Where `<file>.rejected.ndjson` goes. */
  readonly rejectedDirectory: string;
  readonly progress: ImportProgress;
  readonly linesPerCheckpoint?: number;
};

/** A checkpoint waits until all that is under way is written. */
const usualLinesPerCheckpoint = 10_000;

/**
 * Imports the files one after the other. Each line and each Bundle ends in the same interactions as an HTTP
 * request. What is refused is kept with its reason; an interrupted import goes on where it stopped.
 */
export async function importFiles(
  ctx: InteractionContext,
  sources: readonly ImportSource[],
  options: ImportOptions,
): Promise<ImportCounts> {
  const total = noCounts();
  for (const source of sources) {
    const counts = noCounts();
    options.progress.begin(source);
    await runImportJob(options.jobs, source, (work) => importSource(ctx, source, counts, options, work));
    options.progress.end(source, counts);
    for (const name of Object.keys(total) as (keyof ImportCounts)[]) total[name] += counts[name];
  }
  return total;
}

async function importSource(
  ctx: InteractionContext,
  source: ImportSource,
  counts: ImportCounts,
  options: ImportOptions,
  work: JobWork,
): Promise<void> {
  const rejected = openRejectedFile(source.path, options.rejectedDirectory);
  try {
    if (source.format === 'ndjson') await importLines(ctx, source, rejected, counts, options, work);
    else await importWhole(ctx, source, rejected, counts);
  } finally {
    await rejected.close();
  }
}

function noCounts(): ImportCounts {
  return { created: 0, updated: 0, unchanged: 0, rejected: 0, skipped: 0 };
}

async function importLines(
  ctx: InteractionContext,
  source: ImportSource,
  rejected: RejectedFile,
  counts: ImportCounts,
  { progress, linesPerCheckpoint = usualLinesPerCheckpoint }: ImportOptions,
  work: JobWork,
): Promise<void> {
  // Up to this line everything is done.
  const done = typeof work.checkpoint === 'number' ? work.checkpoint : 0;
  const pool = createImportPool();
  const retries = openRetries();
  const reject = async ({ number, text }: SourceLine, problem: Problem) => {
    counts.rejected++;
    await rejected.write(number, text, problem);
  };
  const write = async (line: SourceLine) => {
    try {
      counts[await importResource(ctx, line.text, `${source.fingerprint}|${line.number}`, pool.inTurn)]++;
    } catch (thrown) {
      // What is no Problem is a fault of ours or of the store, and ends the import.
      if (!(thrown instanceof Problem)) throw thrown;
      if (!retries.add(line, thrown)) await reject(line, thrown);
    }
  };
  const settle = async () => {
    await pool.drain();
    const isSettled = await retries.retry(write);
    await rejected.flush();
    return isSettled;
  };
  for await (const line of readLines(source)) {
    work.signal.throwIfAborted();
    if (line.number <= done) {
      counts.skipped++;
      continue;
    }
    await pool.run(() => write(line));
    if (line.number % linesPerCheckpoint === 0 && (await settle())) await work.keep(line.number);
    if (line.number % 100 === 0) {
      progress.advance(line.bytesRead, counts);
      work.progress({ done: line.bytesRead, total: source.bytes, note: 'bytes' });
    }
  }
  await settle();
  for (const { line, problem } of retries.take()) await reject(line, problem);
}

async function importWhole(
  ctx: InteractionContext,
  source: ImportSource,
  rejected: RejectedFile,
  counts: ImportCounts,
): Promise<void> {
  const text = await readWhole(source);
  await importBundle(ctx, text, source.fingerprint, {
    count: (kind) => {
      counts[kind]++;
    },
    reject: async (line, content, problem) => {
      counts.rejected++;
      await rejected.write(line, content, problem);
    },
  });
}
