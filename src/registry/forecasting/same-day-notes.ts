import type { AdministeredDose, PatientHistory } from '../../forecast/patient-history.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { type ForecastNote, note } from './forecast-note.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/**
 * Two vaccines against one disease on one day are mostly a mistake: of the record, or of the person who gave them. What
 * is the same vaccine twice is told as such.
 */
export function sameDayNotes(
  { doses }: PatientHistory,
  knowledgeBase: KnowledgeBase,
  expressionOf: (doseId: string) => string,
): readonly ForecastNote[] {
  const byDay = new Map<EpochDay, AdministeredDose[]>();
  return doses.flatMap((dose) => {
    const sameDay = byDay.get(dose.date) ?? [];
    byDay.set(dose.date, sameDay);
    const before = sameDay.find(
      (each) => each.cvx !== dose.cvx && overlap(each, dose, knowledgeBase).length > 0,
    );
    sameDay.push(dose);
    if (!before) return [];
    const antigens = overlap(before, dose, knowledgeBase).join(', ');
    const text = `${before.id} and ${dose.id} both hold ${antigens} and are of one day, ${formatEpochDay(dose.date)}`;
    return [note('warning', text, expressionOf(dose.id))];
  });
}

function overlap(a: AdministeredDose, b: AdministeredDose, { antigensOf }: KnowledgeBase): readonly string[] {
  const held = antigensOf(b.cvx) ?? [];
  return (antigensOf(a.cvx) ?? []).filter((antigen) => held.includes(antigen));
}
