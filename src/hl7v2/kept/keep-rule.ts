import type { Resource } from '../../fhir/resource.ts';
import { commit } from '../../interaction/commit.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import { prepareChange } from '../../interaction/prepare-change.ts';
import type { WritePlan } from '../../interaction/write-plan.ts';
import type { StoredVersion } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { toOutbox } from '../forward/outbox.ts';
import {
  idOfText,
  isSameMessage,
  type Kept,
  keptId,
  type MessageFacts,
  type Outcome,
  readKept,
  toDocument,
  toTextRecord,
} from './kept-message.ts';

/** Another message of the sender has the control id already, and something of it is kept. */
export class DuplicateMessage extends Error {
  override readonly name = 'DuplicateMessage';
  /** The same, but for when it was sent: it is answered as before. */
  readonly isSame: boolean;

  constructor(isSame: boolean) {
    super('the message control id came before');
    this.isSame = isSame;
  }
}

export type Keeping = {
  readonly facts: MessageFacts;
  readonly outcome: Outcome;
  /** When its texts go; never when absent. */
  readonly expires: EpochMs | undefined;
  /** Whether it is sent on to another registry once it is kept. */
  readonly isForwarded: boolean;
  /** It was read anew from what is kept: what is there is its own. */
  readonly isReprocessed?: true | undefined;
};

/** Whether a message of the control id stands, and the same one; undefined where none does. */
export async function standingOf(
  system: InteractionContext,
  facts: MessageFacts,
): Promise<DuplicateMessage | undefined> {
  const kept = keptIn(await currentOf(system, keptId(facts)));
  return kept?.stands ? new DuplicateMessage(isSameMessage(kept, facts)) : undefined;
}

/**
 * Keeps the message and its answer in the unit of what it brings, once: throws DuplicateMessage where its control id has
 * brought something already. What was refused may be sent again under the same id, mended.
 */
export function keepRule(keeping: Keeping): WriteRule {
  return async (system, plan) => {
    const id = keptId(keeping.facts);
    const current = await currentOf(system, id);
    if (!keeping.isReprocessed) refuseDuplicate(current, keeping.facts);
    return withKept(system, plan, keeping, { id, current });
  };
}

/** Keeps a message of which nothing stands: a query, or what was refused. It takes the place of none that does. */
export async function keepAlone(system: InteractionContext, keeping: Keeping): Promise<void> {
  const { facts } = keeping;
  const rule: WriteRule = async (ctx, plan) => {
    const own = keptId(facts);
    const there = await currentOf(ctx, own);
    if (keeping.isReprocessed || !keptIn(there)?.stands)
      return withKept(ctx, plan, keeping, { id: own, current: there });
    const id = idOfText(facts);
    return withKept(ctx, plan, keeping, { id, current: await currentOf(ctx, id) });
  };
  const ctx = { ...system, writeRules: [rule] };
  await commit(ctx, async () => ({ steps: [], guards: [], added: [], records: [] }));
}

type Place = { readonly id: ResourceId; readonly current: StoredVersion | undefined };

function currentOf(ctx: InteractionContext, id: ResourceId): Promise<StoredVersion | undefined> {
  return ctx.view.read({ type: 'DocumentReference', id });
}

function refuseDuplicate(current: StoredVersion | undefined, facts: MessageFacts): void {
  const kept = keptIn(current);
  if (kept?.stands) throw new DuplicateMessage(isSameMessage(kept, facts));
}

function keptIn(version: StoredVersion | undefined): Kept | undefined {
  return version?.text === undefined ? undefined : readKept(JSON.parse(version.text) as Resource);
}

/**
 * What is kept of a message is not held to R4 and profiles each time: `toDocument` alone writes it, whatever is sent, and a
 * test holds that to them. Nobody else comes by here.
 */
function unjudged(system: InteractionContext): InteractionContext {
  const { validation } = system;
  return {
    ...system,
    validation: { ...validation, validator: { ...validation.validator, validate: () => [] } },
  };
}

function withKept(system: InteractionContext, plan: WritePlan, keeping: Keeping, place: Place): WritePlan {
  const { facts, outcome, expires, isForwarded } = keeping;
  const { id, current } = place;
  const target = { type: 'DocumentReference', id, method: current ? 'PUT' : 'POST', current } as const;
  // What is read anew and refused by now brought what it brought.
  const stands = outcome.stands || keptIn(current)?.stands === true;
  const resource = toDocument(id, facts, { ...outcome, stands });
  const change = prepareChange(unjudged(system), { resource, exactNumbers: false }, target);
  const record = toTextRecord(id, { message: facts.text, answer: outcome.answer }, expires);
  const records = isForwarded && outcome.stands ? [record, toOutbox(id, facts.receivedAt)] : [record];
  return { ...plan, added: [...plan.added, change], records: [...plan.records, ...records] };
}
