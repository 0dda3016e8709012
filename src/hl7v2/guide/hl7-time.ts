import { type EpochMs, formatInstant } from '../../values/instant.ts';

/** A time as MSH-7 has it, to the millisecond, in UTC: 20240229120000.000+0000. */
export function formatHl7Time(at: EpochMs): string {
  return `${formatInstant(at).slice(0, -1).replace(/[-:T]/g, '')}+0000`;
}
