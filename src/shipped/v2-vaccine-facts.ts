import { join } from 'node:path';
import type { CodeSystemIndex, Concept } from '../fhir/terminology/code-system-index.ts';
import type { VaccineFacts, VaccineUse } from '../hl7v2/quality/quality-context.ts';
import { parseEpochDay } from '../values/partial-date.ts';
import { packageRoot, readJson } from './package-files.ts';
import { shippedTerminology } from './terminology.ts';

/** CVX code, first day, first and last day that are usual, last day, least and greatest age in months. */
type UseRow = readonly [
  cvx: string,
  first: string | null,
  expectedFirst: string | null,
  expectedLast: string | null,
  last: string | null,
  youngest: number | null,
  oldest: number | null,
];

function toUse([, first, expectedFirst, expectedLast, last, youngest, oldest]: UseRow): VaccineUse {
  const days = Object.entries({ first, expectedFirst, expectedLast, last }).flatMap(([name, text]) => {
    const day = text === null ? undefined : parseEpochDay(text);
    return day === undefined ? [] : [[name, day] as const];
  });
  return {
    ...Object.fromEntries(days),
    ...(youngest !== null && { youngestMonths: youngest }),
    ...(oldest !== null && { oldestMonths: oldest }),
  };
}

/** What our terminology says of vaccines: the days of their use, and what kind they are. */
export function vaccineFacts(): VaccineFacts {
  const rows = readJson(join(packageRoot, 'hl7v2', 'vaccine-use.json')) as readonly UseRow[];
  const uses = new Map(rows.map((row) => [row[0], toUse(row)]));
  const concept = (system: 'cvx' | 'ndc', code: string): Concept | undefined =>
    codeSystem(system)?.find(code);
  return {
    useOf: (cvx) => uses.get(cvx),
    isUnspecified: (cvx) => {
      const found = concept('cvx', cvx);
      return found !== undefined && propertyOf(found, 'type') === 'unspecified';
    },
    isVaccine: (cvx) => {
      const found = concept('cvx', cvx);
      return found !== undefined && propertyOf(found, 'type') !== 'non-vaccine';
    },
    cvxOfNdc: (ndc) => {
      const found = concept('ndc', ndc);
      return found && propertyOf(found, 'cvx');
    },
  };
}

const codeSystem = (id: string): CodeSystemIndex | undefined => shippedTerminology().codeSystemById(id);

function propertyOf({ properties }: Concept, name: string): string | undefined {
  const found = properties.find(({ code }) => code === name);
  return found?.valueCode ?? found?.valueString ?? found?.valueDateTime ?? found?.valueCoding?.code;
}
