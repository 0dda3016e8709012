import type { EpochMs } from '../../values/instant.ts';
import { tableOf } from '../../values/table-of.ts';
import type { Segment } from '../er7/message.ts';
import { writeSegment } from '../er7/write-segment.ts';
import type { Finding } from '../finding.ts';
import { worstErrSegment } from '../guide/err-segments.ts';
import { type AckCode, answerHeader, writeMsa } from '../guide/write-ack.ts';
import { fieldText } from '../mapping/v2-text.ts';
import { echoOf } from './query.ts';

/** How a query is answered (the guide's table of outcomes). */
export type Outcome = {
  readonly profile: 'Z31' | 'Z32' | 'Z33' | 'Z42';
  /** QAK-2, table 0208. */
  readonly status: 'OK' | 'NF' | 'TM' | 'AE' | 'AR';
  /** MSA-1. */
  readonly code: AckCode;
  readonly findings: readonly Finding[];
};

export type Asked = {
  readonly msh: Segment;
  /** As sent; absent where none was. */
  readonly qpd: Segment | undefined;
  readonly controlId: string;
};

const names: Readonly<Record<string, string>> = tableOf({
  Z34: 'Request Immunization History',
  Z44: 'Request Evaluated History and Forecast',
});

/** MSH, MSA, ERR where there is one, QAK, and the QPD as it came. */
export function responseHead(
  { msh, qpd, controlId }: Asked,
  outcome: Outcome,
  at: EpochMs,
): readonly string[] {
  const { profile, code, status, findings } = outcome;
  const error = worstErrSegment(findings);
  const name = (qpd && fieldText(qpd, 1)) ?? fieldText(msh, 21) ?? 'Z34';
  return [
    answerHeader(msh, { type: ['RSP', 'K11', 'RSP_K11'], profile, controlId, at }),
    writeMsa(msh, code),
    ...(error === undefined ? [] : [error]),
    writeSegment('QAK', {
      1: (qpd && fieldText(qpd, 2)) ?? 'UNKNOWN',
      2: status,
      3: [name, names[name], 'CDCPHINVS'],
    }),
    ...(qpd ? [echoOf(qpd)] : []),
  ];
}
