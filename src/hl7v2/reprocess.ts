import type { Resource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { type EpochMs, parseMsRange } from '../values/instant.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { answerArrival } from './answer-message.ts';
import { arrive, type MessageServices } from './arrival.ts';
import type { AckCode } from './guide/write-ack.ts';
import { type KeptQuery, keptDocuments } from './kept/kept-documents.ts';
import { keptId, type MessageFacts, readKept } from './kept/kept-message.ts';

/** A message that is kept, and whose it is. */
export type KeptMessage = {
  readonly id: ResourceId;
  readonly date: string;
  /** How it was acknowledged last. */
  readonly code: string;
  readonly organization: string | undefined;
  /** When it was answered last. */
  readonly processedAt: EpochMs;
};

export type Reprocessed =
  /** The text is kept no longer. */
  | { readonly kind: 'gone' }
  /** It was refused for its control id, which another message of the sender has: it must be sent with one of its own. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'answered'; readonly code: AckCode; readonly answer: string };

/** The reports (VXU) that are kept, in the order in which they came. Throws a Problem for a date that is none. */
export async function listKept(ctx: InteractionContext, query: KeptQuery): Promise<readonly KeptMessage[]> {
  const found: KeptMessage[] = [];
  for await (const stored of keptDocuments(ctx, query)) found.push(toKept(stored));
  return found.sort((a, b) => (a.date < b.date ? -1 : 1));
}

function toKept({ id, text, lastUpdated }: StoredResource): KeptMessage {
  const document = JSON.parse(text) as Resource & {
    readonly date?: string;
    readonly author?: readonly { readonly reference?: string }[];
  };
  const { date = '', author = [] } = document;
  const { code } = readKept(document);
  const reference = author.find((one) => one.reference?.startsWith('Organization/'))?.reference;
  return { id, date, code, organization: reference?.slice('Organization/'.length), processedAt: lastUpdated };
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
  if (await isDuplicate(services, arrival.facts, id)) return { kind: 'duplicate' };
  const receivedAt = parseMsRange(date)?.first ?? arrival.facts.receivedAt;
  const facts = { ...arrival.facts, keptAs: id, receivedAt };
  const answer = await answerArrival({ ...arrival, facts, isReprocessed: true, processedAt });
  const code = /\rMSA\|(AA|AE|AR)\|/.exec(answer)?.[1] as AckCode | undefined;
  return { kind: 'answered', code: code ?? 'AR', answer };
}

/** Whether another message stands under its control id. */
async function isDuplicate(
  { system }: MessageServices,
  facts: MessageFacts,
  id: ResourceId,
): Promise<boolean> {
  const own = keptId(facts);
  if (own === id) return false;
  const there = await system.view.read({ type: 'DocumentReference', id: own });
  return there?.text !== undefined && readKept(JSON.parse(there.text) as Resource).stands;
}
