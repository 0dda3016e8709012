import type { ImmunizationRecommendationRecommendation } from 'fhir/r4.js';
import type { Answer } from './asking.ts';

// Clinical resources as records have them.

export const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
export const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
/** By CDSi's own code. */
export const own = (code: string) => ({
  coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code }],
});

export const observation = (code: string, effectiveDateTime: string | undefined, value: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: loinc(code),
  ...(effectiveDateTime && { effectiveDateTime }),
  ...value,
});

/** US Core Pregnancy Status; unless it says otherwise, pregnant. */
export const status = (on: string | undefined, answer = '77386006') =>
  observation('82810-3', on, { valueCodeableConcept: snomed(answer) });
export const notPregnant = '60001007';
export const dueDate = (on: string | undefined, valueDateTime: string) =>
  observation('11778-8', on, { valueDateTime });

/** Pregnant, if nothing else is said. */
export const condition = (more: object) => ({
  resourceType: 'Condition',
  subject: { reference: 'Patient/p' },
  code: snomed('77386006'),
  ...more,
});

export const procedure = (code: object, more: object) => ({
  resourceType: 'Procedure',
  status: 'completed',
  code,
  ...more,
});

/** The forecast of a group by its risk series. */
export const riskOf = (answer: Answer, group: string) =>
  answer
    .all(group)
    .find(({ extension }) =>
      extension?.some(
        ({ url, valueString }) => url.endsWith('/series-group') && valueString?.startsWith('Risk'),
      ),
    );

export const behindSince = ({ extension = [] }: ImmunizationRecommendationRecommendation) =>
  extension.find(({ url }) => url.endsWith('/behind-since'))?.valueDate;
