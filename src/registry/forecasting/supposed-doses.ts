import type { CodeableConcept, Coding, Immunization } from 'fhir/r4.js';
import type { Issue } from '../../fhir/problem.ts';
import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Inputs } from '../../operation/inputs.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { parseEpochDay } from '../../values/partial-date.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import { codeSystem } from './code-systems.ts';
import { requireDistinct, requireStructure } from './parse-forecast-input.ts';
import { requireSamePatient } from './same-patient.ts';

/** One visit brings a handful; a plan of years some dozens. */
const mostDoses = 100;

type Supposing = {
  readonly record: ClinicalRecord;
  readonly day: EpochDay;
  readonly newReference: () => string;
  readonly checkStructure: (resource: Resource) => readonly Issue[];
};

/** The doses that the call supposes to have been given, beside those of the record. */
export function withSupposed(
  inputs: Inputs,
  { record, day, newReference, checkStructure }: Supposing,
): ClinicalRecord {
  const sent = inputs.resources<Immunization>('immunization').map(({ resource, place }) => ({
    resource,
    expression: place,
    reference: resource.id === undefined ? newReference() : `Immunization/${resource.id}`,
  }));
  const doses = inputs.parts('dose');
  if (sent.length + doses.length > mostDoses) {
    const text = `A call may suppose ${mostDoses} doses; it supposes ${sent.length + doses.length}`;
    throw new Problem('too-large', text, {
      expression: inputs.place(sent.length > 0 ? 'immunization' : 'dose'),
    });
  }
  for (const each of sent) requireStructure(each, checkStructure);
  requireSamePatient(record.patient, sent);
  const { reference } = record.patient;
  const told = doses.map((dose) => toDose(dose, { day, reference, newReference }));
  const immunizations = [...record.immunizations, ...sent, ...told];
  requireDistinct(immunizations);
  return { ...record, immunizations };
}

type Told = Pick<Supposing, 'day' | 'newReference'> & { readonly reference: string };

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
