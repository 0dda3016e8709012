import type { Immunization, Parameters, ParametersParameter, Patient } from 'fhir/r4.js';
import { placeOf } from '../../fhir/parameter-place.ts';
import { type Issue, Problem } from '../../fhir/problem.ts';
import type { ParsedResource, Resource } from '../../fhir/resource.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { parseEpochDay } from '../../values/partial-date.ts';
import type { KnowledgeBaseChoice } from './choose-knowledge-base.ts';
import { knowledgeBaseOf } from './choose-knowledge-base.ts';
import type { ForecastNote } from './forecast-note.ts';
import { requireSamePatient } from './same-patient.ts';
import { theOnly } from './the-only-parameter.ts';
import type { ClinicalResource } from './to-observations.ts';
import { type ClinicalRecord, note, type Sourced } from './to-patient-history.ts';

export type ForecastInput = {
  readonly assessmentDate: EpochDay;
  readonly record: ClinicalRecord;
  readonly choice: KnowledgeBaseChoice;
  readonly explain: boolean;
  readonly notes: readonly ForecastNote[];
};

/** Parameters in that hold a clinical resource, and the type each must be of. */
const clinicalParameters: Readonly<Record<string, readonly ClinicalResource['resourceType'][]>> = {
  condition: ['Condition'],
  observation: ['Observation'],
  allergyIntolerance: ['AllergyIntolerance'],
  procedure: ['Procedure'],
};

const knownParameters: ReadonlySet<string> = new Set([
  'assessmentDate',
  'patient',
  'immunization',
  'knowledgeBase',
  'knowledgeBaseVersion',
  'explain',
  ...Object.keys(clinicalParameters),
]);

export type InputOptions = {
  /** Refuse parameters that are not known. */
  readonly strict: boolean;
  /** For what has no id. */
  readonly newReference: () => string;
  readonly checkStructure: (resource: Resource) => readonly Issue[];
};

/** Reads the Parameters of the system-level operation (ImmDS OperationDefinition ImmDSForecastOperation). */
export function parseForecastInput(
  body: ParsedResource | undefined,
  { strict, newReference, checkStructure }: InputOptions,
): ForecastInput {
  const parameters = requireParameters(body);
  const assessmentDate = requireAssessmentDate(parameters);
  const patient = requirePatient(parameters, newReference);
  const immunizations = resourcesOf<Immunization>(parameters, 'immunization', ['Immunization'], newReference);
  const clinical = Object.entries(clinicalParameters).flatMap(([name, types]) =>
    resourcesOf<ClinicalResource>(parameters, name, types, newReference),
  );
  for (const each of [patient, ...immunizations, ...clinical]) requireStructure(each, checkStructure);
  requireSamePatient(patient, immunizations);
  requireDistinct(immunizations);
  return {
    assessmentDate,
    record: { patient, immunizations, clinical },
    choice: knowledgeBaseOf(parameters),
    explain: theOnly(parameters, 'explain')?.valueBoolean === true,
    notes: unknownParameters(parameters, strict),
  };
}

function requireParameters(body: ParsedResource | undefined): readonly ParametersParameter[] {
  if (!body) throw new Problem('invalid-syntax', 'The operation needs a body: a Parameters resource');
  if (body.resource.resourceType !== 'Parameters') {
    const text = `The body must be a Parameters resource, not ${body.resource.resourceType}`;
    throw new Problem('invalid-content', text, { expression: 'resourceType' });
  }
  const { parameter } = body.resource as unknown as Parameters;
  if (parameter !== undefined && !Array.isArray(parameter)) {
    throw new Problem('invalid-content', 'Parameters.parameter must be an array', {
      expression: 'Parameters.parameter',
    });
  }
  return (parameter ?? []).map((item, index) => requireParameter(item, index));
}

function requireParameter(item: unknown, index: number): ParametersParameter {
  const named = typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string';
  if (named) return item as ParametersParameter;
  throw new Problem('invalid-content', 'Each parameter must be an object with a name', {
    expression: `Parameters.parameter[${index}]`,
  });
}

