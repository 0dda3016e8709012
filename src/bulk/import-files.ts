import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseResourceBody } from '../interaction/parse-body.ts';
import type { JobWork } from '../job/job-work.ts';
import { importBundle } from './import-bundle.ts';
import { type ImportJobs, runImportJob } from './import-job.ts';
import { createImportPool } from './import-pool.ts';
import { importAhead, importParsed } from './import-resource.ts';
import { openRetries } from './import-retries.ts';
import {
  type ImportSource,
  readLines,
  readWhole,
  type SourceLine,
  UnreadableSourceError,
} from './import-source.ts';
import { type PreparedLine, type PrepareElsewhere, prepareLines, unprepared } from './prepared-lines.ts';
import {
  findRejectedRoom,
  openRejectedFile,
  type RejectedFile,
  type RejectedRoom,
  RejectedRoomError,
} from './rejected-file.ts';
import { isUnkept } from './unkept.ts';

export type ImportCounts = {
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  /** Lines that an earlier, interrupted run had done. */
  skipped: number;
  /** What was passed over since its type is not kept, by type. */
  unkept: Record<string, number>;
  /** Files that could not be read to their end. */
  unreadable: number;
};

export type ImportProgress = {
  readonly begin: (source: ImportSource) => void;
  /** Bytes of the file read so far, and what has become of it. */
  readonly advance: (bytesRead: number, counts: Readonly<ImportCounts>) => void;
  readonly end: (source: ImportSource, counts: Readonly<ImportCounts>, failure?: Error) => void;
};

export type ImportOptions = {
  /** How each file is a job. */
  readonly jobs: ImportJobs;
  /** Where what is refused goes, a file a source. */
  readonly rejectedDirectory: string;
  /** What R4 has and this server does not keep is counted and passed over instead of refused. */
  readonly skipUnkept: boolean;
  readonly progress: ImportProgress;
  readonly linesPerCheckpoint?: number;
  /** How many writes are under way at once; as the pool has it when absent. */
  readonly width?: number | undefined;
  /** Where lines are parsed and validated; here when absent. */
  readonly prepare?: PrepareElsewhere | undefined;
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
  const room = await findRejectedRoom(options.rejectedDirectory);
  for (const source of sources) {
    const counts = noCounts();
    options.progress.begin(source);
    const failure = await endOf(
      runImportJob(options.jobs, source, (work) => importSource(ctx, source, counts, room, options, work)),
    );
    if (failure) counts.unreadable++;
    options.progress.end(source, counts, failure);
    add(total, counts);
  }
  return total;
}

/** What is wrong with one file is no reason to leave the others; anything else ends the import. */
async function endOf(work: Promise<void>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    if (thrown instanceof UnreadableSourceError || thrown instanceof RejectedRoomError) return thrown;
    throw thrown;
  }
}

function add(total: ImportCounts, { unkept, ...counts }: ImportCounts): void {
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) total[name] += counts[name];
  for (const [type, count] of Object.entries(unkept)) total.unkept[type] = (total.unkept[type] ?? 0) + count;
}

async function importSource(
  ctx: InteractionContext,
  source: ImportSource,
  counts: ImportCounts,
  room: RejectedRoom,
  options: ImportOptions,
  work: JobWork,
): Promise<void> {
  const directory = options.rejectedDirectory;
  const rejected = await openRejectedFile({ source: source.path, directory, room, done: doneBefore(work) });
  try {
    if (source.format === 'ndjson') await importLines(ctx, source, rejected, counts, options, work);
    else await importWhole(ctx, source, rejected, counts, options);
    work.progress({ done: source.bytes, total: source.bytes, note: 'bytes' });
  } finally {
    await rejected.close();
  }
}

function noCounts(): ImportCounts {
  return { created: 0, updated: 0, unchanged: 0, rejected: 0, skipped: 0, unkept: {}, unreadable: 0 };
}

