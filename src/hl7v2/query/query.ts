import type { Delimiters } from '../er7/delimiters.ts';
import { unescapeText } from '../er7/escapes.ts';
import { type Message, type Segment, segmentOf } from '../er7/message.ts';
import { type Piece, rawField, repetitionsOf } from '../er7/piece.ts';
import type { FieldValue } from '../er7/write-segment.ts';
import { writeSegment } from '../er7/write-segment.ts';
import type { Finding } from '../finding.ts';
import { fieldText } from '../mapping/v2-text.ts';

/** Z34 asks for the history, Z44 for how it is evaluated and what is due. */
export type QueryProfile = 'Z34' | 'Z44';

export type Query = {
  readonly msh: Segment;
  readonly qpd: Segment | undefined;
  readonly profile: QueryProfile;
  /** QPD-2. */
  readonly tag: string | undefined;
  /** RCP-2: so many candidates are answered at most. */
  readonly most: number;
};

/** Where nobody says how many. */
const usualMost = 20;

/** What a QBP asks; a finding where it cannot be told what. */
export function readQuery(message: Message): {
  readonly query: Query;
  readonly findings: readonly Finding[];
} {
  const msh = segmentOf(message, 'MSH');
  if (!msh) throw new Error('a message without MSH was let through');
  const qpd = segmentOf(message, 'QPD');
  const rcp = segmentOf(message, 'RCP');
  const asked = qpd && fieldText(qpd, 1);
  const profiled = fieldText(msh, 21);
  const profile = [asked, profiled].find((one) => one === 'Z34' || one === 'Z44') as QueryProfile | undefined;
  const tag = qpd && fieldText(qpd, 2);
  const findings: Finding[] = [];
  if (!qpd)
    findings.push(required('100', { segment: 'QPD', occurrence: 1 }, 'A query needs the segment QPD'));
  else if (profile === undefined || asked === undefined) {
    findings.push(required('101', at(1), 'QPD-1 must say what is asked for: Z34 or Z44'));
  } else if (asked !== 'Z34' && asked !== 'Z44') {
    findings.push(required('103', at(1), `QPD-1 ${asked} is no query of this registry: Z34 and Z44 are`));
  }
  if (qpd && tag === undefined)
    findings.push(required('101', at(2), 'QPD-2, the tag of the query, is missing'));
  return { query: { msh, qpd, profile: profile ?? 'Z34', tag, most: mostOf(rcp) }, findings };
}

const at = (field: number) => ({ segment: 'QPD', occurrence: 1, field });

function required(
  code: '100' | '101' | '103',
  location: NonNullable<Finding['location']>,
  text: string,
): Finding {
  return { severity: 'E', code, location, text };
}

function mostOf(rcp: Segment | undefined): number {
  const count = Number(rcp && fieldText(rcp, 2));
  return Number.isInteger(count) && count > 0 ? Math.min(count, 50) : usualMost;
}

/** Which field of PID each field of QPD is. */
const places: Readonly<Record<number, number>> = {
  3: 3,
  4: 5,
  5: 6,
  6: 7,
  7: 8,
  8: 11,
  9: 13,
  10: 24,
  11: 25,
};

/** Who is asked for, as a PID would say it. */
export function toPidOf(qpd: Segment): Segment {
  const fields: string[] = ['PID'];
  for (const [from, to] of Object.entries(places)) fields[to] = rawField(qpd, Number(from));
  const filled = Array.from(fields, (field) => field ?? '');
  return { ...qpd, name: 'PID', occurrence: 1, raw: filled.join(qpd.delimiters.field), fields: filled };
}

/** QPD goes back as it came; of a sender who parts otherwise, said in the usual delimiters. */
export function echoOf(qpd: Segment, usual: Delimiters): string {
  const { delimiters } = qpd;
  if (
    Object.keys(usual).every(
      (name) => usual[name as keyof Delimiters] === delimiters[name as keyof Delimiters],
    )
  ) {
    return qpd.raw;
  }
  const count = (qpd.fields ?? qpd.raw.split(delimiters.field)).length;
  const fields: Record<number, FieldValue> = {};
  for (let field = 1; field < count; field++) {
    fields[field] = { repetitions: repetitionsOf(qpd, field).map(plain) };
  }
  return writeSegment('QPD', fields, usual);
}

function plain({ raw, delimiters }: Piece): FieldValue {
  return raw
    .split(delimiters.component)
    .map((component) =>
      component.split(delimiters.subcomponent).map((leaf) => unescapeText(leaf, delimiters)),
    );
}
