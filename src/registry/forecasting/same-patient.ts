import type { Immunization, Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { Sourced } from './clinical-record.ts';

/**
 * ImmDS: the immunizations are those of the patient. A literal reference to another Patient id, or two different
 * references where the patient has no id to compare with, would mix two people's histories.
 */
export function requireSamePatient(
  patient: Sourced<Patient>,
  immunizations: readonly Sourced<Immunization>[],
): void {
  const expected = patient.resource.id ?? firstNamed(immunizations);
  if (expected === undefined) return;
  for (const { resource, expression } of immunizations) {
    const named = patientIdOf(resource);
    if (named === undefined || named === expected) continue;
    const text = `An immunization of Patient/${named} cannot be part of the history of Patient/${expected}`;
    throw new Problem('business-rule', text, { expression: `${expression}.patient` });
  }
}

function firstNamed(immunizations: readonly Sourced<Immunization>[]): string | undefined {
  return immunizations.map(({ resource }) => patientIdOf(resource)).find((id) => id !== undefined);
}

/** The id in Patient/id or a URL that ends so; a contained or urn:uuid patient has none that could be compared. */
function patientIdOf({ patient }: Immunization): string | undefined {
  return /(?:^|\/)Patient\/([^/?#]+)/.exec(patient?.reference ?? '')?.[1];
}