/** Up to this line everything is done. */
function doneBefore({ checkpoint }: JobWork): number {
  return typeof checkpoint === 'number' ? checkpoint : 0;
}

function noteUnkept({ unkept }: ImportCounts, type: string): void {
  unkept[type] = (unkept[type] ?? 0) + 1;
}

function parseLine({ text, isUtf8 }: SourceLine): ParsedResource {
  if (isUtf8) return parseResourceBody(text);
  throw new Problem('invalid-syntax', 'The line is not well-formed UTF-8');
}

async function* linesAfter(done: number, lines: AsyncIterable<SourceLine>, counts: ImportCounts) {
  for await (const line of lines) {
    if (line.number > done) yield line;
    else counts.skipped++;
  }
}

async function importLines(
  ctx: InteractionContext,
  source: ImportSource,
  rejected: RejectedFile,
  counts: ImportCounts,
  { progress, skipUnkept, width, prepare, linesPerCheckpoint = usualLinesPerCheckpoint }: ImportOptions,
  work: JobWork,
): Promise<void> {
  const placeOf = ({ number }: SourceLine) => `${source.fingerprint}|${number}`;
  const pool = createImportPool(width);
  const retries = openRetries();
  const reject = async ({ number, text }: SourceLine, problem: Problem) => {
    counts.rejected++;
    await rejected.write(number, text, problem);
  };
  const importLine = async ({ line, ahead }: PreparedLine) => {
    if (ahead) return importAhead(ctx, ahead, line.text, pool.inTurn);
    const parsed = parseLine(line);
    const type = parsed.resource.resourceType;
    if (!skipUnkept || !isUnkept(ctx, type)) return importParsed(ctx, parsed, placeOf(line), pool.inTurn);
    noteUnkept(counts, type);
    return undefined;
  };
  const write = async (prepared: PreparedLine) => {
    const { line } = prepared;
    try {
      const imported = await importLine(prepared);
      if (imported) counts[imported]++;
    } catch (thrown) {
      // What is no Problem is a fault of ours or of the store, and ends the import.
      if (!(thrown instanceof Problem)) throw thrown;
      if (!retries.add(line, thrown)) await reject(line, thrown);
    }
  };
  const settle = async () => {
    await pool.drain();
    const isSettled = await retries.retry((line) => write({ line }));
    await rejected.flush();
    return isSettled;
  };
  const writeLines = async () => {
    const lines = linesAfter(doneBefore(work), readLines(source), counts);
    const brought = prepare ? prepareLines(lines, placeOf, prepare) : unprepared(lines);
    for await (const prepared of brought) {
      const { line } = prepared;
      work.signal.throwIfAborted();
      await pool.run(() => write(prepared));
      if (line.number % linesPerCheckpoint === 0 && (await settle())) await work.keep(line.number);
      if (line.number % 100 === 0) {
        progress.advance(line.bytesRead, counts);
        work.progress({ done: line.bytesRead, total: source.bytes, note: 'bytes' });
      }
    }
  };
  const finish = async () => {
    await settle();
    for (const { line, problem } of retries.take()) await reject(line, problem);
  };
  try {
    await writeLines();
  } catch (thrown) {
    // What was read before the file broke off is kept.
    if (thrown instanceof UnreadableSourceError) await finish();
    throw thrown;
  }
  await finish();
}

async function importWhole(
  ctx: InteractionContext,
  source: ImportSource,
  rejected: RejectedFile,
  counts: ImportCounts,
  { skipUnkept }: ImportOptions,
): Promise<void> {
  const text = await readWhole(source);
  await importBundle(ctx, text, source.fingerprint, {
    count: (kind) => {
      counts[kind]++;
    },
    ...(skipUnkept && { skip: (type: string) => noteUnkept(counts, type) }),
    reject: async (line, content, problem) => {
      counts.rejected++;
      await rejected.write(line, content, problem);
    },
  });
}
