import type { ResourceType } from '../fhir/resource-type.ts';
import type { ServerContext } from '../interaction/context.ts';
import type { JobWork } from '../job/job-work.ts';
import type { Store } from '../store/contract/store.ts';
import type { ExportFile, ExportPlan } from './export-plan.ts';
import type { Output } from './output.ts';
import { splitFiles } from './split-files.ts';

export type ExportJobOptions = {
  readonly store: Store;
  readonly context: Pick<ServerContext, 'indexResource' | 'elementTables' | 'audit' | 'clock' | 'staleness'>;
  readonly output: Output;
  /** Milliseconds for which the files are kept. */
  readonly keptMs: number;
  /** Told of every page. */
  readonly note?: (type: ResourceType, done: number) => void;
  /** Of the job, where it is not that of servers. */
  readonly kind?: string;
  readonly pageSize?: number;
  readonly mostBytes?: number;
};

/** An export that is being written. */
export type Writing = ExportJobOptions & {
  readonly work: JobWork;
  readonly plan: ExportPlan;
  readonly files: ExportFile[];
  readonly persons: Set<string>;
  done: number;
  isTold: boolean;
};

export function openFiles(
  { output, work, mostBytes }: Writing,
  of: Pick<ExportFile, 'type' | 'holds'>,
  from: number,
) {
  return splitFiles({ output, id: work.job.id, mostBytes }, of, from);
}
