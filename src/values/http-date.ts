import type { EpochMs } from './instant.ts';
import { remember } from './remember.ts';

const dayMs = 86_400_000;

/** The days of some years of answers; a registry answers from most of them. */
const daysKept = 10_000;

/** RFC 9110 section 5.6.7, IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT. */
export function formatHttpDate(at: EpochMs): string {
  const day = Math.floor(at / dayMs);
  const second = Math.floor((at - day * dayMs) / 1000);
  const minute = Math.floor(second / 60);
  return `${textOfDay(day)} ${pair(Math.floor(minute / 60))}:${pair(minute % 60)}:${pair(second % 60)} GMT`;
}

/** To write a day costs more than all else of a date, and many answers share it. */
const textOfDay = remember(daysKept, (day: number) =>
  new Date(day * dayMs).toUTCString().slice(0, -' 00:00:00 GMT'.length),
);

function pair(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** Any form of RFC 9110 section 5.6.7; undefined for other text. */
export function parseHttpDate(text: string): EpochMs | undefined {
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : (at as EpochMs);
}
