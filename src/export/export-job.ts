import type { ResourceType } from '../fhir/resource-type.ts';
import { mostInRow, tellExport } from '../interaction/audit/tell.ts';
import { type JobKind, JobStoppedError, type JobWork } from '../job/job-work.ts';
import type { Filter } from '../search/filter.ts';
import { type SnapshotPage, toLines } from '../store/contract/snapshot.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type ExportFile, type ExportPart, type ExportPlan, exportKind } from './export-plan.ts';
import { type Freeze, openFreeze } from './frozen-members.ts';
import { matchingReplaced, patientsOfReplaced } from './judge-replaced.ts';
import type { Output } from './output.ts';
import { addPersons } from './persons-in.ts';
import { requireWhole } from './require-whole.ts';
import type { SplitFiles } from './split-files.ts';
import { subsetTexts } from './subset-texts.ts';
import { writeDeletes, writeIssues } from './write-notes.ts';
import { partsInBlocks, readBlocks } from './write-organized.ts';
import { type ExportJobOptions, openFiles, openPart, type Writing } from './writing.ts';

/** Before these everything is in files that are whole; `after` within the part. */
type Checkpoint = {
  readonly part: number;
  readonly after?: string;
  readonly files: readonly ExportFile[];
  readonly done: number;
  /** Patients whose data is in these files and of whom nothing was told yet. */
  readonly persons?: readonly string[];
  /** Whether anything was told. */
  readonly isTold?: true;
  readonly failures?: readonly string[];
};

const usualPage = 1000;
/** Who stops a job waits for a page. */
const forecastPage = 100;

/** Writes an export to files. What was begun is gone on with behind the last file that is whole. */
export function exportJob(options: ExportJobOptions): JobKind {
  const { output, keptMs, kind = exportKind } = options;
  const run = async (work: JobWork) => {
    try {
      return await writeExport(options, work);
    } catch (thrown) {
      if (leavesFiles(thrown, work.signal)) throw thrown;
      await output.remove(work.job.id);
      throw thrown;
    }
  };
  return { kind, resumes: true, keptMs, run };
}

/** Another goes on with what one left that was stopped. */
function leavesFiles(thrown: unknown, signal: AbortSignal): boolean {
  const reason: unknown = signal.aborted ? signal.reason : thrown;
  return reason instanceof JobStoppedError && reason.why !== 'cancelled';
}

async function writeExport(options: ExportJobOptions, work: JobWork) {
  const plan = work.job.input as unknown as ExportPlan;
  const from = (work.checkpoint ?? { part: 0, files: [], done: 0 }) as unknown as Checkpoint;
  await requireFiles(options.output, work.job.id, from.files);
  const { files, done } = from;
  const failures = [...(from.failures ?? [])];
  const writing: Writing = {
    ...options,
    work,
    plan,
    files: [...files],
    persons: new Set(from.persons),
    done,
    failures,
    isTold: from.isTold === true,
    freeze: freezeBy(options, plan, failures),
  };
  if (plan.isPartial && from.part === 0 && from.files.length === 0) await writeIssues(writing);
  if (plan.organizedBy) await writeBlocks(writing, plan.organizedBy.persons, from);
  else await writeParts(writing, from);
  await writeDeletes(writing);
  if (!plan.isPartial) await writeIssues(writing);
  await tellPersons(writing);
  return { files: writing.files };
}

/** Who asked is told of a Group that could not be kept as it was. */
function freezeBy({ store, context }: ExportJobOptions, plan: ExportPlan, failures: string[]): Freeze {
  const onUnfrozen = (id: string) => {
    const text = `Group/${id} was changed while it was exported: of who came or left meanwhile some is here, not all`;
    if (!failures.includes(text)) failures.push(text);
  };
  return openFreeze({ store, baseUrl: context.baseUrl, watched: plan.watched ?? [], onUnfrozen });
}

async function writeParts(writing: Writing, from: Checkpoint): Promise<void> {
  for (const [place, part] of writing.plan.parts.entries()) {
    if (place < from.part) continue;
    await writePart(writing, place, part, place === from.part ? from.after : undefined);
  }
}

/** As if all of it were the first part. */
async function writeBlocks(writing: Writing, persons: Filter, from: Checkpoint): Promise<void> {
  if (from.part > 0) return;
  const { work } = writing;
  const parts = await partsInBlocks(writing);
  const made = writing.files.filter(({ holds }) => holds === 'blocks').length;
  const files = openFiles(writing, { type: 'Parameters', holds: 'blocks' }, made + 1);
  try {
    let { after } = from;
    do {
      work.signal.throwIfAborted();
      const { lines, count, next } = await readBlocks(writing, persons, parts, after);
      writing.done += count;
      work.progress({ done: writing.done, note: 'resources' });
      const filled = await files.write(lines, count);
      if (filled) writing.files.push(filled);
      if (filled && next !== undefined) await keep(writing, 0, next);
      after = next;
    } while (after !== undefined);
    const last = await files.finish();
    if (last) writing.files.push(last);
    await keep(writing, 1);
  } catch (thrown) {
    await files.abandon();
    throw thrown;
  }
}

