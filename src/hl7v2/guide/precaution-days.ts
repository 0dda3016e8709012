import type { Segment } from '../er7/message.ts';
import { rawField, textAt } from '../er7/piece.ts';
import { type DateFault, dateFault } from './check-dates.ts';
import { quote } from './finding-text.ts';

const [startCode, endCode] = ['30946-8', '30944-3'];

/**
 * An end of a precaution that lies before its beginning: it cannot be read. Those of one OBX-4 belong together, the first end
 * with the first beginning.
 */
export function precautionEndFaults(obxs: readonly Segment[]): readonly DateFault[] {
  const ends = obxs.filter((obx) => textAt(obx, { field: 3 }) === endCode);
  if (ends.length === 0) return [];
  const starts = obxs.filter((obx) => textAt(obx, { field: 3 }) === startCode);
  return ends.flatMap((end) => {
    const isOfSet = (obx: Segment) => rawField(obx, 4) === rawField(end, 4);
    const start = starts.filter(isOfSet)[ends.filter(isOfSet).indexOf(end)];
    const [from, to] = [start && textAt(start, { field: 5 }), textAt(end, { field: 5 })];
    if (from === undefined || to === undefined || !isBefore(to, from)) return [];
    const said = `OBX-5 (Observation Value) ${quote(to)} is an end of the precaution before its beginning ${quote(from)}`;
    return [dateFault(end, 5, '1', `${said}. This OBX was not kept.`)];
  });
}

/** As far as both are told. */
function isBefore(one: string, other: string): boolean {
  const [first = '', second = ''] = [one, other].map((text) => /^\d{4,8}/.exec(text)?.[0]);
  const told = Math.min(first.length, second.length);
  return first.slice(0, told) < second.slice(0, told);
}
