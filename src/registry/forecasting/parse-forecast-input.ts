import type { Immunization, Patient } from 'fhir/r4.js';
import { type Issue, Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import { type Inputs, unknownIssues } from '../../operation/inputs.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { parseEpochDay } from '../../values/partial-date.ts';
import type { KnowledgeBaseChoice } from './choose-knowledge-base.ts';
import { knowledgeBasesOf } from './choose-knowledge-base.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import type { ForecastNote } from './forecast-note.ts';
import { requireSamePatient } from './same-patient.ts';
import type { ClinicalResource } from './to-observations.ts';

export type ForecastInput = {
  readonly assessmentDate: EpochDay;
  readonly record: ClinicalRecord;
  /** None: the caller leaves it to the server. */
  readonly choices: readonly KnowledgeBaseChoice[];
  readonly explain: boolean;
  readonly includeDistant: boolean;
  readonly notes: readonly ForecastNote[];
};

/** Parameters that hold a clinical resource. */
export const clinicalNames = ['condition', 'observation', 'allergyIntolerance', 'procedure'] as const;

export type InputOptions = {
  /** For what has no id. */
  readonly newReference: () => string;
  readonly checkStructure: (resource: Resource) => readonly Issue[];
};

/** What the system-level operation was sent (ImmDS OperationDefinition ImmDSForecastOperation). */
export function parseForecastInput(
  inputs: Inputs,
  { newReference, checkStructure }: InputOptions,
): ForecastInput {
  const assessmentDate = assessmentDateOf(inputs);
  const [patient] = sourced<Patient>(inputs, 'patient', newReference);
  if (assessmentDate === undefined || !patient) throw new Error('a parameter that is mandatory was lost');
  const immunizations = sourced<Immunization>(inputs, 'immunization', newReference);
  const clinical = clinicalNames.flatMap((name) => sourced<ClinicalResource>(inputs, name, newReference));
  for (const each of [patient, ...immunizations, ...clinical]) requireStructure(each, checkStructure);
  requireSamePatient(patient, immunizations);
  requireDistinct(immunizations);
  return {
    assessmentDate,
    record: { patient, immunizations, clinical },
    choices: knowledgeBasesOf(inputs),
    explain: inputs.flag('explain'),
    includeDistant: inputs.flag('includeDistant'),
    notes: unknownIssues(inputs),
  };
}

/** A whole date; of a dateTime, the day that was written. */
export function assessmentDateOf(inputs: Inputs): EpochDay | undefined {
  const written = inputs.text('assessmentDate');
  if (written === undefined) return undefined;
  const day = parseEpochDay(written.replace(/T.*$/, ''));
  if (day !== undefined) return day;
  const text = `assessmentDate "${written.slice(0, 60)}" is not a whole date such as "2026-03-01"`;
  throw new Problem('invalid-parameter', text, { expression: inputs.place('assessmentDate') });
}

/** The resources of a parameter, and where they stand. */
export function sourced<Kind extends { readonly resourceType: string; readonly id?: string | undefined }>(
  inputs: Inputs,
  name: string,
  newReference: () => string,
): readonly Sourced<Kind>[] {
  return inputs.resources<Kind>(name).map(({ resource, place }) => {
    const { resourceType, id } = resource;
    const reference = id === undefined ? newReference() : `${resourceType}/${id}`;
    return { resource, expression: place, reference };
  });
}

/**
 * What is missing is left to the rules that need it, since senders of minimal data are welcome; what is there must have the
 * shape that R4 gives it.
 */
export function requireStructure(
  { resource, expression }: Sourced<object>,
  checkStructure: InputOptions['checkStructure'],
): void {
  const issues = checkStructure(resource as Resource).filter(({ code }) => code === 'structure');
  const [first] = issues;
  if (!first) return;
  const placed = issues.map((issue) => ({
    ...issue,
    expression: `${expression}${issue.expression?.replace(/^[A-Za-z]+/, '') ?? ''}`,
  }));
  throw new Problem('invalid-content', first.text, { issues: placed });
}

/** An evaluation names its dose by reference: two doses under one id could not be told apart. */
export function requireDistinct(immunizations: readonly Sourced<Immunization>[]): void {
  const seen = new Set<string>();
  for (const { reference, expression } of immunizations) {
    if (seen.has(reference)) {
      throw new Problem('invalid-content', `${reference} stands twice; each dose needs an id of its own`, {
        expression,
      });
    }
    seen.add(reference);
  }
}
