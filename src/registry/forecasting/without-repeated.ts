import type { Immunization } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import { type ForecastNote, note } from './forecast-note.ts';

/** The doses of a stored record that are told of twice, and for which other each stands. */
export type LeftOut = (
  ctx: InteractionContext,
  patientId: ResourceId,
  doses: readonly Immunization[],
) => Promise<ReadonlyMap<string, string>>;

type OfStored = {
  readonly ctx: InteractionContext;
  readonly id: ResourceId;
  readonly leftOut: LeftOut | undefined;
};

/** The record with each dose once; what is left out is told. */
export async function withoutRepeated(
  record: ClinicalRecord,
  { ctx, id, leftOut }: OfStored,
): Promise<{ readonly record: ClinicalRecord; readonly notes: readonly ForecastNote[] }> {
  const doses = record.immunizations.map(({ resource }) => resource);
  const repeated = await leftOut?.(ctx, id, doses);
  if (!repeated || repeated.size === 0) return { record, notes: [] };
  const immunizations: Sourced<Immunization>[] = [];
  const notes: ForecastNote[] = [];
  for (const dose of record.immunizations) {
    const other = repeated.get(dose.resource.id ?? '');
    if (other === undefined) immunizations.push(dose);
    else notes.push(repeatedNote(dose, other));
  }
  return { record: { ...record, immunizations }, notes };
}

function repeatedNote({ reference, expression }: Sourced<Immunization>, other: string): ForecastNote {
  const text = `${reference} tells of the same dose as Immunization/${other}, which counts`;
  return note('information', text, expression);
}
