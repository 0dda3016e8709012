import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import { askedBy } from './audit/asked-by.ts';
import { answerRoom, openBundleRoom } from './bundle-room.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import {
  answerAlone,
  answerWrite,
  type BundleServices,
  type EntryAnswer,
  performGet,
} from './entry-answer.ts';
import { toIntent } from './entry-intent.ts';
import { entriesOf, parseEntry, type RequestEntry } from './parse-bundle.ts';
import { writeOne } from './plan-write.ts';

/** R4 http.html#batch: the entries do not know of each other; a failed one carries its own outcome. */
export async function runBatch(
  ctx: InteractionContext,
  bundle: ParsedResource,
  services: BundleServices,
): Promise<readonly EntryAnswer[]> {
  requireAccess(ctx, 'batch');
  ctx.trail?.ask(askedBy(bundle.resource, 'batch'));
  const answers: EntryAnswer[] = [];
  const room = openBundleRoom(answerRoom);
  for (const [index, entry] of entriesOf(bundle.resource).entries()) {
    await ctx.pace();
    const answer = await answerAlone(() => {
      room.require();
      return perform(ctx, parseEntry(entry, index, ctx.baseUrl), bundle.exactNumbers, services);
    });
    room.take(answer.text);
    answers.push(answer);
  }
  return answers;
}

async function perform(
  ctx: InteractionContext,
  entry: RequestEntry,
  exactNumbers: boolean,
  services: BundleServices,
): Promise<EntryAnswer> {
  const { target, method, resource, ifMatch, ifNoneMatch } = entry;
  const { query } = entry.url;
  const body = resource && { resource, exactNumbers };
  switch (target.name) {
    case 'create':
    case 'update':
    case 'conditional-update':
    case 'patch':
    case 'conditional-patch':
    case 'delete':
    case 'conditional-delete':
      return answerWrite(await writeOne(ctx, toIntent(ctx, target, entry, exactNumbers)));
    case 'bundle':
      throw new Problem('not-supported', 'A Bundle cannot be run as an entry of another');
    case 'operation':
      return method === 'POST'
        ? services.operate(ctx, {
            method,
            target,
            query,
            ...(body && { body }),
            preconditions: { ifMatch, ifNoneMatch },
          })
        : performGet(ctx, entry, services);
    case 'capabilities':
    case 'read':
    case 'vread':
    case 'history-system':
    case 'history-type':
    case 'history-instance':
    case 'search-system':
    case 'search-type':
    case 'compartment':
      return performGet(ctx, entry, services);
  }
}
