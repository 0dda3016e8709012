import { addOffset } from '../../forecast/date-arithmetic.ts';
import type { AdministeredDose, PatientObservation } from '../../forecast/patient-history.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import type { AntibodiesGiven } from './antibodies-given.ts';
import type { Sourced } from './clinical-record.ts';
import type { FactReading } from './fact-reading.ts';
import { note } from './forecast-note.ts';
import { readSerologyTests, type SerologyTest } from './serology-tests.ts';
import type { ClinicalResource } from './to-observations.ts';

/** What decides whether antibodies are the person's own and lasting. */
export type SerologyContext = {
  readonly assessmentDate: EpochDay;
  readonly dateOfBirth: EpochDay;
  readonly antibodies: readonly AntibodiesGiven[];
  /** The last stem cell transplant. */
  readonly transplant: PatientObservation | undefined;
  readonly hepatitisBDoses: readonly AdministeredDose[];
  /** The day of the dose that completed the series against hepatitis B; undefined: none has. */
  readonly hepatitisBComplete: () => EpochDay | undefined;
};

export type SourcedTest = SerologyTest & Pick<Sourced<ClinicalResource>, 'reference' | 'expression'>;

/** The tests of an observation and of its components. */
export function testsOf(
  { resource, reference, expression }: Sourced<ClinicalResource>,
  assessmentDate: EpochDay,
): readonly SourcedTest[] {
  if (resource.resourceType !== 'Observation') return [];
  const tests = readSerologyTests(resource, assessmentDate);
  return tests.map((test) => ({ ...test, reference, expression }));
}

/** Serological tests together: of each kind the latest result wins. What is not used is told, with the reason. */
export function readSerology(
  tests: readonly SourcedTest[],
  context: SerologyContext,
): readonly FactReading[] {
  const results = resultsOf(tests, context);
  return tests.flatMap((test) => readTest(test, results, context));
}

/** What the tests say of each other. */
type Results = {
  /** The latest negative and positive results, by kind and what it is evidence of. */
  readonly negative: ReadonlyMap<string, SourcedTest>;
  readonly positive: ReadonlyMap<string, SourcedTest>;
  /** Antibodies of a person who has been infected with hepatitis B: to the core and to the surface antigen. */
  readonly hasOwnCore: boolean;
  readonly hasSurface: boolean;
};

function resultsOf(tests: readonly SourcedTest[], context: SerologyContext): Results {
  const usable = tests.filter(({ unusable }) => unusable === undefined);
  const negative = latestOf(usable.filter(({ result }) => result === 'negative'));
  const stands = usable.filter(
    (test) => test.result === 'positive' && !isUndone(test, negative.get(keyOf(test))),
  );
  return {
    negative,
    positive: latestOf(stands),
    hasOwnCore: stands.some(
      (test) => test.kind === 'core-antibody' && whyNotOwn(test, context) === undefined,
    ),
    hasSurface: stands.some(({ kind }) => kind === 'surface-antibody'),
  };
}

function keyOf({ kind, code }: SourcedTest): string {
  return `${kind} ${code}`;
}

function latestOf(tests: readonly SourcedTest[]): ReadonlyMap<string, SourcedTest> {
  const latest = new Map<string, SourcedTest>();
  for (const test of tests) {
    const known = latest.get(keyOf(test));
    if (!known || (known.day ?? 0) < (test.day ?? 0)) latest.set(keyOf(test), test);
  }
  return latest;
}

/** Of one day none is the later; a result that nobody dated is taken to be the earlier one. */
function isUndone(test: SourcedTest, negative: SourcedTest | undefined): boolean {
  if (!negative) return false;
  return test.day === undefined || (negative.day !== undefined && negative.day >= test.day);
}

function readTest(test: SourcedTest, results: Results, context: SerologyContext): readonly FactReading[] {
  const { code, kind, day, reference, expression } = test;
  // That nobody is infected, or was, says nothing of immunity.
  if (test.result === 'negative' && (kind === 'surface-antigen' || kind === 'core-antibody')) return [];
  const unused = whyUnused(test, results, context);
  if (unused !== undefined) {
    const text = `${reference} was not used as evidence of immunity: ${unused}`;
    return [{ observations: [], references: [], notes: [note('information', text, expression)] }];
  }
  const read = { observations: [{ code, ...(day !== undefined && { date: day }) }], references: [reference] };
  if (kind !== 'surface-antigen' || results.positive.get(keyOf(test)) !== test)
    return [{ ...read, notes: [] }];
  const text = infectionText(day);
  const notes = [note('warning', `${reference}: ${text}`, expression)];
  return [{ ...read, notes, remarks: [{ observation: code, text }] }];
}

