import type { ResourceType } from '../fhir/resource-type.ts';
import type { ServerContext } from '../interaction/context.ts';
import type { JobWork } from '../job/job-work.ts';
import type { Store } from '../store/contract/store.ts';
import type { ExportFile, ExportPart, ExportPlan } from './export-plan.ts';
import type { Freeze } from './frozen-members.ts';
import type { Output } from './output.ts';
import { type SplitFiles, splitFiles } from './split-files.ts';
import { type ViewSplitting, viewFiles } from './view-files.ts';

export type ExportJobOptions = {
  readonly store: Store;
  readonly context: Pick<
    ServerContext,
    'indexResource' | 'elementTables' | 'audit' | 'clock' | 'staleness' | 'baseUrl'
  >;
  readonly output: Output;
  /** Milliseconds for which the files are kept. */
  readonly keptMs: number;
  /** What is forecast for a person, of the whole record; absent where nobody forecasts. */
  readonly forecast?: ViewSplitting['forecast'];
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
  /** What is not whole: who could not be forecast, and why; a Group that could not be kept as it was. */
  readonly failures: string[];
  isTold: boolean;
  /** What is asked about members of Groups is asked as of the moment of the request. */
  readonly freeze: Freeze;
};

export function openFiles(
  { output, work, mostBytes }: Writing,
  of: Pick<ExportFile, 'type' | 'holds'>,
  from: number,
) {
  return splitFiles({ output, id: work.job.id, mostBytes }, of, from);
}

/** More are counted alone. */
const mostFailures = 1000;

/** Files of a part, behind those that are there. */
export function openPart(writing: Writing, { type, view }: ExportPart): SplitFiles {
  const { work, files, failures } = writing;
  const of = { type: view?.resource ?? type, holds: 'resources' as const };
  const made = files.filter(
    (file) => file.type === of.type && file.holds === of.holds && file.view === view?.name,
  );
  if (!view) return openFiles(writing, of, made.length + 1);
  const { output, mostBytes, forecast, context } = writing;
  const onFailure = (id: string, reason: string) => {
    if (failures.length < mostFailures) failures.push(`Patient/${id} cannot be forecast: ${reason}`);
  };
  const splitting = { output, id: work.job.id, mostBytes, forecast, baseUrl: context.baseUrl, onFailure };
  return viewFiles(splitting, view, made.length + 1);
}
