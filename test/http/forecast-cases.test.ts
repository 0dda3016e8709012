import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CdsiCase, type ExpectedForecast, readCases, readKnownGaps } from '../cdsi/cdsi-case.ts';
import { type Answer, differences } from '../cdsi/compare-case.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const gaps = new Set(readKnownGaps().map(({ id }) => id));

describe.each(['healthy', 'underlying-conditions'])(
  '$immds-forecast answers the %s cases as the engine does',
  (set) => {
    const cases = readCases().filter((each) => each.set === set && !gaps.has(each.id));
    it.each(cases)('$id $vaccineGroup', async (each) => {
      const { status, body } = await server.send(
        'POST',
        '/fhir/$immds-forecast?explain=true',
        toParameters(each),
      );
      expect(status).toBe(200);
      expect(differences(each, toAnswer(each, body.parameter))).toEqual([]);
    });
  },
);

function toParameters(each: CdsiCase) {
  const observations = each.observations ?? [];
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'assessmentDate', valueDate: each.assessmentDate },
      {
        name: 'patient',
        resource: {
          resourceType: 'Patient',
          id: 'p',
          birthDate: each.dateOfBirth,
          gender: each.gender.toLowerCase(),
        },
      },
      ...(each.doses ?? []).map(({ date, cvx, mvx }, index) => ({
        name: 'immunization',
        resource: {
          resourceType: 'Immunization',
          id: String(index),
          status: 'completed',
          vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] },
          patient: { reference: 'Patient/p' },
          occurrenceDateTime: date,
          ...(mvx && { manufacturer: { identifier: { system: 'http://hl7.org/fhir/sid/mvx', value: mvx } } }),
        },
      })),
      ...observations.map(({ code, date }) => ({
        name: 'condition',
        resource: {
          resourceType: 'Condition',
          subject: { reference: 'Patient/p' },
          code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code }] },
          ...(date && { onsetDateTime: date }),
        },
      })),
    ],
  };
}

type Part = { readonly name: string; readonly part?: readonly Part[]; readonly [value: string]: unknown };

// biome-ignore lint/suspicious/noExplicitAny: the answer is read as a client reads it
function toAnswer(each: CdsiCase, parameters: any[]): Answer {
  const named = (name: string) => parameters.filter((parameter) => parameter.name === name);
  const groups = named('recommendation')[0].resource.recommendation;
  const group = groups.find((candidate: never) => candidate['vaccineCode'][0]['text'] === each.vaccineGroup);
  const evaluations = named('evaluation').map(({ resource }) => resource);
  const prioritized = prioritizedJudgments(named('explanation')[0]);
  return {
    forecast: group && toForecast(group),
    doses: (each.doses ?? []).map((dose, index) => {
      const reference = `Immunization/${index}`;
      if (dose.seriesType) return prioritized.filter(({ doseId }) => doseId === reference);
      return evaluations
        .filter((evaluation) => evaluation.immunizationEvent.reference === reference)
        .map((evaluation) => ({
          vaccineGroup: vaccineGroupOf(evaluation.targetDisease.text),
          status: evaluation.doseStatus.coding[1].display,
        }));
    }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function toForecast(group: any): ExpectedForecast {
  const date = (code: string) =>
    group.dateCriterion?.find((criterion: never) => criterion['code']['coding'][0]['code'] === code)?.value;
  const found = {
    status: group.forecastStatus.text,
    doseNumber: group.doseNumberPositiveInt,
    earliest: date('30981-5'),
    recommended: date('30980-7'),
    pastDue: date('59778-1'),
  };
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined),
  ) as ExpectedForecast;
}

/** The explanation also tells the series that were prioritized but are not the best. */
function prioritizedJudgments(explanation: Part) {
  return partsOf(explanation, 'antigens').flatMap((antigen) =>
    partsOf(antigen, 'series')
      .filter((series) => primitiveOf(series, 'prioritized') === true)
      .flatMap((series) =>
        partsOf(series, 'doses').map((dose) => ({
          doseId: primitiveOf(dose, 'doseId'),
          vaccineGroup: String(primitiveOf(antigen, 'vaccineGroup')),
          seriesType: String(primitiveOf(series, 'seriesType')),
          status: String(primitiveOf(dose, 'status')),
        })),
      ),
  );
}

function partsOf({ part = [] }: Part, name: string): readonly Part[] {
  return part.filter((candidate) => candidate.name === name);
}

function primitiveOf(parent: Part, name: string): unknown {
  const [found] = partsOf(parent, name);
  return found && Object.entries(found).find(([key]) => key.startsWith('value'))?.[1];
}

const groupOfAntigen: Readonly<Record<string, string>> = {
  Diphtheria: 'DTaP/Tdap/Td',
  Tetanus: 'DTaP/Tdap/Td',
  Pertussis: 'DTaP/Tdap/Td',
  Measles: 'MMR',
  Mumps: 'MMR',
  Rubella: 'MMR',
};

function vaccineGroupOf(antigen: string): string {
  return groupOfAntigen[antigen] ?? antigen;
}
