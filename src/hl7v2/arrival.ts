import type { Caller } from '../access/caller.ts';
import type { InterfaceAccount } from '../access/interface-account.ts';
import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { EpochMs } from '../values/instant.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { decodeEr7 } from './er7/decode-er7.ts';
import { type Message, parseMessage, type Segment, segmentOf } from './er7/message.ts';
import { textAt } from './er7/piece.ts';
import type { FindFacility } from './facilities.ts';
import type { Finding } from './finding.ts';
import type { Guide } from './guide/guide.ts';
import type { AckCode } from './guide/write-ack.ts';
import { writeAck } from './guide/write-ack.ts';
import { keepAlone } from './kept/keep-rule.ts';
import { type MessageFacts, type MessagePart, type Outcome, toOutcome } from './kept/kept-message.ts';
import type { Sender } from './mapping/receive-vxu.ts';
import type { DoseMapping } from './mapping/to-immunization.ts';

/** A message as a door took it. */
export type SentMessage = {
  readonly account: InterfaceAccount;
  readonly bytes: Uint8Array;
  /** As the transport declares it; by MSH-18 when absent. */
  readonly charset?: string | undefined;
  /** The facility, where the transport says it beside MSH-4. */
  readonly facility?: string | undefined;
  /** The address that it came from. */
  readonly from: string;
};

/** The acknowledgement or response to a message, in ER7: there is always one. */
export type AnswerMessage = (sent: SentMessage) => Promise<string>;

export type MessageServices = {
  readonly guide: Guide;
  readonly mapping: DoseMapping;
  readonly contextFor: (caller: Caller) => InteractionContext;
  /** The server's own doings: what is kept of messages. */
  readonly system: InteractionContext;
  readonly findFacility: FindFacility;
  readonly answerQuery: AnswerQuery;
  /** The text and the answer of a message that is kept; undefined where their time is over. */
  readonly readTexts: (id: string) => Promise<Readonly<Record<MessagePart, string>> | undefined>;
  /** Milliseconds that texts are kept; for good when absent. */
  readonly keepMs: number | undefined;
  /** Whether what stands is sent on to another registry. */
  readonly forwards: boolean;
  /** Told of what broke. */
  readonly logFailure: (thrown: unknown, controlId: string) => void;
};

/** The response to a query (QBP^Q11). */
export type AnswerQuery = (
  ctx: InteractionContext,
  message: Message,
  asked: { readonly sender: Sender; readonly controlId: string },
) => Promise<{ readonly text: string; readonly code: AckCode; readonly findings: readonly Finding[] }>;

/** A message that has come in: what is said of its sender, and what it is kept by. */
export type Arrival = {
  readonly services: MessageServices;
  readonly ctx: InteractionContext;
  readonly message: Message | undefined;
  readonly msh: Segment | undefined;
  readonly facts: MessageFacts;
  readonly sender: Sender;
  readonly from: string;
  /** Told of every answer: what was found of the bytes and the sender. */
  readonly noticed: readonly Finding[];
  /** MSH-10 and MSH-7 of the answer. */
  readonly answerId: string;
  readonly at: EpochMs;
  /** It was kept before, and is read anew: what is kept of it is its own. */
  readonly isReprocessed?: true;
  /** How a message of doses was graded, as JSON. */
  readonly grade?: string | undefined;
  /** And when it was before: what was written later than that stays. */
  readonly processedAt?: EpochMs;
};

/** Reads who sends a message, and for whom. */
export async function arrive(services: MessageServices, sent: SentMessage): Promise<Arrival> {
  const { account, from } = sent;
  const { system, contextFor, findFacility } = services;
  const decoded = decodeEr7(sent.bytes, sent.charset);
  const text = decoded.text.trimStart();
  const parsed = parseMessage(text);
  const message = 'kind' in parsed ? undefined : parsed;
  const msh = message && segmentOf(message, 'MSH');
  const field = (at: number, component = 1) => msh && textAt(msh, { field: at, component });
  const names = [field(4), field(4, 2), sent.facility, field(22, 10), field(22)];
  const facility = await findFacility(account, names);
  const organization = facility ?? account.organizations[0];
  const caller = account.callerAs(facility);
  const at = system.clock.now();
  return {
    services,
    ctx: contextFor((await system.openings?.of(caller)) ?? caller),
    message,
    msh,
    facts: {
      account,
      organization,
      application: field(3) ?? '',
      facility: field(4) ?? sent.facility ?? '',
      controlId: field(10) ?? '',
      structure: field(9, 3) ?? [field(9), field(9, 2)].filter(Boolean).join('_'),
      text,
      receivedAt: at,
    },
    sender: {
      organization: organization as ResourceId | undefined,
      facility: field(4) ?? sent.facility,
      authority: field(4) ?? sent.facility,
    },
    from,
    noticed: [...decoded.findings, ...(msh ? facilityNotice(account, field(4), facility) : [])],
    answerId: system.newId(),
    at,
    grade: undefined,
  };
}

/** Nothing of the message stands. */
export async function refuse(arrival: Arrival, code: AckCode, findings: readonly Finding[]): Promise<string> {
  const told = [...arrival.noticed, ...findings];
  const text = ackOf(arrival, code, told);
  await keep(arrival, toOutcome({ code, answer: text, findings: told, stands: false, grade: arrival.grade }));
  return text;
}

/** Nothing of the message stands: so the audit has it, beside who was refused. */
export class RefusedMessage extends Problem {
  readonly answer: string;

  constructor(answer: string) {
    super('business-rule', 'the message was refused');
    this.answer = answer;
  }
}

/** Refuses a message while it is worked on. */
export async function endRefused(
  arrival: Arrival,
  code: AckCode,
  findings: readonly Finding[],
): Promise<never> {
  throw new RefusedMessage(await refuse(arrival, code, findings));
}

/** Who sends for several organizations is told where it was not clear for which; one who sends for one is not asked. */
function facilityNotice(
  { organizations }: InterfaceAccount,
  named: string | undefined,
  facility: string | undefined,
): readonly Finding[] {
  if (facility !== undefined || organizations.length < 2) return [];
  const location = { segment: 'MSH', occurrence: 1, field: 4 };
  const taken = `it was taken to come from Organization/${organizations[0]}`;
  if (named === undefined) {
    return [{ severity: 'W', code: '101', location, text: `MSH-4 names no facility: ${taken}.` }];
  }
  const text = `MSH-4 "${named.slice(0, 100)}" is none of this account's facilities: ${taken}.`;
  return [{ severity: 'W', code: '204', location, text }];
}

export function ackOf({ msh, answerId, at }: Arrival, code: AckCode, findings: readonly Finding[]): string {
  return writeAck({ msh, findings, controlId: answerId, at, code });
}

/** When the texts of a message go. */
export function expiryOf({ services: { keepMs }, facts }: Arrival): EpochMs | undefined {
  return keepMs === undefined ? undefined : ((facts.receivedAt + keepMs) as EpochMs);
}

/** Keeps a message of which nothing stands. */
export function keep(arrival: Arrival, outcome: Outcome): Promise<void> {
  const { services, facts, isReprocessed } = arrival;
  const expires = expiryOf(arrival);
  return keepAlone(services.system, { facts, outcome, expires, isForwarded: false, isReprocessed });
}