/** Nothing can be fetched before it is told, so that everybody is told of whose data anybody gets. */
async function tellPersons(writing: Writing): Promise<void> {
  const { context, plan, persons } = writing;
  const { exporter, request } = plan;
  if (!exporter || (writing.isTold && persons.size === 0)) return;
  const patients = [...persons] as ResourceId[];
  await tellExport(context, exporter, { query: request, patients, outcome: 0 });
  writing.isTold = true;
  persons.clear();
}

/** A checkpoint may have been left on another machine, whose folder is not this one's. */
async function requireFiles(output: Output, id: string, files: readonly ExportFile[]): Promise<void> {
  for (const { name, bytes } of files) {
    if ((await output.open(id, name))?.bytes === bytes) continue;
    throw new Error(`the files that were written before are not here (${name}): ask for the export again`);
  }
}

/** One page is read while the one before is compressed. */
async function writePart(
  writing: Writing,
  part: number,
  exported: ExportPart,
  from: string | undefined,
): Promise<void> {
  const { type, filter, elements, view } = exported;
  const { store, plan, work, pageSize = view?.asOf === undefined ? usualPage : forecastPage } = writing;
  const { snapshot, since } = plan;
  requireWhole(writing, exported);
  const query = {
    type,
    at: snapshot.position,
    filter,
    count: pageSize,
    withPatients: isTold(writing),
    ...(since && { since }),
  };
  const ground = { store, indexResource: writing.context.indexResource };
  const read = (after: string | undefined): Promise<SnapshotPage> => {
    const page = writing.freeze(filter, async (frozen) => {
      const asked = { ...query, filter: frozen };
      const found = await store.scanSnapshot(after === undefined ? asked : { ...asked, after });
      return { ...found, replaced: await matchingReplaced(ground, frozen, found.replaced) };
    });
    page.catch(() => undefined);
    return page;
  };
  const files = openPart(writing, exported);
  try {
    let reading: Promise<SnapshotPage> | undefined = read(from);
    while (reading) {
      work.signal.throwIfAborted();
      const page: SnapshotPage = await reading;
      reading = page.next === undefined ? undefined : read(page.next);
      const filled = await writePage(writing, files, { ...page, type, elements });
      if (!filled) continue;
      writing.files.push(filled);
      if (page.next !== undefined) await keep(writing, part, page.next);
    }
    const last = await files.finish();
    if (!last) return;
    writing.files.push(last);
    await keep(writing, part + 1);
  } catch (thrown) {
    await files.abandon();
    throw thrown;
  }
}

async function keep(writing: Writing, part: number, after?: string): Promise<void> {
  const { work, files, done, persons } = writing;
  // What goes into one row is kept until the end, so that an export of few is one.
  if (persons.size > mostInRow || writing.plan.isPartial) await tellPersons(writing);
  const checkpoint: Checkpoint = {
    part,
    files: [...files],
    done,
    persons: [...persons],
    ...(writing.isTold && { isTold: true as const }),
    ...(writing.failures.length > 0 && { failures: [...writing.failures] }),
    ...(after !== undefined && { after }),
  };
  return work.keep(checkpoint as never);
}

type Page = {
  readonly type: ResourceType;
  readonly lines: Uint8Array;
  readonly count: number;
  readonly replaced: readonly StoredResource[];
  readonly patients?: readonly ResourceId[];
  readonly elements: readonly string[] | undefined;
};

async function writePage(writing: Writing, files: SplitFiles, page: Page): Promise<ExportFile | undefined> {
  const { type, replaced, elements } = page;
  const subset = (texts: readonly string[]) => subsetTexts(writing, type, texts, elements ?? []);
  const count = page.count + replaced.length;
  writing.done += count;
  writing.work.progress({ done: writing.done, note: 'resources' });
  writing.note?.(type, writing.done);
  const others = replaced.map(({ text }) => text);
  await notePersons(writing, page);
  if (elements) return files.write(toLines(await subset([...linesOf(page.lines), ...others])), count);
  if (others.length === 0) return files.write(page.lines, count);
  return files.write(Buffer.concat([page.lines, toLines(others)]), count);
}

function isTold({ plan, context }: Writing): boolean {
  return plan.exporter !== undefined && context.audit !== undefined;
}

async function notePersons(writing: Writing, { type, lines, patients, replaced }: Page): Promise<void> {
  if (!isTold(writing)) return;
  const { persons, context } = writing;
  for (const id of patients ?? []) persons.add(id);
  // Ids are ASCII, so the bytes need not be decoded.
  if (!patients)
    addPersons(persons, type, Buffer.from(lines.buffer, lines.byteOffset, lines.length).toString('latin1'));
  for (const id of await patientsOfReplaced(context, replaced)) persons.add(id);
}

function linesOf(lines: Uint8Array): readonly string[] {
  return new TextDecoder().decode(lines).split('\n').slice(0, -1);
}
