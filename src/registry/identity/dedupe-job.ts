import type { InteractionContext } from '../../interaction/context.ts';
import type { Json } from '../../job/job.ts';
import type { JobKind, JobWork } from '../../job/job-work.ts';
import { everything, type Filter } from '../../search/filter.ts';
import type { EpochMs } from '../../values/instant.ts';
import { type Found, openDedupe } from './dedupe-patient.ts';
import type { Matcher } from './matcher.ts';

/** One at a time: two of them would ask the same. */
export const dedupeJobId = 'dedupe';

export type DedupeInput = {
  /** `review`: people are asked of all; `automatic`: who is certain is joined. */
  readonly mode: 'review' | 'automatic';
  /** Only Patients written since then are looked at; each is held against everybody. */
  readonly since?: number;
};

/** What a run found, for people: how many, by which rule or grade, and some of the pairs that were joined, to be looked at. */
export type DedupeReport = {
  readonly began: number;
  readonly patients: number;
  readonly joined: number;
  readonly asked: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly sample: readonly Found[];
};

type Checkpoint = DedupeReport & { readonly after?: string };

export type DedupeOptions = {
  readonly ctx: InteractionContext;
  readonly matcher: Matcher;
  /** Told of every page. */
  readonly note?: (done: number, total: number) => void;
};

const pageSize = 200;
/** So many of the pairs that were joined are kept for whoever audits them. */
const mostSampled = 100;

/** Looks for Patients who are one person through the whole registry, or among those that changed; goes on where it ended. */
export function dedupeJob(options: DedupeOptions): JobKind {
  return { kind: 'dedupe', resumes: true, run: (work) => dedupeAll(options, work) };
}

async function dedupeAll({ ctx, matcher, note }: DedupeOptions, work: JobWork): Promise<Json> {
  const { mode, since } = work.job.input as unknown as DedupeInput;
  const from = work.checkpoint as Checkpoint | undefined;
  const changed: Filter =
    since === undefined ? everything : { kind: 'lastUpdated', bounds: [{ is: '>=', at: since as EpochMs }] };
  const total = await ctx.view.count(['Patient'], changed);
  const dedupe = openDedupe(ctx, matcher, mode);
  let report: DedupeReport = from ?? emptyReport(ctx.clock.now());
  let after = from?.after;
  do {
    const query = { type: 'Patient', count: pageSize, filter: changed } as const;
    const page = await ctx.view.scan(after === undefined ? query : { ...query, after }, 'persons');
    for (const stored of page.matches) {
      work.signal.throwIfAborted();
      await ctx.pace();
      report = withFound(report, await dedupe(stored.id));
    }
    after = page.next;
    work.progress({ done: report.patients, note: 'patients' });
    note?.(report.patients, total);
    if (after !== undefined) await work.keep({ ...report, after } as unknown as Json);
  } while (after !== undefined);
  return report as unknown as Json;
}

function emptyReport(began: number): DedupeReport {
  return { began, patients: 0, joined: 0, asked: 0, byReason: {}, sample: [] };
}

function withFound(report: DedupeReport, found: readonly Found[]): DedupeReport {
  const next = { ...report, patients: report.patients + 1 };
  if (found.length === 0) return next;
  const byReason: Record<string, number> = { ...report.byReason };
  for (const { reason } of found) byReason[reason] = (byReason[reason] ?? 0) + 1;
  const joined = found.filter((one) => one.isJoined);
  const asked = found.length - joined.length;
  const sample = [...report.sample, ...joined].slice(0, mostSampled);
  return { ...next, joined: report.joined + joined.length, asked: report.asked + asked, byReason, sample };
}
