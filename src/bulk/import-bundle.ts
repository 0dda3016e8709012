import { Problem } from '../fhir/problem.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import { writeJson } from '../fhir/write-json.ts';
import { runBatch } from '../interaction/batch.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { BundleServices, EntryAnswer } from '../interaction/entry-answer.ts';
import { isResource, parseResourceBody } from '../interaction/parse-body.ts';
import { placeId } from '../interaction/place-id.ts';
import { runTransaction } from '../interaction/transaction.ts';
import { entryFaults } from './entry-faults.ts';
import { type Imported, importParsed } from './import-resource.ts';
import { isUnkept, withoutUnkept } from './unkept.ts';

export type BundleReport = {
  readonly count: (kind: Imported) => void;
  /** Told the type of what is passed over since it is not kept; absent: such an entry is refused. */
  readonly skip?: (type: string) => void;
  /** `line` is the place of the entry, counted from 1; the text is absent where the file is refused whole. */
  readonly reject: (line: number, text: string | undefined, problem: Problem) => Promise<void>;
};

/**
 * A JSON file: a transaction or batch is run as it would be over HTTP, the entries of any other Bundle and a single
 * resource are written one by one. Ids of new resources are drawn from their place, so that a second run finds them.
 */
export async function importBundle(
  ctx: InteractionContext,
  text: string,
  place: string,
  report: BundleReport,
): Promise<void> {
  try {
    const parsed = parseResourceBody(text);
    const { resource } = parsed;
    const type = resource.resourceType === 'Bundle' ? resource['type'] : undefined;
    if (type === 'transaction' || type === 'batch') await runBundle(ctx, parsed, place, report);
    else if (type === undefined) await importEntry(ctx, parsed, `${place}|0`, 1, report);
    else await importEntries(ctx, parsed, place, report);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    await report.reject(1, undefined, thrown);
  }
}

async function importEntries(
  ctx: InteractionContext,
  { resource, exactNumbers }: ParsedResource,
  place: string,
  report: BundleReport,
): Promise<void> {
  for (const [index, entry] of entriesOf(resource).entries()) {
    const held = resourceIn(entry);
    if (held)
      await importEntry(ctx, { resource: held, exactNumbers }, `${place}|${index}`, index + 1, report);
    else await report.reject(index + 1, writeJson(entry, true), new Problem('invalid-content', noResource));
  }
}

async function runBundle(
  ctx: InteractionContext,
  parsed: ParsedResource,
  place: string,
  report: BundleReport,
): Promise<void> {
  const { bundle, places, skipped } = report.skip
    ? withoutUnkept(ctx, parsed.resource)
    : { bundle: parsed.resource, places: undefined, skipped: [] };
  for (const type of skipped) report.skip?.(type);
  const lineOf = (index: number) => (places?.[index] ?? index) + 1;
  const kept = { ...parsed, resource: bundle };
  if (bundle['type'] === 'batch')
    return reportAnswers(await runBatch(placed(ctx, place), kept, services), bundle, lineOf, report);
  try {
    const answers = await runTransaction(placed(ctx, place), kept, services);
    await reportAnswers(answers, bundle, lineOf, report);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const faults = entryFaults(ctx, entriesOf(bundle));
    if (faults.length === 0) throw thrown;
    for (const { index, problem } of faults) await report.reject(lineOf(index), undefined, problem);
  }
}

/** An import brings what is to be kept. */
const services: BundleServices = {
  operate: (_ctx, { target }) => {
    throw new Problem('not-supported', `An import calls no operation: $${target.code}`);
  },
  capabilities: () => {
    throw new Problem('not-supported', 'An import does not ask for metadata');
  },
};

function placed(ctx: InteractionContext, place: string): InteractionContext {
  let count = 0;
  return { ...ctx, newId: () => placeId(`${place}|${count++}`), drawsIds: true };
}

async function importEntry(
  ctx: InteractionContext,
  parsed: ParsedResource,
  place: string,
  line: number,
  report: BundleReport,
): Promise<void> {
  const type = parsed.resource.resourceType;
  if (report.skip && isUnkept(ctx, type)) return report.skip(type);
  try {
    report.count(await importParsed(ctx, parsed, place, (_key, work) => work()));
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    await report.reject(line, writeJson(parsed.resource, true), thrown);
  }
}

function entriesOf(bundle: Resource): readonly unknown[] {
  const entries = bundle['entry'];
  return Array.isArray(entries) ? entries : [];
}

const noResource =
  'The entry has no resource that says what it is: an object with a "resourceType" was expected';

function resourceIn(entry: unknown): Resource | undefined {
  const resource: unknown =
    typeof entry === 'object' && entry !== null && 'resource' in entry ? entry.resource : undefined;
  return isResource(resource) ? resource : undefined;
}

async function reportAnswers(
  answers: readonly EntryAnswer[],
  bundle: Resource,
  lineOf: (index: number) => number,
  report: BundleReport,
): Promise<void> {
  const entries = entriesOf(bundle);
  for (const [index, { status, outcome, write }] of answers.entries()) {
    if (outcome) {
      const problem = new Problem('invalid-content', `Answered ${status}: ${JSON.stringify(outcome.issue)}`);
      await report.reject(lineOf(index), writeJson(entries[index], true), problem);
    } else if (write !== undefined) {
      report.count(importedOf[write]);
    }
  }
}

/** A delete changes what was there. */
const importedOf: Readonly<Record<NonNullable<EntryAnswer['write']>, Imported>> = {
  created: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  deleted: 'updated',
};
