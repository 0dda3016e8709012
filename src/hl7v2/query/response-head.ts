import { usualDelimiters } from '../er7/delimiters.ts';
import type { Segment } from '../er7/message.ts';
import { componentOf, rawField, repetitionOf, subcomponentOf, textOf } from '../er7/piece.ts';
import { type FieldValue, writeSegment } from '../er7/write-segment.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import { fieldText } from '../mapping/v2-text.ts';
import { echoOf, type Query } from './query.ts';

/** How a query is answered (the guide's table of outcomes). */
export type Outcome = {
  readonly profile: 'Z31' | 'Z32' | 'Z33' | 'Z42';
  /** QAK-2, table 0208. */
  readonly status: 'OK' | 'NF' | 'TM' | 'AE' | 'AR';
  /** MSA-1. */
  readonly ack: 'AA' | 'AE' | 'AR';
  readonly findings: readonly Finding[];
};

type Sending = { readonly sent: string; readonly controlId: string; readonly authority: string };

/** MSH, MSA, ERR where there is one, QAK, and the QPD as it came. */
export function responseHead(
  { msh, qpd, profile, tag }: Query,
  outcome: Outcome,
  { sent, controlId, authority }: Sending,
): readonly string[] {
  const names = {
    Z34: 'Request Immunization History',
    Z44: 'Request Evaluated History and Forecast',
  } as const;
  const [finding] = outcome.findings;
  return [
    writeSegment('MSH', {
      3: copied(msh, 5) ?? authority,
      4: copied(msh, 6),
      5: copied(msh, 3),
      6: copied(msh, 4),
      7: sent,
      9: ['RSP', 'K11', 'RSP_K11'],
      10: controlId,
      11: fieldText(msh, 11) ?? 'P',
      12: '2.5.1',
      15: 'NE',
      16: 'NE',
      21: [outcome.profile, 'CDCPHINVS'],
      22: copied(msh, 23),
      23: copied(msh, 22),
    }),
    writeSegment('MSA', { 1: outcome.ack, 2: fieldText(msh, 10) }),
    ...(finding ? [toErr(finding)] : []),
    writeSegment('QAK', { 1: tag, 2: outcome.status, 3: [profile, names[profile], 'CDCPHINVS'] }),
    ...(qpd ? [echoOf(qpd, usualDelimiters)] : []),
  ];
}

/** A field of the query with all its components. */
function copied(segment: Segment, field: number): FieldValue {
  if (rawField(segment, field) === '') return undefined;
  const piece = repetitionOf(segment, field);
  return piece.raw.split(piece.delimiters.component).map((_, component) => {
    const part = componentOf(piece, component + 1);
    return part.raw
      .split(part.delimiters.subcomponent)
      .map((__, sub) => textOf(subcomponentOf(part, sub + 1)));
  });
}

const codeNames: Readonly<Record<Finding['code'], string>> = {
  '0': 'Message accepted',
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '206': 'Application record locked',
  '207': 'Application internal error',
};

function toErr({ code, severity, location, text }: Finding): string {
  return writeSegment('ERR', {
    2: location && locationOf(location),
    3: [code, codeNames[code], 'HL70357'],
    4: severity,
    8: text.slice(0, 250),
  });
}

function locationOf({ segment, occurrence, field, repetition, component }: ErrorLocation): FieldValue {
  const parts = [field, field === undefined ? undefined : (repetition ?? 1), component];
  return [
    segment,
    String(occurrence),
    ...parts.map((part) => (part === undefined ? undefined : String(part))),
  ];
}
