import { readFileSync } from 'node:fs';
import type { Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import {
  type GeneratedResource,
  generatePerson,
  listNotablePeople,
} from '../../../src/demo/generate-registry.ts';
import { createRegistryContext } from '../../../src/demo/registry-context.ts';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { Forecast, VaccineGroupForecast } from '../../../src/forecast/forecast-result.ts';
import { readScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import { toKnowledgeBase } from '../../../src/registry/forecasting/knowledge-base.ts';
import { toPatientHistory } from '../../../src/registry/forecasting/to-patient-history.ts';
import { asOf } from './registry-sample.ts';

const data = readScheduleData(JSON.parse(readFileSync('schedules/4.64-508.json', 'utf8')));
const schedule = compileSchedule(data);
const knowledgeBase = toKnowledgeBase(data, schedule);
const notable = listNotablePeople();

describe.each([1, 2, 3, 7, 42])('what the engine says of the notable people, seed %i', (seed) => {
  const forecasts = new Map(notable.map(({ slug }, index) => [slug, forecastOf(seed, index)]));
  const of = (slug: string): Forecast => {
    const found = forecasts.get(slug);
    if (!found) throw new Error(`no one is called ${slug}`);
    return found;
  };
  const statusOf = (slug: string, vaccineGroup: string) => {
    const group = of(slug).forecasts.find((each) => each.vaccineGroup === vaccineGroup);
    return group && shownStatus(group);
  };
  const reasonsFor = (slug: string, antigen: string) =>
    of(slug)
      .evaluations.filter((each) => each.antigen === antigen && each.status !== 'Valid')
      .flatMap((each) => each.reasons);

  it.each(notable.map(({ slug, shows }) => [slug, shows] as const))(
    '%s shows what it claims',
    (slug, shows) => {
      const seen = of(slug).forecasts.map(shownStatus);
      for (const status of shows) expect(seen).toContain(status);
    },
  );

  it.each([
    ['two-month-visit', 'DTaP/Tdap/Td', 'due'],
    ['no-rotavirus', 'Rotavirus', 'aged out'],
    ['mmr-too-early', 'MMR', 'due'],
    ['doses-too-close', 'DTaP/Tdap/Td', 'overdue'],
    ['live-vaccines-too-close', 'Varicella', 'overdue'],
    ['eleven', 'HPV', 'due'],
    ['adolescent-complete', 'HPV', 'complete'],
    ['past-chickenpox', 'Varicella', 'immune'],
    ['pregnant', 'MMR', 'contraindicated'],
    ['pertussis-reaction', 'DTaP/Tdap/Td', 'contraindicated'],
    ['yeast-allergy', 'HPV', 'contraindicated'],
    ['traveller', 'HepA', 'complete'],
    ['zoster-half-done', 'Zoster', 'overdue'],
    ['senior-complete', 'Zoster', 'complete'],
    ['eldest', 'MMR', 'immune'],
    ['entered-in-error', 'MMR', 'overdue'],
    ['health-worker', 'HepB', 'immune'],
    ['nothing-on-file', 'HPV', 'aged out'],
    ['rsv-antibody', 'RSV', 'complete'],
    ['out-of-season', 'RSV', 'due'],
  ])('%s: %s is %s', (slug, vaccineGroup, status) => {
    expect(statusOf(slug, vaccineGroup)).toBe(status);
  });

  it.each([
    ['mmr-too-early', 'Measles', 'too-young'],
    ['doses-too-close', 'Diphtheria', 'too-soon'],
    ['live-vaccines-too-close', 'Varicella', 'vaccine-conflict'],
    ['flawed-doses', 'Measles', 'lot-expired'],
    ['flawed-doses', 'HepA', 'dose-condition'],
  ])('%s: a dose against %s is turned down as %s', (slug, antigen, reason) => {
    expect(reasonsFor(slug, antigen)).toContain(reason);
  });
});

function forecastOf(seed: number, index: number): Forecast {
  const [patient, ...others] = generatePerson(createRegistryContext({ mode: 'demo', seed, asOf }), index);
  const reading = toPatientHistory(
    {
      patient: sourced(patient),
      immunizations: others.filter(isImmunization).map(sourced),
      clinical: others.filter(isFinding).map(sourced),
    },
    knowledgeBase,
    asOf,
  );
  return forecast(schedule, reading.history, asOf);
}

function sourced<Kind extends GeneratedResource>(resource: Kind) {
  const reference = `${resource.resourceType}/${resource.id}`;
  return { resource, reference, expression: reference };
}

function isImmunization(resource: GeneratedResource): resource is Immunization {
  return resource.resourceType === 'Immunization';
}

type Finding = Extract<
  GeneratedResource,
  { resourceType: 'Condition' | 'AllergyIntolerance' | 'Observation' }
>;

function isFinding(resource: GeneratedResource): resource is Finding {
  return ['Condition', 'AllergyIntolerance', 'Observation'].includes(resource.resourceType);
}

function shownStatus({ status, dates }: VaccineGroupForecast): string {
  if (status !== 'Not Complete' || !dates) return status.toLowerCase();
  if (dates.pastDue !== undefined && asOf > dates.pastDue) return 'overdue';
  return asOf >= dates.recommended ? 'due' : 'later';
}
