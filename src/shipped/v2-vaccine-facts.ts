import { join } from 'node:path';
import type { CodeSystemIndex, Concept } from '../fhir/terminology/code-system-index.ts';
import { ndcsMeantBy } from '../fhir/terminology/ndc.ts';
import type { VaccineFacts, VaccineUse } from '../hl7v2/quality/quality-context.ts';
import type { EpochDay } from '../values/epoch-day.ts';
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
  const products = lastProducts();
  const uses = new Map(rows.map((row) => [row[0], sinceThere(toUse(row), products.get(row[0]))]));
  const concept = (code: string): Concept | undefined => codeSystem('cvx')?.find(code);
  return {
    useOf: (cvx) => uses.get(cvx),
    isUnspecified: (cvx) => {
      const found = concept(cvx);
      return found !== undefined && propertyOf(found, 'type') === 'unspecified';
    },
    isVaccine: (cvx) => {
      const found = concept(cvx);
      return found !== undefined && propertyOf(found, 'type') !== 'non-vaccine';
    },
    cvxOfNdc: (ndc) => {
      const found = productOf(ndc);
      return found && propertyOf(found, 'cvx');
    },
  };
}

/**
 * A vaccine that is said to be used no more, and of which there is a product later than that, is in use again: trivalent
 * influenza vaccines came back in 2024.
 */
function sinceThere(use: VaccineUse, product: EpochDay | undefined): VaccineUse {
  if (use.last === undefined || product === undefined || product <= use.last) return use;
  const { last: _, expectedLast: __, ...rest } = use;
  return rest;
}

/** The last day of the latest product of each vaccine. */
function lastProducts(): ReadonlyMap<string, EpochDay> {
  const days = new Map<string, EpochDay>();
  for (const concept of codeSystem('ndc')?.concepts.values() ?? []) {
    const cvx = propertyOf(concept, 'cvx');
    const day = parseEpochDay(propertyOf(concept, 'notAfter') ?? '9999-12-31');
    if (cvx !== undefined && day !== undefined && day > (days.get(cvx) ?? day - 1)) days.set(cvx, day);
  }
  return days;
}

/** The product of an NDC; of ten digits without hyphens the one that they stand for, where those that they may are one vaccine. */
export function productOf(ndc: string): Concept | undefined {
  const found = ndcsMeantBy(ndc).flatMap((code) => codeSystem('ndc')?.find(code) ?? []);
  const vaccines = new Set(found.map((concept) => propertyOf(concept, 'cvx')));
  return vaccines.size === 1 ? found[0] : undefined;
}

const codeSystem = (id: string): CodeSystemIndex | undefined => shippedTerminology().codeSystemById(id);

export function propertyOf({ properties }: Concept, name: string): string | undefined {
  const found = properties.find(({ code }) => code === name);
  return found?.valueCode ?? found?.valueString ?? found?.valueDateTime ?? found?.valueCoding?.code;
}
