import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { InterfaceAccount } from '../../access/interface-account.ts';
import type { JsonObject } from '../../fhir/fhir-json.ts';
import { objectAt, objectsAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { RecordChange, StoreRecord } from '../../store/contract/store.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { er7Type } from '../er7-answer.ts';
import type { Finding } from '../finding.ts';
import type { AckCode } from '../guide/write-ack.ts';
import { codeText, writable } from '../mapping/v2-text.ts';

/** The collection of the texts of messages, which go when their time is over. */
export const messageCollection = 'hl7v2-message';
/** MSH-10. */
export const controlIdSystem = 'https://jenner-iis.org/fhir/NamingSystem/message-control-id';
/** The account or app that sent it. */
export const accountSystem = 'https://jenner-iis.org/fhir/NamingSystem/interface-account';
/** What was found in it. */
export const detectionSystem = 'https://jenner-iis.org/fhir/CodeSystem/message-detection';
const withoutPlaceUrl = 'https://jenner-iis.org/fhir/StructureDefinition/message-without-place';
const contentUrl = 'https://jenner-iis.org/fhir/StructureDefinition/message-content';
const gradeUrl = 'https://jenner-iis.org/fhir/StructureDefinition/message-grade';

/** What is known of a message when it is answered. */
export type MessageFacts = {
  readonly account: InterfaceAccount;
  /** Id of the Organization that it came from. */
  readonly organization?: string | undefined;
  /** MSH-3 and MSH-4, as sent. */
  readonly application: string;
  readonly facility: string;
  /** MSH-10; '' where there is none. */
  readonly controlId: string;
  /** MSH-9.3, or the type and the event with _ between them. */
  readonly structure: string;
  readonly text: string;
  readonly receivedAt: EpochMs;
  /** What it is kept as already, where it is read anew. */
  readonly keptAs?: ResourceId;
};

export type Outcome = {
  readonly code: AckCode;
  readonly answer: string;
  /** Codes of what was found, each once, for the search by them. */
  readonly detections: readonly string[];
  /** Whether something of the message stands in the registry. */
  readonly stands: boolean;
  /** Segments and fields that were sent and have no place in FHIR: they stand in the text alone. */
  readonly withoutPlace?: readonly string[] | undefined;
  /** How it was graded, as JSON; absent for what is no message of doses. */
  readonly grade?: string | undefined;
};

/**
 * The id of what is kept of a message. HL7 v2.5.1 §2.14.9.10: MSH-10 tells a message from all others of its sender; that is
 * the account, its application and its facility. What has no MSH-10 is told by its text.
 */
export function keptId(facts: MessageFacts): ResourceId {
  const { account, application, facility, controlId, keptAs } = facts;
  if (keptAs !== undefined) return keptAs;
  if (controlId === '') return idOfText(facts);
  return toId([account.name, application, facility, controlId]);
}

/** The id of a message of which nothing stands, where its control id is another's. */
export function idOfText({ account, text }: MessageFacts): ResourceId {
  return toId([account.name, text]);
}

function toId(parts: readonly string[]): ResourceId {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `v2-${digest.slice(0, 40)}` as string as ResourceId;
}

/** SHA-1 of the text in base64, as Attachment.hash has it (R4 datatypes.html#Attachment). */
const hashOf = (text: string): string => createHash('sha1').update(text).digest('base64');

/**
 * What a message says beside when it was sent (MSH-7): a sender that sends it once more may write the time anew. How its
 * segments end is a matter of the door that it came by.
 */
function contentHashOf(sent: string): string {
  const text = `${(sent.includes('\n') ? sent.replace(/\r?\n/g, '\r') : sent).trimEnd()}\r`;
  const mark = text[3] ?? '|';
  const end = text.search(/[\r\n]|$/);
  const fields = text.slice(0, end).split(mark);
  return hashOf([...fields.slice(0, 6), ...fields.slice(7)].join(mark) + text.slice(end));
}

/** The message and its answer as a DocumentReference; their texts are told by `$message`. */
export function toDocument(id: ResourceId, facts: MessageFacts, outcome: Outcome): Resource {
  const { account, organization, controlId, structure, text, receivedAt } = facts;
  const { code, answer, detections, stands } = outcome;
  const extension = [{ url: contentUrl, valueString: contentHashOf(text) }, ...extensionsOf(outcome)];
  const control = writable(controlId);
  return {
    resourceType: 'DocumentReference',
    id,
    extension,
    ...(control !== undefined && { identifier: [{ system: controlIdSystem, value: control }] }),
    status: 'current',
    docStatus: stands ? 'final' : 'preliminary',
    type: coded('http://terminology.hl7.org/CodeSystem/v2-0354', codeText(writable(structure)) ?? 'unknown'),
    category: [coded('http://terminology.hl7.org/CodeSystem/v2-0008', code)],
    date: formatInstant(receivedAt),
    author: [
      ...(organization === undefined ? [] : [{ reference: `Organization/${organization}` }]),
      { identifier: { system: accountSystem, value: account.name } },
    ],
    content: [attached(id, 'message', text), attached(id, 'answer', answer)],
    ...(detections.length > 0 && {
      context: { event: detections.map((detection) => coded(detectionSystem, detection)) },
    }),
  };
}

function extensionsOf({ grade, withoutPlace = [] }: Outcome): readonly JsonObject[] {
  const extensions: JsonObject[] = [];
  if (grade !== undefined) extensions.push({ url: gradeUrl, valueString: grade });
  if (withoutPlace.length > 0) {
    const places = withoutPlace.join(' ').slice(0, longestPlaces);
    const parts = [
      { url: 'count', valueInteger: withoutPlace.length },
      { url: 'places', valueString: places },
    ];
    extensions.push({ url: withoutPlaceUrl, extension: parts });
  }
  return extensions;
}

/** Of a message of thousands of segments the first. */
const longestPlaces = 2000;

const coded = (system: string, code: string): JsonObject => ({ coding: [{ system, code }] });

/** The two texts of a kept message. */
export const messageParts = ['message', 'answer'] as const;
export type MessagePart = (typeof messageParts)[number];

function attached(id: string, part: MessagePart, text: string): JsonObject {
  return {
    attachment: {
      contentType: `${er7Type}; charset=utf-8`,
      url: `DocumentReference/${id}/$message?part=${part}`,
      size: Buffer.byteLength(text),
      hash: hashOf(text),
      title: part,
    },
  };
}

/** Whether a DocumentReference is that of the text, and not another that was written in its place. */
export function isOfText(document: Resource, part: MessagePart, text: string): boolean {
  return objectsAt(document, 'content').some((content) => {
    const attachment = objectAt(content, 'attachment');
    return textAt(attachment, 'title') === part && textAt(attachment, 'hash') === hashOf(text);
  });
}

type Answered = Pick<Outcome, 'code' | 'answer' | 'stands' | 'grade' | 'withoutPlace'> & {
  readonly findings: readonly Finding[];
};

/** What is kept of how a message was answered. */
export function toOutcome({ findings, ...answered }: Answered): Outcome {
  const detections = findings.map(({ detection, code }) => detection ?? `HL70357-${code}`);
  return { detections: [...new Set(detections)], ...answered };
}

/** What is kept of a message, as far as another one is held against it. */
export type Kept = {
  readonly stands: boolean;
  readonly code: string;
  readonly hash: string;
  /** Absent in what earlier releases kept. */
  readonly content?: string;
  readonly grade?: string;
};

export function readKept(document: Resource): Kept {
  const { docStatus, category, content, extension } = document as {
    readonly docStatus?: string;
    readonly category?: readonly { readonly coding?: readonly { readonly code?: string }[] }[];
    readonly content?: readonly { readonly attachment?: { readonly hash?: string } }[];
    readonly extension?: readonly { readonly url?: string; readonly valueString?: string }[];
  };
  const said = (wanted: string) => extension?.find(({ url }) => url === wanted)?.valueString;
  const [grade, contentHash] = [said(gradeUrl), said(contentUrl)];
  return {
    stands: docStatus === 'final',
    code: category?.[0]?.coding?.[0]?.code ?? '',
    hash: content?.[0]?.attachment?.hash ?? '',
    ...(contentHash !== undefined && { content: contentHash }),
    ...(grade !== undefined && { grade }),
  };
}

/** Whether the same came before, be it sent at another time. */
export const isSameMessage = (
  { hash, content }: Pick<Kept, 'hash' | 'content'>,
  { text }: MessageFacts,
): boolean => hash === hashOf(text) || content === contentHashOf(text);

/** The texts, packed, until the end of their time. */
export function toTextRecord(
  id: string,
  texts: Readonly<Record<MessagePart, string>>,
  expires: EpochMs | undefined,
): RecordChange {
  // To escape a long answer as JSON takes as long as to pack it.
  const value = pack(`${texts.message.length}:${texts.message}${texts.answer}`);
  return {
    kind: 'put',
    record: { collection: messageCollection, key: id, value, ...(expires !== undefined && { expires }) },
  };
}

export function textsIn({ value }: StoreRecord): Readonly<Record<MessagePart, string>> {
  // Of earlier releases, which packed each by itself, or both as JSON.
  if (value.startsWith('{')) {
    const { message, answer } = JSON.parse(value) as Record<MessagePart, string>;
    return { message: unpack(message), answer: unpack(answer) };
  }
  const text = unpack(value);
  if (text.startsWith('[')) {
    const [message = '', answer = ''] = JSON.parse(text) as readonly string[];
    return { message, answer };
  }
  const start = text.indexOf(':') + 1;
  const end = start + Number(text.slice(0, start - 1));
  return { message: text.slice(start, end), answer: text.slice(end) };
}

/** To make a large window costs more than to pack a short text, which needs none. */
const shortText = 4096;
const forShort = { level: 1, windowBits: 12, memLevel: 5 } as const;
const forLong = { level: 1 } as const;

const pack = (text: string): string =>
  deflateRawSync(text, text.length < shortText ? forShort : forLong).toString('base64');
const unpack = (packed: string): string => inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8');
