import type {
  AgeData,
  AllowableIntervalData,
  IntervalData,
  IntervalReferenceData,
  PreferableVaccineData,
  SeasonData,
  SeriesDoseData,
  VaccineWindowData,
} from '../../forecast/schedule-data.ts';
import { conditionalSkipData } from './conditional-skip-data.ts';
import {
  childOf,
  compact,
  cvxListOf,
  cvxOf,
  dateOf,
  effectiveData,
  filledChildrenOf,
  observationCodeOf,
  offsetOf,
  required,
  tellingChildrenOf,
  textOf,
  wholeNumberOf,
  wordOf,
  yesOrNo,
} from './element-text.ts';
import { importError, type XmlElement } from './xml-element.ts';

/** One `seriesDose`, the `number`th of its series. */
export function seriesDoseData(element: XmlElement, number: number): SeriesDoseData {
  const written = wholeNumberOf(element, 'doseNumber', /^Dose ([0-9]{1,2})$/i);
  if (written !== number) {
    throw importError(childOf(element, 'doseNumber') ?? element, `expected "Dose ${number}"`);
  }
  return compact({
    ages: filledChildrenOf(element, 'age').map(ageData),
    intervals: filledChildrenOf(element, 'interval').map(intervalData),
    allowableIntervals: filledChildrenOf(element, 'allowableInterval').map(allowableIntervalData),
    preferableVaccines: tellingChildrenOf(element, 'preferableVaccine').map(preferableVaccineData),
    allowableVaccines: tellingChildrenOf(element, 'allowableVaccine').map(vaccineWindowData),
    inadvertentVaccines: tellingChildrenOf(element, 'inadvertentVaccine').map((each) => cvxOf(each, 'cvx')),
    conditionalSkips: tellingChildrenOf(element, 'conditionalSkip').map(conditionalSkipData),
    recurringDose: required(element, 'recurringDose', yesOrNo(element, 'recurringDose')),
    seasonalRecommendation: seasonData(element),
  });
}

function ageData(element: XmlElement): AgeData {
  return compact({
    absMinAge: offsetOf(element, 'absMinAge'),
    minAge: offsetOf(element, 'minAge'),
    earliestRecAge: offsetOf(element, 'earliestRecAge'),
    latestRecAge: offsetOf(element, 'latestRecAge'),
    maxAge: offsetOf(element, 'maxAge'),
    ...effectiveData(element),
  });
}

function referenceData(element: XmlElement): IntervalReferenceData {
  const observed = childOf(element, 'fromRelevantObs');
  const reference = compact({
    fromPrevious: yesOrNo(element, 'fromPrevious') ? (true as const) : undefined,
    fromTargetDose: wholeNumberOf(element, 'fromTargetDose'),
    fromMostRecent: cvxListOf(element, 'fromMostRecent'),
    fromRelevantObs: observed && observationCodeOf(observed, 'code'),
  });
  if (Object.keys(reference).length === 1) return reference;
  throw importError(element, 'an interval must be counted from exactly one thing');
}

function intervalData(element: XmlElement): IntervalData {
  const priority = wordOf(element, 'intervalPriority', ['override', 'Y', 'N']);
  return compact({
    ...referenceData(element),
    absMinInt: offsetOf(element, 'absMinInt'),
    minInt: offsetOf(element, 'minInt'),
    earliestRecInt: offsetOf(element, 'earliestRecInt'),
    latestRecInt: offsetOf(element, 'latestRecInt'),
    intervalPriority: priority === 'override' || priority === 'Y' ? (true as const) : undefined,
    ...effectiveData(element),
  });
}

function allowableIntervalData(element: XmlElement): AllowableIntervalData {
  return compact({
    ...referenceData(element),
    absMinInt: offsetOf(element, 'absMinInt'),
    ...effectiveData(element),
  });
}

export function vaccineWindowData(element: XmlElement): VaccineWindowData {
  return compact({
    cvx: cvxOf(element, 'cvx'),
    beginAge: offsetOf(element, 'beginAge'),
    endAge: offsetOf(element, 'endAge'),
  });
}

function preferableVaccineData(element: XmlElement): PreferableVaccineData {
  return compact({
    ...vaccineWindowData(element),
    tradeName: textOf(element, 'tradeName'),
    mvx: textOf(element, 'mvx'),
    volume: volumeOf(element),
    forecastVaccineType: yesOrNo(element, 'forecastVaccineType') ?? false,
  });
}

function volumeOf(element: XmlElement): number | undefined {
  const text = textOf(element, 'volume');
  if (text === undefined) return undefined;
  const volume = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text) && volume > 0) return volume;
  throw importError(childOf(element, 'volume') ?? element, `"${text}" is no volume`);
}

function seasonData(element: XmlElement): SeasonData | undefined {
  const season = filledChildrenOf(element, 'seasonalRecommendation')[0];
  if (!season) return undefined;
  const dates = compact({ startDate: dateOf(season, 'startDate'), endDate: dateOf(season, 'endDate') });
  return Object.keys(dates).length > 0 ? dates : undefined;
}
