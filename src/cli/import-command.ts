import { type ImportCounts, importFiles } from '../bulk/import-files.ts';
import type { ImportJobs } from '../bulk/import-job.ts';
import { findSources } from '../bulk/import-source.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { OperatorError } from '../values/operator-error.ts';
import { createProgress } from './progress.ts';

export type ImportCommand = {
  readonly ctx: InteractionContext;
  readonly jobs: ImportJobs;
  readonly files: readonly string[];
  readonly rejectedDirectory: string;
  readonly output: NodeJS.WriteStream;
};

/** `jenner import FILES…`; answers the exit code: 0, or 1 when something was refused. */
export async function runImport({
  ctx,
  jobs,
  files,
  rejectedDirectory,
  output,
}: ImportCommand): Promise<number> {
  const sources = await findSources(files);
  if (sources.length === 0) throw new OperatorError('nothing to import: no .ndjson or .json file was found');
  const { now } = ctx.clock;
  const progress = createProgress(output, now);
  const started = now();
  const counts = await importFiles(ctx, sources, {
    jobs,
    rejectedDirectory,
    progress: {
      begin: ({ path, bytes }) => progress.start(path, bytes),
      advance: (bytesRead, soFar) => progress.update(bytesRead, summaryOf(soFar)),
      end: ({ path, bytes }, whole) => {
        progress.update(bytes, summaryOf(whole));
        progress.stop();
        if (!output.isTTY) output.write(`${path}: ${summaryOf(whole)}\n`);
      },
    },
  });
  const seconds = Math.max(1, now() - started) / 1000;
  const written = counts.created + counts.updated + counts.unchanged;
  const pace = `${seconds.toFixed(1)} s, ${Math.round(written / seconds)} resources/s`;
  const where = counts.rejected > 0 ? `; see *.rejected.ndjson in ${rejectedDirectory}` : '';
  output.write(`imported ${sources.length} files: ${summaryOf(counts)} (${pace})${where}\n`);
  return counts.rejected > 0 ? 1 : 0;
}

function summaryOf({ created, updated, unchanged, rejected, skipped }: ImportCounts): string {
  const base = `${created} created, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected`;
  return skipped > 0 ? `${base}, ${skipped} done before` : base;
}
