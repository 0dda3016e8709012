import type { EpochMs } from '../../values/instant.ts';
import type { Segment } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import { type FieldValue, writeMessage, writeSegment } from '../er7/write-segment.ts';
import type { Finding } from '../finding.ts';
import { errSegments } from './err-segments.ts';
import { ruleFormats } from './formats.ts';
import { formatHl7Time } from './hl7-time.ts';

export type AckCode = 'AA' | 'AE' | 'AR';

/** What is not a matter of a message's content: type, event, processing id, version, a lock, an error of ours. */
const notOfContent: ReadonlySet<string> = new Set(['200', '201', '202', '203', '206', '207']);

/** MSA-1: AR for what is no matter of the content, AE where anything was not processed, else AA (HL7 v2.5.1 §2.9.2). */
export function ackCodeOf(findings: readonly Finding[]): AckCode {
  const errors = findings.filter(({ severity }) => severity === 'E');
  if (errors.length === 0) return 'AA';
  return errors.some(({ code }) => notOfContent.has(code)) ? 'AR' : 'AE';
}

export type Ack = {
  /** The MSH that is answered; none where what came is no message. */
  readonly msh: Segment | undefined;
  readonly findings: readonly Finding[];
  /** MSH-10 of the answer. */
  readonly controlId: string;
  readonly at: EpochMs;
  /** MSA-1, where the findings do not say it: a message that was acknowledged before. */
  readonly code?: AckCode;
};

/** ACK^V04 as the guide has it (Z23), with an ERR for each finding. */
export function writeAck({ msh, findings, controlId, at, code = ackCodeOf(findings) }: Ack): string {
  const event = msh && textAt(msh, { field: 9 }) === 'QBP' ? 'Q11' : 'V04';
  const head = answerHeader(msh, { type: ['ACK', event, 'ACK'], profile: 'Z23', controlId, at });
  return writeMessage([head, writeMsa(msh, code), ...errSegments(findings)]);
}

/** MSA: what becomes of the message, and which one it is. What has no control id is answered as UNKNOWN. */
export function writeMsa(msh: Segment | undefined, code: AckCode): string {
  return writeSegment('MSA', { 1: code, 2: (msh && textAt(msh, { field: 10 })) ?? 'UNKNOWN' });
}

export type AnswerHeader = {
  /** MSH-9, in components. */
  readonly type: readonly string[];
  /** MSH-21.1. */
  readonly profile: string;
  readonly controlId: string;
  readonly at: EpochMs;
};

/** The MSH of an answer: sender and receiver change places (guide §3). */
export function answerHeader(msh: Segment | undefined, answer: AnswerHeader): string {
  const processing = (msh && textAt(msh, { field: 11 })) ?? '';
  return writeSegment('MSH', {
    3: partyOf(msh, 5),
    4: partyOf(msh, 6),
    5: partyOf(msh, 3),
    6: partyOf(msh, 4),
    7: formatHl7Time(answer.at),
    9: answer.type,
    10: answer.controlId,
    11: /^[PTD]$/.test(processing) ? processing : 'P',
    12: '2.5.1',
    15: 'NE',
    16: 'NE',
    21: [answer.profile, 'CDCPHINVS'],
    22: organizationOf(msh, 23),
    23: organizationOf(msh, 22),
  });
}

/** An HD as it was sent, as far as it may stand in an answer: a universal id is an OID. */
function partyOf(msh: Segment | undefined, field: number): FieldValue {
  if (!msh) return undefined;
  const [name, id, type] = [1, 2, 3].map((component) => textAt(msh, { field, component }));
  const isOid = id !== undefined && ruleFormats['oid']?.test(id) && type === 'ISO';
  return isOid ? [name, id, type] : (name ?? id)?.slice(0, 20);
}

/** An XON by its name: an identifier of it would ask for its authority and type. */
function organizationOf(msh: Segment | undefined, field: number): FieldValue {
  const name = msh && (textAt(msh, { field }) ?? textAt(msh, { field, component: 10 }));
  return name?.slice(0, 50);
}
