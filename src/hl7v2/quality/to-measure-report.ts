import type { MeasureReport, MeasureReportGroup, Reference } from 'fhir/r4.js';
import type { ReporterReport, Share } from './summarize-grades.ts';

export type MeasureReportFacts = {
  readonly reporter: Reference;
  readonly start: string;
  readonly end: string;
  readonly date: string;
};

/** The Measure that it reports on, and the code system of its groups. */
const measureUrl = 'https://jenner-iis.org/fhir/Measure/reporter-data-quality';
const groupSystem = 'https://jenner-iis.org/fhir/CodeSystem/reporter-data-quality';
const populationSystem = 'http://terminology.hl7.org/CodeSystem/measure-population';

/** A report as FHIR: a group for each share, with what it counts, and of how many. */
export function toMeasureReport(report: ReporterReport, facts: MeasureReportFacts): MeasureReport {
  const { reporter, start, end, date } = facts;
  const score =
    report.score === undefined
      ? []
      : [scored('score', { value: report.score, unit: '{score}', code: '{score}' })];
  return {
    resourceType: 'MeasureReport',
    status: 'complete',
    type: 'summary',
    measure: measureUrl,
    date,
    reporter,
    period: { start, end },
    group: [
      shareGroup('acceptance', report.acceptance),
      shareGroup('timeliness', report.timeliness),
      shareGroup('validity', report.validity),
      ...report.completeness.map((field) => shareGroup(`completeness ${field.name}`, field)),
      ...score,
      scored('acceptance-test', {
        value: report.acceptanceTest.isPassed ? 1 : 0,
        unit: '{passed}',
        code: '{passed}',
      }),
    ],
  };
}

const codeOf = (name: string): string => name.toLowerCase().replace(/[^a-z\d]+/g, '-');

function shareGroup(name: string, { count, of, share }: Share): MeasureReportGroup {
  const population = (code: 'numerator' | 'denominator', number: number) => ({
    code: { coding: [{ system: populationSystem, code }] },
    count: number,
  });
  return {
    code: { coding: [{ system: groupSystem, code: codeOf(name) }], text: name },
    population: [population('denominator', of), population('numerator', count)],
    ...(share !== undefined && {
      measureScore: {
        value: Math.round(share * 10_000) / 10_000,
        system: 'http://unitsofmeasure.org',
        code: '1',
      },
    }),
  };
}

function scored(
  name: string,
  quantity: { readonly value: number; readonly unit: string; readonly code: string },
): MeasureReportGroup {
  return {
    code: { coding: [{ system: groupSystem, code: codeOf(name) }], text: name },
    measureScore: { ...quantity, system: 'http://unitsofmeasure.org' },
  };
}
