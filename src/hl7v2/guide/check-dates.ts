import type { EpochDay } from '../../values/epoch-day.ts';
import { type Message, type Segment, segmentOf } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import type { ApplicationCode, ErrorLocation, Finding } from '../finding.ts';
import { quote } from './finding-text.ts';
import { dayOf } from './hl7-date.ts';

/** A date that cannot be: what it is told, and where. */
export type DateFault = Finding & { readonly location: ErrorLocation };

/**
 * The last day that a date of a message may name: the day after it was sent (zones differ), and no day later than tomorrow.
 * So a message is judged alike on whatever day it is read. A sender's clock that other dates of the message contradict is
 * not believed: two or more of them lie after it.
 */
export function lastDayOf(message: Message, asOf: EpochDay): EpochDay {
  const tomorrow = (asOf + 1) as EpochDay;
  const msh = segmentOf(message, 'MSH');
  const sent = msh && dayOf(textAt(msh, { field: 7 }));
  if (sent === undefined || sent >= asOf) return tomorrow;
  const later = (sent + 1) as EpochDay;
  return countAfter(message, later) > 1 ? tomorrow : later;
}

/** Dates of things that have happened when a message tells of them. */
const eventFields: Readonly<Record<string, readonly number[]>> = {
  PID: [7],
  PD1: [13, 17, 18],
  RXA: [3, 22],
  OBX: [14],
};

function countAfter({ segments }: Message, last: EpochDay): number {
  let count = 0;
  for (const segment of segments) {
    for (const field of eventFields[segment.name] ?? []) {
      if ((dayOf(textAt(segment, { field })) ?? last) > last) count += 1;
    }
  }
  return count;
}

/** A birth date that is no day, or lies in the future. An empty one is a matter of the profile. */
export function birthDateFault(pid: Segment, lastDay: EpochDay): DateFault | undefined {
  const text = textAt(pid, { field: 7 });
  if (text === undefined) return undefined;
  const day = dayOf(text);
  if (day === undefined) {
    return dateFault(
      pid,
      7,
      '2',
      `PID-7 (Date/Time of Birth) ${quote(text)} is no day (YYYYMMDD). The message was not kept.`,
    );
  }
  if (day <= lastDay) return undefined;
  return dateFault(
    pid,
    7,
    '1',
    `PID-7 (Date/Time of Birth) ${quote(text)} lies in the future. The message was not kept.`,
  );
}

/** A day of administration that is no day, or lies in the future. */
export function doseDateFault(rxa: Segment, lastDay: EpochDay): DateFault | undefined {
  const text = textAt(rxa, { field: 3 });
  if (text === undefined) return undefined;
  const said = `RXA-3 (Date/Time Start of Administration) ${quote(text)}`;
  const day = dayOf(text);
  if (day === undefined)
    return dateFault(rxa, 3, '2', `${said} is no day (YYYYMMDD). This dose was not kept.`);
  if (day <= lastDay) return undefined;
  return dateFault(rxa, 3, '1', `${said} lies in the future. This dose was not kept.`);
}

/** The day of birth, where it is one that can be. */
export function birthDayOf(pid: Segment, lastDay: EpochDay): EpochDay | undefined {
  const day = dayOf(textAt(pid, { field: 7 }));
  return day !== undefined && day <= lastDay ? day : undefined;
}

/** A year, and a day for leap years. */
const slip = 366;

/**
 * A dose of more than a year before the birth: nobody knows whose it was. What is closer is a slip in either of the two days
 * (NIST's own test messages have it), which is kept and told as a warning.
 */
export function longBeforeBirth(rxa: Segment, born: EpochDay | undefined): DateFault | undefined {
  const text = textAt(rxa, { field: 3 });
  const day = dayOf(text);
  if (text === undefined || day === undefined || born === undefined || day >= born - slip) return undefined;
  // Under 998 nothing was given, and what is kept with such a day must be deleted by somebody.
  if (textAt(rxa, { field: 5 }) === '998' || textAt(rxa, { field: 21 }) === 'D') return undefined;
  const said = `RXA-3 (Date/Time Start of Administration) ${quote(text)} lies more than a year before the birth (PID-7)`;
  return {
    ...dateFault(rxa, 3, '1', `${said}: one of the two is wrong. This dose was not kept.`),
    detection: 'MQE0255',
  };
}

export function dateFault(
  segment: Segment,
  field: number,
  application: ApplicationCode,
  text: string,
): DateFault {
  const location = { segment: segment.name, occurrence: segment.occurrence, field, repetition: 1 };
  return { severity: 'E', code: '102', application, location, text };
}
