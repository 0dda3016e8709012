import { parseEpochDay } from '../values/partial-date.ts';
import { parseOffset } from './date-arithmetic.ts';
import {
  flag,
  isRecord,
  list,
  number,
  object,
  oneOf,
  type Reader,
  text,
  textThat,
  yes,
} from './json-reader.ts';
import {
  type AgeData,
  type AllowableIntervalData,
  type AntigenData,
  type AppliedChange,
  type AssociationData,
  type AuthorityData,
  type ClassificationData,
  type CodedValueData,
  type ConditionalSkipData,
  type ContraindicationData,
  cdcScheduleId,
  codedValueSystems,
  type DatedSeasonData,
  type ImmunityBirthDateData,
  type ImmunityData,
  type IntervalData,
  type ObservationData,
  type PreferableVaccineData,
  recommendationClasses,
  type ScheduleData,
  type SeasonData,
  type SeasonRuleData,
  type SeriesData,
  type SeriesDoseData,
  type SkipConditionData,
  type SkipSetData,
  seriesTypes,
  skipContexts,
  type VaccineConflictData,
  type VaccineContraindicationData,
  type VaccineData,
  type VaccineGroupData,
  type VaccineWindowData,
} from './schedule-data.ts';
import { ScheduleError } from './schedule-error.ts';
import { checkReferences } from './schedule-references.ts';

