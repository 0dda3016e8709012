import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { runBatch } from '../interaction/batch.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { BundleServices, EntryAnswer } from '../interaction/entry-answer.ts';
import { isResource, parseResourceBody } from '../interaction/parse-body.ts';
import { runTransaction } from '../interaction/transaction.ts';
import { type Imported, importParsed, placeId } from './import-resource.ts';

export type BundleReport = {
  readonly count: (kind: Imported) => void;
  /** `line` is the place of the entry, counted from 1. */
  readonly reject: (line: number, text: string, problem: Problem) => Promise<void>;
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
    const { resource, exactNumbers } = parsed;
    const type = resource.resourceType === 'Bundle' ? resource['type'] : undefined;
    if (type === 'transaction')
      return reportAnswers(await runTransaction(placed(ctx, place), parsed, services), resource, report);
    if (type === 'batch')
      return reportAnswers(await runBatch(placed(ctx, place), parsed, services), resource, report);
    if (type === undefined) return await importEntry(ctx, parsed, `${place}|0`, 1, report);
    for (const [index, entry] of entriesOf(resource).entries()) {
      const held = resourceIn(entry);
      if (held)
        await importEntry(ctx, { resource: held, exactNumbers }, `${place}|${index}`, index + 1, report);
      else await report.reject(index + 1, JSON.stringify(entry), new Problem('invalid-content', noResource));
    }
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    await report.reject(1, text, thrown);
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
  parsed: { readonly resource: Resource; readonly exactNumbers: boolean },
  place: string,
  line: number,
  report: BundleReport,
): Promise<void> {
  try {
    report.count(await importParsed(ctx, parsed, place, (_key, work) => work()));
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    await report.reject(line, JSON.stringify(parsed.resource), thrown);
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
  report: BundleReport,
): Promise<void> {
  const entries = entriesOf(bundle);
  for (const [index, { status, outcome }] of answers.entries()) {
    if (outcome) {
      const problem = new Problem('invalid-content', `Answered ${status}: ${JSON.stringify(outcome.issue)}`);
      await report.reject(index + 1, JSON.stringify(entries[index]), problem);
    } else {
      report.count(status.startsWith('201') ? 'created' : 'updated');
    }
  }
}
