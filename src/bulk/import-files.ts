import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Store } from '../store/contract/store.ts';
import { importBundle } from './import-bundle.ts';
import { readCheckpoint, removeCheckpoint, writeCheckpoint } from './import-checkpoint.ts';
import { createImportPool } from './import-pool.ts';
import { type Imported, importResource } from './import-resource.ts';
import { type ImportSource, readLines, readWhole } from './import-source.ts';
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
  /** Where checkpoints are kept. */
  readonly store: Store;
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
    const rejected = openRejectedFile(source.path, options.rejectedDirectory);
    try {
      if (source.format === 'ndjson') await importLines(ctx, source, rejected, counts, options);
      else await importWhole(ctx, source, rejected, counts);
    } finally {
      await rejected.close();
    }
    options.progress.end(source, counts);
    for (const name of Object.keys(total) as (keyof ImportCounts)[]) total[name] += counts[name];
  }
  return total;
}

function noCounts(): ImportCounts {
  return { created: 0, updated: 0, unchanged: 0, rejected: 0, skipped: 0 };
}

async function importLines(
  ctx: InteractionContext,
  source: ImportSource,
  rejected: RejectedFile,
  counts: ImportCounts,
  { store, progress, linesPerCheckpoint = usualLinesPerCheckpoint }: ImportOptions,
): Promise<void> {
  const done = await readCheckpoint(store, source);
  const pool = createImportPool();
  for await (const { number, text, bytesRead } of readLines(source)) {
    if (number <= done) {
      counts.skipped++;
      continue;
    }
    await pool.run(() =>
      countOutcome(counts, rejected, number, text, () =>
        importResource(ctx, text, `${source.fingerprint}|${number}`, pool.inTurn),
      ),
    );
    if (number % linesPerCheckpoint === 0) {
      await pool.drain();
      await rejected.flush();
      await writeCheckpoint(store, source, number);
    }
    if (number % 100 === 0) progress.advance(bytesRead, counts);
  }
  await pool.drain();
  await removeCheckpoint(store, source);
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

async function countOutcome(
  counts: ImportCounts,
  rejected: RejectedFile,
  line: number,
  text: string,
  work: () => Promise<Imported>,
): Promise<void> {
  try {
    counts[await work()]++;
  } catch (thrown) {
    // What is no Problem is a fault of ours or of the store, and ends the import.
    if (!(thrown instanceof Problem)) throw thrown;
    counts.rejected++;
    await rejected.write(line, text, thrown);
  }
}