function infectionText(day: EpochDay | undefined): string {
  const on = day === undefined ? '' : ` on ${formatEpochDay(day)}`;
  return `HBsAg was positive${on}: a current hepatitis B infection, not immunity. Vaccine is of no use to who has it; a clinician has to see to care and to the contacts.`;
}

function whyUnused(test: SourcedTest, results: Results, context: SerologyContext): string | undefined {
  if (test.unusable !== undefined) return test.unusable;
  if (test.result === 'negative') return 'its result is negative';
  if (test.result === 'unsure') return 'its result does not say that it is positive';
  const negative = results.negative.get(keyOf(test));
  if (negative && isUndone(test, negative)) return `${negative.reference}, which is not earlier, is negative`;
  switch (test.kind) {
    case 'surface-antigen':
      return whyOfVaccine(test, context);
    case 'antibody':
      return whyNotOwn(test, context);
    case 'core-antibody':
      return whyNotOwn(test, context) ?? (results.hasSurface ? undefined : coreAlone);
    case 'surface-antibody':
      return whyNotOwn(test, context) ?? (results.hasOwnCore ? undefined : whyNotLasting(test, context));
  }
}

const coreAlone =
  'antibodies to the core antigen of hepatitis B do not say by themselves whether an infection is over';

/** So long antibodies of the mother may be found in a child, in months (MMWR 2013;62(RR-4), 2018;67(1)). */
const motherly: Readonly<Record<SourcedTest['kind'], number>> = {
  antibody: 12,
  'surface-antibody': 12,
  'core-antibody': 24,
  'surface-antigen': 0,
};

/** Antibodies of the mother, antibodies that were given, and those of before a transplant are not the person's own. */
function whyNotOwn(
  { day, kind }: SourcedTest,
  { assessmentDate, dateOfBirth, antibodies, transplant }: SerologyContext,
): string | undefined {
  const on = day ?? assessmentDate;
  const months = motherly[kind];
  if (on < dateOfBirth) return 'it is of a day before the birth';
  if (on < addOffset(dateOfBirth, { months, days: 0 })) {
    return `before the age of ${months} months antibodies may be those of the mother`;
  }
  const given = antibodies.find((each) => mayShow(each, day));
  if (given) {
    const when = given.date === undefined ? 'on a day that nobody knows' : `on ${formatEpochDay(given.date)}`;
    return `it may show the antibodies of an immune globulin or a blood product given ${when}`;
  }
  const isBefore = day === undefined || transplant?.date === undefined || day <= transplant.date;
  return transplant && isBefore ? 'a stem cell transplant came after it, or may have come' : undefined;
}

function mayShow({ date, until }: AntibodiesGiven, day: EpochDay | undefined): boolean {
  if (day === undefined || date === undefined) return true;
  return date <= day && (until === undefined || day <= until);
}

/** A level protects for good only after a complete series, or after an infection that is over. */
function whyNotLasting({ day }: SourcedTest, { hepatitisBComplete }: SerologyContext): string | undefined {
  if (day === undefined) return 'it has no date, so that nobody knows whether it was after a complete series';
  const complete = hepatitisBComplete();
  if (complete !== undefined && complete <= day) return undefined;
  return 'anti-HBs proves immunity only after a complete series of hepatitis B vaccine, or beside antibodies to the core antigen (MMWR 2018;67(1))';
}

/** MMWR 2018;67(1): the antigen of the vaccine is found for up to 18 days. */
function whyOfVaccine({ day }: SourcedTest, { hepatitisBDoses }: SerologyContext): string | undefined {
  if (day === undefined) return undefined;
  const dose = hepatitisBDoses.find(({ date }) => date <= day && day - date <= 18);
  return (
    dose && `it may show the vaccine given on ${formatEpochDay(dose.date)}, which is found for up to 18 days`
  );
}
