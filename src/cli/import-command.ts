import { type ImportCounts, importFiles } from '../bulk/import-files.ts';
import type { ImportJobs } from '../bulk/import-job.ts';
import { findSources, type PassedOver } from '../bulk/import-source.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { OperatorError } from '../values/operator-error.ts';
import { describeFailure } from './describe-failure.ts';
import { createProgress } from './progress.ts';

export type ImportCommand = {
  readonly ctx: InteractionContext;
  readonly jobs: ImportJobs;
  readonly files: readonly string[];
  readonly rejectedDirectory: string;
  readonly skipUnkept: boolean;
  readonly output: NodeJS.WriteStream;
  /** What is said of files that cannot be read. */
  readonly errors: (text: string) => void;
};

/** `jenner import FILES…`; answers the exit code: 0, or 1 when something was refused or could not be read. */
export async function runImport(command: ImportCommand): Promise<number> {
  const { ctx, jobs, files, rejectedDirectory, skipUnkept, output, errors } = command;
  const { sources, unusable, passedOver } = await findSources(files);
  const complain = (failure: Error) => errors(`jenner: ${describeFailure(failure)}\n`);
  for (const failure of unusable) complain(failure);
  for (const line of passedOverLines(passedOver)) errors(line);
  if (sources.length === 0) {
    if (unusable.length > 0) return 1;
    throw new OperatorError('nothing to import: no .ndjson or .json file was found');
  }
  const { now } = ctx.clock;
  const progress = createProgress(output, now);
  const started = now();
  const counts = await importFiles(ctx, sources, {
    jobs,
    rejectedDirectory,
    skipUnkept,
    progress: {
      begin: ({ path, bytes }) => progress.start(path, bytes),
      advance: (bytesRead, soFar) => progress.update(bytesRead, summaryOf(soFar)),
      end: ({ path, bytes }, whole, failure) => {
        progress.update(bytes, summaryOf(whole));
        progress.stop();
        if (!output.isTTY) output.write(`${path}: ${summaryOf(whole)}\n`);
        if (failure) complain(failure);
      },
    },
  });
  const seconds = Math.max(1, now() - started) / 1000;
  const written = counts.created + counts.updated + counts.unchanged;
  const pace = `${seconds.toFixed(1)} s, ${Math.round(written / seconds)} resources/s`;
  const where = counts.rejected > 0 ? `; see *.rejected.ndjson in ${rejectedDirectory}` : '';
  const failed = unusable.length + counts.unreadable;
  const unread = failed > 0 ? `; ${failed} files not read to their end` : '';
  output.write(`imported ${sources.length} files: ${summaryOf(counts)} (${pace})${unread}${where}\n`);
  for (const line of unkeptLines(counts)) output.write(line);
  return counts.rejected > 0 || failed > 0 ? 1 : 0;
}

function passedOverLines({ files, folders }: PassedOver): readonly string[] {
  return [
    ...(files.length > 0 ? [`passed over: ${namesOf(files)} (no .ndjson, .jsonl or .json)\n`] : []),
    ...(folders.length > 0
      ? [`passed over: ${namesOf(folders)} (a folder in a folder; name it to import what it holds)\n`]
      : []),
  ];
}

/** Of a long list the beginning. */
function namesOf(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}

function summaryOf(counts: ImportCounts): string {
  const { created, updated, unchanged, rejected, skipped } = counts;
  const base = `${created} created, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected`;
  const unkept = Object.values(counts.unkept).reduce((sum, count) => sum + count, 0);
  return [base, unkept > 0 && `${unkept} not kept`, skipped > 0 && `${skipped} done before`]
    .filter((part) => part !== false)
    .join(', ');
}

function unkeptLines({ unkept }: ImportCounts): readonly string[] {
  const types = Object.entries(unkept).sort(([, a], [, b]) => b - a);
  if (types.length === 0) return [];
  const listed = types.map(([type, count]) => `${count} ${type}`).join(', ');
  return [`passed over, of types that this server does not keep: ${listed}\n`];
}
