import { type ImportCounts, type ImportOptions, importFiles } from '../bulk/import-files.ts';
import type { ImportJobs } from '../bulk/import-job.ts';
import { findSources, type ImportSource, importedEnds, type PassedOver } from '../bulk/import-source.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { OperatorError } from '../values/operator-error.ts';
import { buildIndexes } from './build-indexes.ts';
import { describeFailure } from './describe-failure.ts';
import { importMessages, type MessageCounts, type MessageImport } from './import-messages.ts';
import { createProgress } from './progress.ts';

export type ImportCommand = {
  readonly ctx: InteractionContext;
  readonly jobs: ImportJobs;
  readonly files: readonly string[];
  readonly rejectedDirectory: string;
  readonly skipUnkept: boolean;
  /** How many writes are under way at once; absent: as usual. */
  readonly width?: number | undefined;
  /** Where resources are parsed and validated; here when absent. */
  readonly prepare?: ImportOptions['prepare'];
  /** Who answers messages, and who they come from. */
  readonly messages: Pick<MessageImport, 'answer' | 'account'>;
  readonly output: NodeJS.WriteStream;
  /** What is said of files that cannot be read. */
  readonly errors: (text: string) => void;
};

/** `jenner import FILES…`; answers the exit code: 0, or 1 when something was refused or could not be read. */
export async function runImport(command: ImportCommand): Promise<number> {
  const { files, errors } = command;
  const { sources, unusable, passedOver } = await findSources(files);
  for (const failure of unusable) complain(command, failure);
  for (const line of passedOverLines(passedOver)) errors(line);
  if (sources.length === 0) {
    if (unusable.length > 0) return 1;
    throw new OperatorError(`nothing to import: no file was found that ends in ${importedEnds}`);
  }
  const resources = sources.filter(({ format }) => format !== 'er7');
  const messages = sources.filter(({ format }) => format === 'er7');
  const codes = [
    resources.length > 0 ? await importResources(command, resources, unusable.length) : 0,
    messages.length > 0 ? await importReported(command, messages) : 0,
    unusable.length > 0 ? 1 : 0,
  ];
  await buildIndexes(command.jobs.store, command.output, command.ctx.clock.now);
  return Math.max(...codes);
}

function complain({ errors }: ImportCommand, failure: Error): void {
  errors(`jenner: ${describeFailure(failure)}\n`);
}

async function importResources(
  command: ImportCommand,
  sources: readonly ImportSource[],
  unusable: number,
): Promise<number> {
  const { ctx, jobs, rejectedDirectory, skipUnkept, width, prepare, output } = command;
  const { now } = ctx.clock;
  const progress = createProgress(output, now);
  const started = now();
  const counts = await importFiles(ctx, sources, {
    jobs,
    rejectedDirectory,
    skipUnkept,
    width,
    prepare,
    progress: {
      begin: ({ path, bytes }) => progress.start(path, bytes),
      advance: (bytesRead, soFar) => progress.update(bytesRead, summaryOf(soFar)),
      end: ({ path, bytes }, whole, failure) => {
        progress.update(bytes, summaryOf(whole));
        progress.stop();
        if (!output.isTTY) output.write(`${path}: ${summaryOf(whole)}\n`);
        if (failure) complain(command, failure);
      },
    },
  });
  const seconds = Math.max(1, now() - started) / 1000;
  const written = counts.created + counts.updated + counts.unchanged;
  const pace = `${seconds.toFixed(1)} s, ${Math.round(written / seconds)} resources/s`;
  const where = counts.rejected > 0 ? `; see *.rejected.ndjson in ${rejectedDirectory}` : '';
  const failed = unusable + counts.unreadable;
  const unread = failed > 0 ? `; ${failed} files not read to their end` : '';
  output.write(`imported ${sources.length} files: ${summaryOf(counts)} (${pace})${unread}${where}\n`);
  for (const line of unkeptLines(counts)) output.write(line);
  return counts.rejected > 0 || counts.unreadable > 0 ? 1 : 0;
}

/** Messages of HL7 v2: 1 where something of one was not kept. */
async function importReported(command: ImportCommand, sources: readonly ImportSource[]): Promise<number> {
  const { ctx, jobs, messages, rejectedDirectory, output } = command;
  const { now } = ctx.clock;
  const progress = createProgress(output, now);
  const started = now();
  const counts = await importMessages(sources, {
    ...messages,
    rejectedDirectory,
    signal: jobs.signal,
    progress: {
      begin: ({ path, bytes }) => progress.start(path, bytes),
      advance: (bytesRead, soFar) => progress.update(bytesRead, messageSummary(soFar)),
      end: ({ path, bytes }, whole) => {
        progress.update(bytes, messageSummary(whole));
        progress.stop();
        if (!output.isTTY) output.write(`${path}: ${messageSummary(whole)}\n`);
      },
    },
  });
  const seconds = Math.max(1, now() - started) / 1000;
  const { accepted, partly, refused, incomplete } = counts;
  const isWhole = partly + refused + incomplete === 0;
  const pace = `${seconds.toFixed(1)} s, ${Math.round((accepted + partly + refused) / seconds)} messages/s`;
  const where = isWhole ? '' : `; see *.rejected.ndjson in ${rejectedDirectory}`;
  output.write(`imported ${sources.length} files: ${messageSummary(counts)} (${pace})${where}\n`);
  return isWhole ? 0 : 1;
}

function messageSummary({ accepted, partly, refused, incomplete }: MessageCounts): string {
  const told = `${accepted} messages accepted, ${partly} kept in part, ${refused} refused`;
  return incomplete === 0 ? told : `${told}, ${incomplete} batches or files not whole`;
}

function passedOverLines({ files, folders }: PassedOver): readonly string[] {
  return [
    ...(files.length > 0 ? [`passed over: ${namesOf(files)} (no ${importedEnds})\n`] : []),
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