/** The text of a schedule file, checked. Throws a ScheduleError that names the place and the reason. */
export function parseScheduleData(text: string): ScheduleData {
  return readScheduleData(parseJson(text));
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScheduleError('', `is no JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

/** Checks a schedule that was read from a JSON file, in form and in what it refers to. Throws a ScheduleError. */
export function readScheduleData(json: unknown): ScheduleData {
  const data = schedule(json, '');
  checkReferences(data);
  return data;
}

/** The same few ages come thousands of times. */
function remembering(holds: (value: string) => boolean): (value: string) => boolean {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return true;
    const good = holds(value);
    if (good) known.add(value);
    return good;
  };
}

export const offset = textThat(
  'an age or interval such as "12 months - 4 days"',
  remembering((value) => parseOffset(value) !== undefined),
);
export const date = textThat(
  'a date such as "2025-08-27"',
  remembering((value) => parseEpochDay(value) !== undefined),
);
const cvx = textThat('a CVX code of two or three digits', (value) => /^[0-9]{2,3}$/.test(value));
export const observationCode = textThat('an observation code of three digits', (value) =>
  /^[0-9]{3}$/.test(value),
);
export const positive = number('a whole number from 1', (value) => Number.isSafeInteger(value) && value > 0);
const count = number('a whole number from 0', (value) => Number.isSafeInteger(value) && value >= 0);
const volume = number('a volume', (value) => Number.isFinite(value) && value > 0);
const cdcVersion = textThat('a version such as "4.64-508"', (value) => /^[0-9]+([.-][0-9]+)*$/.test(value));
export const scheduleVersion = textThat(
  'a version such as "4.64-508", without "|" and blanks around it',
  (value) => /^[^|\s](?:[^|\n]{0,62}[^|\s])?$/.test(value),
);
export const scheduleId = textThat('an id such as "USA-MA-DPH"', (value) =>
  /^[A-Z][A-Z0-9-]{1,63}$/.test(value),
);

const ageWindow = { beginAge: offset, endAge: offset };
const effective = { effectiveDate: date, cessationDate: date };
const reference = {
  fromPrevious: yes,
  fromTargetDose: positive,
  fromMostRecent: list(cvx, 1),
  fromRelevantObs: observationCode,
};
const referenceKeys = ['fromPrevious', 'fromTargetDose', 'fromMostRecent', 'fromRelevantObs'] as const;
const whenKeys = ['effectiveDate', 'cessationDate'] as const;
const windowKeys = ['beginAge', 'endAge'] as const;

export const windowedObservation = object<ContraindicationData>(
  { observation: observationCode, ...ageWindow },
  windowKeys,
);
export const windowedVaccine = object<VaccineWindowData>({ cvx, ...ageWindow }, windowKeys);

export const age = object<AgeData>(
  {
    absMinAge: offset,
    minAge: offset,
    earliestRecAge: offset,
    latestRecAge: offset,
    maxAge: offset,
    ...effective,
  },
  ['absMinAge', 'minAge', 'earliestRecAge', 'latestRecAge', 'maxAge', ...whenKeys],
);

function withOneReference<T extends object>(read: Reader<T>): Reader<T> {
  return (value, path) => {
    const interval = read(value, path);
    const given = referenceKeys.filter((key) => key in interval);
    if (given.length !== 1)
      throw new ScheduleError(path, `expected exactly one of ${referenceKeys.join(', ')}`);
    return interval;
  };
}

export const interval = withOneReference(
  object<IntervalData>(
    {
      ...reference,
      absMinInt: offset,
      minInt: offset,
      earliestRecInt: offset,
      latestRecInt: offset,
      intervalPriority: yes,
      ...effective,
    },
    [
      ...referenceKeys,
      'absMinInt',
      'minInt',
      'earliestRecInt',
      'latestRecInt',
      'intervalPriority',
      ...whenKeys,
    ],
  ),
);
export const allowableInterval = withOneReference(
  object<AllowableIntervalData>({ ...reference, absMinInt: offset, ...effective }, [
    ...referenceKeys,
    'absMinInt',
    ...whenKeys,
  ]),
);

export const preferableVaccine = object<PreferableVaccineData>(
  { cvx, ...ageWindow, tradeName: text, mvx: text, volume, forecastVaccineType: flag },
  [...windowKeys, 'tradeName', 'mvx', 'volume'],
);

type ConditionOf<Type extends SkipConditionData['type']> = Extract<SkipConditionData, { type: Type }>;

const conditions: { readonly [Type in SkipConditionData['type']]: Reader<ConditionOf<Type>> } = {
  Age: object<ConditionOf<'Age'>>({ type: oneOf(['Age']), ...ageWindow }, windowKeys),
  'Completed Series': object<ConditionOf<'Completed Series'>>({
    type: oneOf(['Completed Series']),
    seriesGroups: list(text, 1),
  }),
  Interval: object<ConditionOf<'Interval'>>({ type: oneOf(['Interval']), interval: offset }),
  'Vaccine Count': object<ConditionOf<'Vaccine Count'>>(
    {
      type: oneOf(['Vaccine Count']),
      ...ageWindow,
      startDate: date,
      endDate: date,
      doseType: oneOf(['Valid', 'Total']),
      doseCountLogic: oneOf(['greater than', 'equal to', 'less than']),
      doseCount: count,
      vaccineTypes: list(cvx, 1),
    },
    [...windowKeys, 'startDate', 'endDate', 'vaccineTypes'],
  ),
};
const conditionType = oneOf(['Age', 'Completed Series', 'Interval', 'Vaccine Count']);

const condition: Reader<SkipConditionData> = (value, path) => {
  const type = conditionType(isRecord(value) ? value['type'] : undefined, `${path}.type`);
  return conditions[type](value, path);
};

const logic = oneOf(['AND', 'OR']);
const skipSet = object<SkipSetData>(
  { ...effective, conditionLogic: logic, conditions: list(condition, 1) },
  whenKeys,
);
const anySkip = object<ConditionalSkipData>(
  { context: oneOf(skipContexts), setLogic: logic, sets: list(skipSet, 1) },
  ['setLogic'],
);
const conditionalSkip: Reader<ConditionalSkipData> = (value, path) => {
  const skip = anySkip(value, path);
  if (skip.sets.length > 1 && skip.setLogic === undefined) {
    throw new ScheduleError(path, 'several sets need a "setLogic"');
  }
  return skip;
};

export const seriesDose = object<SeriesDoseData>(
  {
    ages: list(age),
    intervals: list(interval),
    allowableIntervals: list(allowableInterval),
    preferableVaccines: list(preferableVaccine),
    allowableVaccines: list(windowedVaccine),
    inadvertentVaccines: list(cvx),
    conditionalSkips: list(conditionalSkip),
    recurringDose: flag,
    seasonalRecommendation: object<SeasonData>({ startDate: date, endDate: date }, ['startDate', 'endDate']),
  },
  ['seasonalRecommendation'],
);

const classification = object<ClassificationData>(
  { as: oneOf(recommendationClasses), observations: list(observationCode, 1), ...ageWindow },
  ['observations', ...windowKeys],
);

export const series = object<SeriesData>(
  {
    seriesName: text,
    vaccineGroup: text,
    seriesType: oneOf(seriesTypes),
    equivalentSeriesGroups: list(text),
    requiredGender: list(oneOf(['Male', 'Female', 'Unknown'])),
    defaultSeries: flag,
    productPath: flag,
    seriesGroup: text,
    seriesGroupName: text,
    seriesPriority: textThat('a letter', (value) => /^[A-Z]$/.test(value)),
    seriesPreference: positive,
    minAgeToStart: offset,
    maxAgeToStart: offset,
    indications: list(windowedObservation),
    classifications: list(classification),
    doses: list(seriesDose, 1),
  },
  ['seriesPreference', 'minAgeToStart', 'maxAgeToStart', 'classifications'],
);

const monthDay = textThat(
  'a month and day such as "07-01"',
  (value) => parseEpochDay(`2000-${value}`) !== undefined,
);

export const seasonRuleFields = {
  dated: list(object<DatedSeasonData>({ startDate: date, endDate: date }, ['endDate'])),
  repeats: object<SeasonRuleData['repeats']>({ from: monthDay, to: monthDay }, ['to']),
} as const;

const seasonRule = object<SeasonRuleData>({ antigen: text, series: list(text, 1), ...seasonRuleFields }, [
  'series',
]);

export const codedValue = object<CodedValueData>({ system: oneOf(codedValueSystems), code: text });

export const authority = object<AuthorityData>({
  code: textThat('a code without blanks', (value) => /^[A-Za-z0-9_-]{1,64}$/.test(value)),
  name: text,
});

const appliedChange = object<AppliedChange>(
  { operation: text, antigen: text, series: text, reason: text, source: text },
  ['antigen', 'series'],
);

const immunityBirthDate = object<ImmunityBirthDateData>(
  { immunityBirthDate: date, birthCountry: text, exclusions: list(observationCode) },
  ['birthCountry'],
);

const antigen = object<AntigenData>({
  antigen: text,
  immunity: object<ImmunityData>({
    clinicalHistory: list(observationCode),
    birthDates: list(immunityBirthDate),
  }),
  contraindications: list(windowedObservation),
  vaccineContraindications: list(
    object<VaccineContraindicationData>({ observation: observationCode, vaccines: list(windowedVaccine, 1) }),
  ),
  series: list(series, 1),
});

const schedule: Reader<ScheduleData> = (value, path) => {
  const id = isRecord(value) ? (value['id'] ?? cdcScheduleId) : undefined;
  // CDC numbers its releases; everybody else calls them as he likes.
  const version = id === cdcScheduleId || id === undefined ? cdcVersion : scheduleVersion;
  return scheduleOf(version)(value, path);
};

const scheduleOf = (version: Reader<string>) =>
  object<ScheduleData>(
    {
      id: scheduleId,
      version,
      authorities: list(authority, 1),
      effective: date,
      expires: date,
      amendment: scheduleVersion,
      changes: list(appliedChange),
      vaccines: list(
        object<VaccineData>({
          cvx,
          shortDescription: text,
          associations: list(object<AssociationData>({ antigen: text, ...ageWindow }, windowKeys), 1),
        }),
        1,
      ),
      vaccineGroups: list(
        object<VaccineGroupData>({ name: text, administerFullVaccineGroup: flag, antigens: list(text, 1) }, [
          'administerFullVaccineGroup',
        ]),
        1,
      ),
      vaccineConflicts: list(
        object<VaccineConflictData>({
          previous: cvx,
          current: cvx,
          conflictBeginInterval: offset,
          minConflictEndInterval: offset,
          conflictEndInterval: offset,
        }),
      ),
      observations: list(
        object<ObservationData>({
          code: observationCode,
          title: text,
          codedValues: list(codedValue),
        }),
        1,
      ),
      antigens: list(antigen, 1),
      seasons: list(seasonRule),
    },
    ['id', 'authorities', 'effective', 'expires', 'amendment', 'changes', 'seasons'],
  );
