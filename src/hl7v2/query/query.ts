import { type Delimiters, usualDelimiters } from '../er7/delimiters.ts';
import { unescapeText } from '../er7/escapes.ts';
import type { Segment } from '../er7/message.ts';
import { type Piece, rawField, repetitionsOf } from '../er7/piece.ts';
import { type FieldValue, writeSegment } from '../er7/write-segment.ts';
import { fieldText } from '../mapping/v2-text.ts';

/** Where nobody says how many, and at most: `$match` answers no more. */
const usualMost = 20;
const mostCandidates = 50;

/** RCP-2: so many candidates are answered at most. */
export function mostOf(rcp: Segment | undefined): number {
  const count = Number(rcp && fieldText(rcp, 2));
  return Number.isInteger(count) && count > 0 ? Math.min(count, mostCandidates) : usualMost;
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
export function echoOf(qpd: Segment): string {
  const { delimiters } = qpd;
  if (isUsual(delimiters)) return qpd.raw;
  const count = qpd.raw.split(delimiters.field).length;
  const fields: Record<number, FieldValue> = {};
  for (let field = 1; field < count; field++) {
    fields[field] = { repetitions: repetitionsOf(qpd, field).map(plain) };
  }
  return writeSegment('QPD', fields);
}

const isUsual = (delimiters: Delimiters): boolean =>
  Object.entries(usualDelimiters).every(([name, mark]) => delimiters[name as keyof Delimiters] === mark);

function plain({ raw, delimiters }: Piece): FieldValue {
  return raw
    .split(delimiters.component)
    .map((component) =>
      component.split(delimiters.subcomponent).map((leaf) => unescapeText(leaf, delimiters)),
    );
}
