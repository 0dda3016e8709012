import { formatInstant } from '../values/instant.ts';
import type { LongText } from '../values/long-text.ts';
import type { InteractionContext } from './context.ts';
import type { EntryAnswer } from './entry-answer.ts';
import { membersOf, type SplicedEntry, spliceBundle } from './splice-bundle.ts';

export type ReturnPreference = 'minimal' | 'representation' | 'OperationOutcome';

/** The `batch-response` or `transaction-response`, entries in the order of the request. */
export async function responseBundle(
  ctx: InteractionContext,
  type: 'batch-response' | 'transaction-response',
  answers: readonly EntryAnswer[],
  prefer: ReturnPreference,
): Promise<LongText> {
  const entries: SplicedEntry[] = [];
  for (const answer of answers) {
    await ctx.pace();
    entries.push(toEntry(ctx, answer, prefer));
  }
  return spliceBundle({ resourceType: 'Bundle', type }, entries);
}

function toEntry(ctx: InteractionContext, answer: EntryAnswer, prefer: ReturnPreference): SplicedEntry {
  const { version, text, outcome, status, location } = answer;
  const exists = version?.text !== undefined;
  const name = version && `${version.type}/${version.id}`;
  const response = {
    status,
    ...(location !== undefined && { location }),
    ...(exists && { location: `${ctx.baseUrl}/${name}/_history/${version.versionId}` }),
    ...(version && { etag: `W/"${version.versionId}"`, lastModified: formatInstant(version.lastUpdated) }),
    ...(outcome && { outcome }),
  };
  // What was asked for by GET is the answer itself; only what was written may be left out.
  const written = version !== undefined && prefer !== 'representation';
  return {
    rest: membersOf({ response }),
    ...(exists && { fullUrl: `${ctx.baseUrl}/${name}` }),
    ...(text !== undefined && !written && { text }),
  };
}
