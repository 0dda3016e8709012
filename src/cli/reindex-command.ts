import type { ServerContext } from '../interaction/context.ts';
import { type JobRunnerOptions, openJobRunner } from '../job/job-runner.ts';
import type { IndexState } from '../registry/reindex/index-state.ts';
import { reindexJob, reindexJobId } from '../registry/reindex/reindex-job.ts';
import { createProgress } from './progress.ts';
import { runFreed } from './run-freed.ts';

export type ReindexCommand = {
  readonly context: ServerContext;
  readonly index: IndexState;
  readonly jobs: Omit<JobRunnerOptions, 'kinds'> & { readonly signal?: AbortSignal };
  /** Only the types whose index is not as it is drawn. */
  readonly changed: boolean;
  readonly output: NodeJS.WriteStream;
};

/**
 * `jenner reindex`: draws the index values of every resource anew, after search-params/ has changed; servers go on
 * meanwhile. It goes on where an earlier one ended, and waits where another process is at it.
 */
export async function runReindex(command: ReindexCommand): Promise<number> {
  const { context, index, jobs, changed, output } = command;
  const progress = createProgress(output, context.clock.now);
  const started = context.clock.now();
  let shown = '';
  const note = (type: string, done: number, total: number) => {
    if (shown !== type) progress.start(type, total);
    shown = type;
    progress.update(done, `${done} of ${total}`);
  };
  const runner = openJobRunner({
    ...jobs,
    kinds: [reindexJob({ store: jobs.store, context, index, note })],
  });
  jobs.signal?.addEventListener('abort', () => void runner.stop(), { once: true });
  const ended = await runFreed(
    runner,
    { ...jobs, output },
    { id: reindexJobId, kind: 'reindex', input: { changed } },
  );
  if (shown !== '') progress.stop();
  if (ended.state !== 'finished')
    throw new Error(`reindex ${ended.state}: ${ended.reason ?? 'run it again to go on'}`);
  const { resources, versions } = ended.result as { readonly resources: number; readonly versions: number };
  const seconds = Math.max(1, context.clock.now() - started) / 1000;
  const old = versions > 0 ? `, and said of ${versions} old versions whom they concern` : '';
  output.write(`reindexed ${resources} resources${old} (${seconds.toFixed(1)} s)\n`);
  return 0;
}
