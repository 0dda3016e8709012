import type { CodeableConcept, Coding, Immunization } from 'fhir/r4.js';
import type { Issue } from '../../fhir/problem.ts';
import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Inputs } from '../../operation/inputs.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { parseEpochDay } from '../../values/partial-date.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import { codeSystem } from './code-systems.ts';
import { clinicalNames, requireDistinct, requireStructure, sourced } from './parse-forecast-input.ts';
import { requireSamePatient } from './same-patient.ts';
import type { ClinicalResource } from './to-observations.ts';

/** One visit brings a handful; the whole history that another system has of a person some dozens. */
const mostDoses = 200;

type Knowing = {
  readonly record: ClinicalRecord;
  readonly newReference: () => string;
  readonly checkStructure: (resource: Resource) => readonly Issue[];
};

/** The record with what else is known of the person, as it was sent. */
export function withSent(inputs: Inputs, { record, newReference, checkStructure }: Knowing): ClinicalRecord {
  const immunizations = sourced<Immunization>(inputs, 'immunization', newReference);
  requireFew(inputs, 'immunization', immunizations.length);
  const clinical = clinicalNames.flatMap((name) => sourced<ClinicalResource>(inputs, name, newReference));
  for (const each of [...immunizations, ...clinical]) requireStructure(each, checkStructure);
  requireSamePatient(record.patient, immunizations);
  const all = [...record.immunizations, ...immunizations];
  requireDistinct(all);
  return { ...record, immunizations: all, clinical: [...record.clinical, ...clinical] };
}

type Supposing = Pick<Knowing, 'record' | 'newReference'> & { readonly day: EpochDay };

/** The record with the doses that are supposed to be given. */
export function withSupposed(inputs: Inputs, { record, day, newReference }: Supposing): ClinicalRecord {
  const doses = inputs.parts('dose');
  requireFew(inputs, 'dose', doses.length);
  const { reference } = record.patient;
  const told = doses.map((dose) => toDose(dose, { day, reference, newReference }));
  return { ...record, immunizations: [...record.immunizations, ...told] };
}

function requireFew(inputs: Inputs, name: string, count: number): void {
  if (count <= mostDoses) return;
  const text = `The parameter ${name} may be given ${mostDoses} times; it was given ${count} times`;
  throw new Problem('too-large', text, { expression: inputs.place(name) });
}

type Told = Omit<Supposing, 'record'> & { readonly reference: string };

function toDose(dose: Inputs, { day, reference, newReference }: Told): Sourced<Immunization> {
  return {
    resource: {
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: vaccineOf(dose),
      patient: { reference },
      occurrenceDateTime: formatEpochDay(dateOf(dose) ?? day),
    },
    expression: dose.place('vaccineCode'),
    reference: newReference(),
  };
}

function vaccineOf(dose: Inputs): CodeableConcept {
  const sent: unknown = dose.object('vaccineCode');
  if (typeof sent === 'string') return { coding: [{ system: codeSystem.cvx, code: sent }] };
  const { coding, code, system } = sent as CodeableConcept & Coding;
  if (coding) return { coding };
  return { coding: [{ system: system ?? codeSystem.cvx, ...(code !== undefined && { code }) }] };
}

function dateOf(dose: Inputs): EpochDay | undefined {
  const written = dose.text('date');
  if (written === undefined) return undefined;
  const day = parseEpochDay(written.replace(/T.*$/, ''));
  if (day !== undefined) return day;
  const text = `The date "${written.slice(0, 60)}" of a dose is not a whole date such as "2026-03-01"`;
  throw new Problem('invalid-parameter', text, { expression: dose.place('date') });
}
