import { formatInstant } from '../values/instant.ts';
import type { InteractionContext } from './context.ts';
import type { EntryAnswer } from './entry-answer.ts';
import { membersOf, spliceBundle } from './splice-bundle.ts';

export type ReturnPreference = 'minimal' | 'representation' | 'OperationOutcome';

/** The `batch-response` or `transaction-response`, entries in the order of the request. */
export function responseBundle(
  ctx: InteractionContext,
  type: 'batch-response' | 'transaction-response',
  answers: readonly EntryAnswer[],
  prefer: ReturnPreference,
): string {
  const entries = answers.map((answer) => {
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
      ...(exists && { fullUrl: `${ctx.baseUrl}/${name}` }),
      ...(text !== undefined && !written && { text }),
      rest: membersOf({ response }),
    };
  });
  return spliceBundle({ resourceType: 'Bundle', type }, entries);
}
