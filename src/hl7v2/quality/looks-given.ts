import { textAt } from '../er7/piece.ts';
import { dayOf } from '../guide/hl7-date.ts';
import { rxaText } from './dose-state.ts';
import type { QualityContext } from './quality-context.ts';
import { type Subject, segmentAt } from './subject.ts';

type Sign = { readonly points: number; readonly holds: (dose: Subject, context: QualityContext) => boolean };

const has =
  (field: number, component = 1) =>
  (dose: Subject) =>
    rxaText(dose, field, component) !== undefined;

/** What who gave a dose knows of it, and who was only told of it does not. */
const signs: readonly Sign[] = [
  { points: 5, holds: (dose, { sent }) => sent - (dayOf(rxaText(dose, 3)) ?? 0) < 31 },
  { points: 2, holds: has(15) },
  { points: 2, holds: has(16) },
  { points: 2, holds: has(17) },
  { points: 2, holds: (dose) => segmentAt(dose, { segment: 'OBX', observation: '64994-7' }) !== undefined },
  { points: 1, holds: ({ segments }) => hasRxr(segments.get('RXR'), 1) },
  { points: 1, holds: ({ segments }) => hasRxr(segments.get('RXR'), 2) },
  { points: 3, holds: (dose) => !['999', '0', undefined].includes(rxaText(dose, 6)) },
  { points: 4, holds: has(11, 4) },
  { points: 4, holds: (dose) => has(10)(dose) || has(10, 2)(dose) },
];

const hasRxr = (rxr: Parameters<typeof textAt>[0] | undefined, field: number): boolean =>
  rxr !== undefined && textAt(rxr, { field }) !== undefined;

/** Whether a dose is told of as by who gave it: ten points or more. */
export function looksGiven(dose: Subject, context: QualityContext): boolean {
  return signs.reduce((sum, { points, holds }) => sum + (holds(dose, context) ? points : 0), 0) >= 10;
}
