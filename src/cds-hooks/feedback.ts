import { Problem } from '../fhir/problem.ts';
import { commit } from '../interaction/commit.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { asObject } from '../registry/ehr-record/ehr-record.ts';
import type { EpochMs } from '../values/instant.ts';

/** The collection of what became of cards; it stays true in another store. */
export const feedbackCollection = 'cds-feedback';

/** What a user did with a card (CDS Hooks 2.0, Feedback). */
export type Feedback = {
  readonly card: string;
  readonly outcome: 'accepted' | 'overridden';
  readonly outcomeTimestamp: string;
  readonly acceptedSuggestions?: readonly string[];
  /** The code of the reason. */
  readonly reason?: string;
  readonly comment?: string;
};

const mostFeedback = 100;
const longestComment = 1000;
/** Rules are looked at once a year. */
const keptMs = 400 * 24 * 3600 * 1000;

export function parseFeedback(body: Readonly<Record<string, unknown>>): readonly Feedback[] {
  const { feedback } = body;
  if (!Array.isArray(feedback) || feedback.length === 0)
    throw wrong('feedback must be a list of one at least');
  if (feedback.length > mostFeedback) throw wrong(`feedback may have ${mostFeedback} entries`);
  return feedback.map((one, i) => parseOne(asObject(one) ?? {}, `feedback[${i}]`));
}

function parseOne(one: Readonly<Record<string, unknown>>, at: string): Feedback {
  const { outcome, outcomeTimestamp: when } = one;
  if (outcome !== 'accepted' && outcome !== 'overridden') {
    throw wrong(`${at}.outcome must be accepted or overridden`);
  }
  if (typeof when !== 'string' || !/^\d{4}-\d{2}-\d{2}T[\d:.]{5,20}(?:Z|[+-]\d{2}:\d{2})$/.test(when)) {
    throw wrong(`${at}.outcomeTimestamp must be an instant such as "2026-03-01T10:00:00Z"`);
  }
  const common = { card: nameIn(one['card'], `${at}.card`), outcome, outcomeTimestamp: when } as const;
  return outcome === 'accepted'
    ? { ...common, acceptedSuggestions: suggestionsIn(one['acceptedSuggestions'], at) }
    : { ...common, ...reasonIn(asObject(one['overrideReason']) ?? {}) };
}

function suggestionsIn(sent: unknown, at: string): readonly string[] {
  const listed: readonly unknown[] = Array.isArray(sent) ? sent.slice(0, mostFeedback) : [];
  return listed.map((one, i) => nameIn(asObject(one)?.['id'], `${at}.acceptedSuggestions[${i}].id`));
}

/** A Coding as of 2.0, or the code alone as earlier drafts have it. */
function reasonIn({ reason, userComment }: Readonly<Record<string, unknown>>) {
  const code = typeof reason === 'string' ? reason : asObject(reason)?.['code'];
  return {
    ...(typeof code === 'string' && { reason: code.slice(0, 100) }),
    ...(typeof userComment === 'string' && { comment: userComment.slice(0, longestComment) }),
  };
}

function nameIn(value: unknown, at: string): string {
  if (typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)) return value;
  throw wrong(`${at} must be the uuid of a card or suggestion`);
}

function wrong(text: string): Problem {
  return new Problem('invalid-parameter', text, { expression: 'feedback' });
}

/** Of several about one card the last is kept: what was passed over first may be taken up later. */
export async function keepFeedback(
  ctx: InteractionContext,
  from: { readonly client: string; readonly service: string },
  feedback: readonly Feedback[],
): Promise<void> {
  const now = ctx.clock.now();
  const records = feedback.map((one) => ({
    kind: 'put' as const,
    record: {
      collection: feedbackCollection,
      key: `${from.client}|${one.card}`,
      value: JSON.stringify({ ...one, ...from, received: now }),
      expires: (now + keptMs) as EpochMs,
    },
  }));
  await commit(ctx, async () => ({ steps: [], guards: [], added: [], records }));
}
