import { personIdOf } from '../../interaction/ask-persons.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Json } from '../../job/job.ts';
import type { JobKind, JobWork } from '../../job/job-work.ts';
import { everything, type Filter } from '../../search/filter.ts';
import type { EpochMs } from '../../values/instant.ts';
import { parseResourceId, type ResourceId } from '../../values/resource-id.ts';
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
  /** Of how many pairs of doses people are asked. */
  readonly askedOfDoses: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly sample: readonly Found[];
};

/** After the Patients, where only what was written since is looked at, come the persons of doses that were. */
type Pass = 'patients' | 'doses';
type Checkpoint = DedupeReport & { readonly after?: string; readonly pass?: Pass };

export type DedupeOptions = {
  readonly ctx: InteractionContext;
  readonly matcher: Matcher;
  /** Asks of the doses of a person which of them are one; answers of how many pairs. Absent where nobody asks. */
  readonly reviewDoses?: (ctx: InteractionContext, patientId: ResourceId) => Promise<number>;
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

async function dedupeAll(options: DedupeOptions, work: JobWork): Promise<Json> {
  const { ctx } = options;
  const { since } = work.job.input as unknown as DedupeInput;
  const from = work.checkpoint as Checkpoint | undefined;
  let report: DedupeReport = reportOf(from) ?? emptyReport(ctx.clock.now());
  if (from?.pass !== 'doses') report = await lookAtPatients(options, work, { report, after: from?.after });
  if (options.reviewDoses && since !== undefined) {
    const after = from?.pass === 'doses' ? from.after : undefined;
    report = await lookAtDoses(options, work, { report, after });
  }
  return report as unknown as Json;
}

type Going = { readonly report: DedupeReport; readonly after: string | undefined };

async function lookAtPatients(
  { ctx, matcher, note, reviewDoses }: DedupeOptions,
  work: JobWork,
  { report: from, after: begin }: Going,
): Promise<DedupeReport> {
  const { mode } = work.job.input as unknown as DedupeInput;
  const changed = changedIn(work);
  const total = await ctx.view.count(['Patient'], changed);
  const dedupe = openDedupe(ctx, matcher, mode);
  let report = from;
  let after = begin;
  do {
    const query = { type: 'Patient', count: pageSize, filter: changed } as const;
    const page = await ctx.view.scan(after === undefined ? query : { ...query, after }, 'persons');
    for (const stored of page.matches) {
      work.signal.throwIfAborted();
      await ctx.pace();
      report = withFound(report, await dedupe(stored.id));
      report = withDoses(report, await reviewDoses?.(ctx, await personIdOf(ctx.view, stored.id)));
    }
    after = page.next;
    work.progress({ done: report.patients, note: 'patients' });
    note?.(report.patients, total);
    if (after !== undefined) await keep(work, { ...report, after });
  } while (after !== undefined);
  return report;
}

/** Of a person whose doses alone were written since. */
async function lookAtDoses(
  { ctx, reviewDoses }: DedupeOptions,
  work: JobWork,
  { report: from, after: begin }: Going,
): Promise<DedupeReport> {
  let report = from;
  let after = begin;
  do {
    const query = { type: 'Immunization', count: pageSize, filter: changedIn(work) } as const;
    const page = await ctx.view.scan(after === undefined ? query : { ...query, after });
    for (const person of await personsOf(ctx, page.matches)) {
      work.signal.throwIfAborted();
      await ctx.pace();
      report = withDoses(report, await reviewDoses?.(ctx, person));
    }
    after = page.next;
    await keep(work, { ...report, pass: 'doses', ...(after !== undefined && { after }) });
  } while (after !== undefined);
  return report;
}

async function personsOf(
  { view }: InteractionContext,
  doses: readonly { readonly text: string }[],
): Promise<ReadonlySet<ResourceId>> {
  const persons = new Set<ResourceId>();
  for (const { text } of doses) {
    const { patient } = JSON.parse(text) as { readonly patient?: { readonly reference?: string } };
    const id = parseResourceId(/^Patient\/(.+)$/.exec(patient?.reference ?? '')?.[1] ?? '');
    if (id !== undefined) persons.add(await personIdOf(view, id));
  }
  return persons;
}

function changedIn({ job }: JobWork): Filter {
  const { since } = job.input as unknown as DedupeInput;
  if (since === undefined) return everything;
  return { kind: 'lastUpdated', bounds: [{ is: '>=', at: since as EpochMs }] };
}

async function keep(work: JobWork, checkpoint: Checkpoint): Promise<void> {
  await work.keep(checkpoint as unknown as Json);
}

function reportOf(from: Checkpoint | undefined): DedupeReport | undefined {
  if (!from) return undefined;
  const { after: _after, pass: _pass, ...report } = from;
  // One that an earlier release began counts none yet.
  return { ...report, askedOfDoses: report.askedOfDoses ?? 0 };
}

function withDoses(report: DedupeReport, asked = 0): DedupeReport {
  return asked === 0 ? report : { ...report, askedOfDoses: report.askedOfDoses + asked };
}

function emptyReport(began: number): DedupeReport {
  return { began, patients: 0, joined: 0, asked: 0, askedOfDoses: 0, byReason: {}, sample: [] };
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
