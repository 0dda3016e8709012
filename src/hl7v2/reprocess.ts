import type { InteractionContext } from '../interaction/context.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { type EpochMs, parseMsRange } from '../values/instant.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { answerArrival } from './answer-message.ts';
import { arrive, type MessageServices } from './arrival.ts';
import type { AckCode } from './guide/write-ack.ts';
import { type KeptQuery, keptDocuments } from './kept/kept-documents.ts';

/** A message that is kept, and whose it is. */
export type KeptMessage = {
  readonly id: ResourceId;
  readonly date: string;
  readonly organization: string | undefined;
  /** When it was answered last. */
  readonly processedAt: EpochMs;
};

export type Reprocessed =
  /** The text is kept no longer. */
  { readonly kind: 'gone' } | { readonly kind: 'answered'; readonly code: AckCode; readonly answer: string };

/** The reports (VXU) that are kept, in the order in which they came. Throws a Problem for a date that is none. */
export async function listKept(ctx: InteractionContext, query: KeptQuery): Promise<readonly KeptMessage[]> {
  const found: KeptMessage[] = [];
  for await (const stored of keptDocuments(ctx, query)) found.push(toKept(stored));
  return found.sort((a, b) => (a.date < b.date ? -1 : 1));
}

function toKept({ id, text, lastUpdated }: StoredResource): KeptMessage {
  const { date = '', author = [] } = JSON.parse(text) as {
    readonly date?: string;
    readonly author?: readonly { readonly reference?: string }[];
  };
  const reference = author.find((one) => one.reference?.startsWith('Organization/'))?.reference;
  return { id, date, organization: reference?.slice('Organization/'.length), processedAt: lastUpdated };
}

/**
 * Answers a message anew from its text, as when it came: after the mapping or the guide was mended. What it brings that is
 * there already stays as it is; its DocumentReference has the new answer, and the old one in its history.
 */
export async function reprocess(
  services: MessageServices,
  account: string,
  { id, date, organization, processedAt }: KeptMessage,
): Promise<Reprocessed> {
  const texts = await services.readTexts(id);
  if (!texts) return { kind: 'gone' };
  const system = { kind: 'system', name: 'hl7v2' } as const;
  const owner = organization === undefined ? undefined : parseResourceId(organization);
  const arrival = await arrive(services, {
    account: { name: account, organizations: owner === undefined ? [] : [owner], callerAs: () => system },
    bytes: Buffer.from(texts.message, 'utf8'),
    charset: 'utf-8',
    from: 'reprocess',
  });
  const receivedAt = parseMsRange(date)?.first ?? arrival.facts.receivedAt;
  const facts = { ...arrival.facts, keptAs: id, receivedAt };
  const answer = await answerArrival({ ...arrival, facts, isReprocessed: true, processedAt });
  const code = /\rMSA\|(AA|AE|AR)\|/.exec(answer)?.[1] as AckCode | undefined;
  return { kind: 'answered', code: code ?? 'AR', answer };
}
