import {
  type AntigenData,
  type ClassificationData,
  type ContraindicationData,
  type ImmunityBirthDateData,
  type SeriesData,
  seriesTypes,
  type VaccineContraindicationData,
} from '../../forecast/schedule-data.ts';
import {
  birthDateOf,
  childOf,
  childrenOf,
  compact,
  filledChildrenOf,
  isGiven,
  observationCodeOf,
  offsetOf,
  required,
  requiredText,
  splitList,
  textOf,
  toWord,
  wholeNumberOf,
  wordOf,
  yesOrNo,
} from './element-text.ts';
import { seriesDoseData, vaccineWindowData } from './series-dose-data.ts';
import { importError, type XmlElement } from './xml-element.ts';

/** One file of antigen supporting data, whose shape was checked. All its series must name one target disease. */
export function antigenData(root: XmlElement): AntigenData {
  const series = childrenOf(root, 'series');
  const antigen = series[0] ? requiredText(series[0], 'targetDisease') : '';
  const stranger = series.find((each) => textOf(each, 'targetDisease') !== antigen);
  if (stranger) {
    throw importError(
      childOf(stranger, 'targetDisease') ?? stranger,
      `expected "${antigen}" as in the first series`,
    );
  }
  const immunity = childrenOf(root, 'immunity');
  const contraindications = childrenOf(root, 'contraindications');
  const contraindicationsIn = (level: string) =>
    contraindications
      .flatMap((each) => childrenOf(each, level))
      .flatMap((each) => childrenOf(each, 'contraindication'));
  return {
    antigen,
    immunity: {
      clinicalHistory: immunity
        .flatMap((each) => filledChildrenOf(each, 'clinicalHistory'))
        .map((each) => requiredObservation(each, 'guidelineCode')),
      birthDates: immunity.flatMap((each) => filledChildrenOf(each, 'dateOfBirth')).map(immunityBirthDate),
    },
    contraindications: contraindicationsIn('vaccineGroup').map(contraindicationData),
    vaccineContraindications: contraindicationsIn('vaccine')
      .map(vaccineContraindicationData)
      .filter(({ vaccines }) => vaccines.length > 0),
    series: series.map(seriesData),
  };
}

function requiredObservation(element: XmlElement, name: string): string {
  return required(element, name, observationCodeOf(element, name));
}

function immunityBirthDate(element: XmlElement): ImmunityBirthDateData {
  return compact({
    immunityBirthDate: required(element, 'immunityBirthDate', birthDateOf(element, 'immunityBirthDate')),
    birthCountry: textOf(element, 'birthCountry'),
    exclusions: filledChildrenOf(element, 'exclusion').map((each) =>
      requiredObservation(each, 'exclusionCode'),
    ),
  });
}

function contraindicationData(element: XmlElement): ContraindicationData {
  return compact({
    observation: requiredObservation(element, 'observationCode'),
    beginAge: offsetOf(element, 'beginAge'),
    endAge: offsetOf(element, 'endAge'),
  });
}

function vaccineContraindicationData(element: XmlElement): VaccineContraindicationData {
  return {
    observation: requiredObservation(element, 'observationCode'),
    vaccines: childrenOf(element, 'contraindicatedVaccine').map(vaccineWindowData),
  };
}

function seriesData(element: XmlElement): SeriesData {
  const select = childOf(element, 'selectSeries');
  if (!select) throw importError(element, 'element "selectSeries" is missing');
  return compact({
    seriesName: requiredText(element, 'seriesName'),
    vaccineGroup: requiredText(element, 'vaccineGroup'),
    seriesType: required(element, 'seriesType', wordOf(element, 'seriesType', seriesTypes)),
    equivalentSeriesGroups: splitList(textOf(element, 'equivalentSeriesGroups') ?? ''),
    requiredGender: childrenOf(element, 'requiredGender')
      .filter((each) => isGiven(each.text))
      .map((each) => toWord(each, ['Male', 'Female', 'Unknown'])),
    defaultSeries: required(select, 'defaultSeries', yesOrNo(select, 'defaultSeries')),
    productPath: required(select, 'productPath', yesOrNo(select, 'productPath')),
    seriesGroup: requiredText(select, 'seriesGroup'),
    seriesGroupName: requiredText(select, 'seriesGroupName'),
    seriesPriority: priorityOf(select),
    seriesPreference: wholeNumberOf(select, 'seriesPreference'),
    minAgeToStart: offsetOf(select, 'minAgeToStart'),
    maxAgeToStart: offsetOf(select, 'maxAgeToStart'),
    indications: indicationsOf(element),
    classifications: classificationsOf(element),
    doses: childrenOf(element, 'seriesDose').map((dose, i) => seriesDoseData(dose, i + 1)),
  });
}

/** A letter. */
function priorityOf(select: XmlElement): string {
  const text = requiredText(select, 'seriesPriority').toUpperCase();
  if (/^[A-Z]$/.test(text)) return text;
  throw importError(childOf(select, 'seriesPriority') ?? select, `"${text}" is no priority such as A`);
}

/** That a series is to be decided by patient and clinician is told by its name alone. */
function classificationsOf(series: XmlElement): readonly ClassificationData[] | undefined {
  const isShared = /shared clinical decision[\s-]*making/i.test(requiredText(series, 'seriesName'));
  return isShared ? [{ as: 'shared-decision' }] : undefined;
}

/** An indication without an observation code is a placeholder. */
function indicationsOf(series: XmlElement): readonly ContraindicationData[] {
  return filledChildrenOf(series, 'indication').flatMap((element) => {
    const coded = childOf(element, 'observationCode');
    const observation = coded && observationCodeOf(coded, 'code');
    if (observation === undefined) return [];
    return [
      compact({
        observation,
        beginAge: offsetOf(element, 'beginAge'),
        endAge: offsetOf(element, 'endAge'),
      }),
    ];
  });
}