function requireAssessmentDate(parameters: readonly ParametersParameter[]): EpochDay {
  const parameter = theOnly(parameters, 'assessmentDate');
  const at = { expression: placeOf('assessmentDate') };
  if (!parameter) throw new Problem('missing-parameter', 'The parameter assessmentDate is missing', at);
  // StepIntoCDSI and older clients send dateTime; its day is what counts.
  const written = parameter.valueDate ?? parameter.valueDateTime;
  if (written === undefined) {
    throw new Problem('invalid-content', 'The parameter assessmentDate must have a valueDate', at);
  }
  return parseAssessmentDate(written, at.expression);
}

/** A whole date; of a dateTime, the day that was written. */
export function parseAssessmentDate(written: unknown, expression: string): EpochDay {
  const day = typeof written === 'string' ? parseEpochDay(written.replace(/T.*$/, '')) : undefined;
  if (day !== undefined) return day;
  const shown = JSON.stringify(written).slice(0, 60);
  throw new Problem('invalid-parameter', `assessmentDate ${shown} is not a whole date such as "2026-03-01"`, {
    expression,
  });
}

function requirePatient(
  parameters: readonly ParametersParameter[],
  newReference: () => string,
): Sourced<Patient> {
  const parameter = theOnly(parameters, 'patient');
  if (!parameter) {
    throw new Problem('missing-parameter', 'The parameter patient is missing', {
      expression: placeOf('patient'),
    });
  }
  const [patient] = resourcesOf<Patient>([parameter], 'patient', ['Patient'], newReference);
  if (!patient) throw new Error('the parameter patient was lost');
  return patient;
}

/**
 * What is missing is left to the rules that need it, since senders of minimal data are welcome; what is there must have the
 * shape that R4 gives it.
 */
function requireStructure(
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
function requireDistinct(immunizations: readonly Sourced<Immunization>[]): void {
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

function resourcesOf<Kind extends { resourceType: string; id?: string | undefined }>(
  parameters: readonly ParametersParameter[],
  name: string,
  types: readonly string[],
  newReference: () => string,
): readonly Sourced<Kind>[] {
  return parameters
    .filter((parameter) => parameter.name === name)
    .map((parameter, index) => {
      const expression =
        name === 'patient' ? `${placeOf(name)}.resource` : `${placeOf(name)}[${index}].resource`;
      const resource = requireResource<Kind>(parameter, types, expression);
      const { resourceType, id } = resource;
      return { resource, expression, reference: id === undefined ? newReference() : `${resourceType}/${id}` };
    });
}

function requireResource<Kind extends { resourceType: string }>(
  parameter: ParametersParameter,
  types: readonly string[],
  expression: string,
): Kind {
  const { resource, name } = parameter;
  const expected = types.join(' or ');
  if (typeof resource !== 'object' || resource === null) {
    throw new Problem('invalid-content', `The parameter ${name} must hold a resource: ${expected}`, {
      expression,
    });
  }
  if (!types.includes(resource.resourceType)) {
    const text = `The parameter ${name} must be ${expected}, not ${resource.resourceType}`;
    throw new Problem('invalid-content', text, { expression });
  }
  return resource as unknown as Kind;
}

function unknownParameters(
  parameters: readonly ParametersParameter[],
  strict: boolean,
): readonly ForecastNote[] {
  const unknown = [
    ...new Set(parameters.map(({ name }) => name).filter((name) => !knownParameters.has(name))),
  ];
  const [first] = unknown;
  if (strict && first !== undefined) {
    const text = `The operation has no parameter "${first}"; it has ${[...knownParameters].join(', ')}`;
    throw new Problem('unknown-parameter', text, { expression: placeOf(first) });
  }
  return unknown.map((name) =>
    note('information', `The parameter "${name}" is not known and was ignored`, placeOf(name)),
  );
}
