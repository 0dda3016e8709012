import { ChangeRefusal } from './change-refusal.ts';
import { requireMinimum, requireOrder } from './check-ages.ts';
import { hasCheckDigit } from './check-digit.ts';
import type { AtDose, AtSeries, AtVaccine, ChangeData, ClassifyData } from './overlay-data.ts';
import { addDose, removeDose } from './renumber-doses.ts';
import type {
  AntigenData,
  CodedValueData,
  ScheduleData,
  SeasonRuleData,
  SeriesData,
  SeriesDoseData,
  VaccineWindowData,
} from './schedule-data.ts';

/** The schedule with one change of an overlay. Throws a ChangeRefusal where the target is not in it. */
export function applyChange(data: ScheduleData, change: ChangeData): ScheduleData {
  switch (change.operation) {
    case 'add-series':
      return inAntigen(data, change.target.antigen, (antigen) => withSeries(antigen, change.value));
    case 'replace-series':
      return inSeries(data, change.target, () => change.value);
    case 'remove-series':
      return inSeries(data, change.target, () => undefined);
    case 'classify-series':
      return inSeries(data, change.target, (series) => classified(series, change.value));
    case 'add-indication':
      return inSeries(data, change.target, (series) => ({
        ...series,
        indications: [...series.indications, change.value],
      }));
    case 'remove-indication':
      return inSeries(data, change.target, (series) => withoutIndication(series, change.target.observation));
    case 'add-dose':
      return inSeries(data, change.target, (series) => addDose(series, change.target.dose, change.value));
    case 'remove-dose':
      return inSeries(data, change.target, (series) => removeDose(series, change.target.dose));
    case 'replace-dose':
      return inDose(data, change.target, () => change.value);
    case 'set-ages':
      return inDose(data, change.target, (dose) => {
        if (change.target.dose === 1) requireMinimum(dose.ages, change.value);
        return { ...dose, ages: change.value };
      });
    case 'set-intervals':
      return inDose(data, change.target, (dose) => ({ ...dose, intervals: change.value }));
    case 'set-allowable-intervals':
      return inDose(data, change.target, (dose) => ({ ...dose, allowableIntervals: change.value }));
    case 'add-preferable-vaccine':
      return addVaccine(data, change.target, 'preferableVaccines', change.value);
    case 'add-allowable-vaccine':
      return addVaccine(data, change.target, 'allowableVaccines', change.value);
    case 'replace-preferable-vaccine':
      return inVaccine(data, change.target, 'preferableVaccines', [change.value]);
    case 'replace-allowable-vaccine':
      return inVaccine(data, change.target, 'allowableVaccines', [change.value]);
    case 'remove-preferable-vaccine':
      return inVaccine(data, change.target, 'preferableVaccines', []);
    case 'remove-allowable-vaccine':
      return inVaccine(data, change.target, 'allowableVaccines', []);
    case 'set-season':
      return withSeason(data, { ...change.target, ...change.value });
    case 'correct-code':
      return withCorrectCode(data, change.target, change.value.code);
  }
}

function inAntigen(
  data: ScheduleData,
  name: string,
  edit: (antigen: AntigenData) => AntigenData,
): ScheduleData {
  if (!data.antigens.some(({ antigen }) => antigen === name)) {
    throw new ChangeRefusal(`the base has no antigen "${name}"`);
  }
  return { ...data, antigens: data.antigens.map((each) => (each.antigen === name ? edit(each) : each)) };
}

function inSeries(
  data: ScheduleData,
  target: AtSeries,
  edit: (series: SeriesData) => SeriesData | undefined,
): ScheduleData {
  return inAntigen(data, target.antigen, (antigen) => {
    if (!antigen.series.some(({ seriesName }) => seriesName === target.series)) {
      throw new ChangeRefusal(`the base has no series "${target.series}" of ${target.antigen}`);
    }
    const series = antigen.series.flatMap((each) =>
      each.seriesName === target.series ? (inOrder(edit(each), each) ?? []) : each,
    );
    if (series.length === 0) throw new ChangeRefusal(`it would leave ${target.antigen} without a series`);
    return { ...antigen, series };
  });
}

function withSeries(antigen: AntigenData, added: SeriesData): AntigenData {
  if (antigen.series.some(({ seriesName }) => seriesName === added.seriesName)) {
    throw new ChangeRefusal(`there is a series "${added.seriesName}" already`);
  }
  requireOrder(added);
  return { ...antigen, series: [...antigen.series, added] };
}

function inOrder(changed: SeriesData | undefined, before: SeriesData): SeriesData | undefined {
  if (changed) requireOrder(changed, before);
  return changed;
}

/** The latest classification goes before those that were there. */
function classified(series: SeriesData, value: ClassifyData): SeriesData {
  if (value.as === 'risk') return { ...series, seriesType: 'Risk', indications: value.indications };
  const isForAll = !('observations' in value || 'beginAge' in value || 'endAge' in value);
  const classifications = isForAll ? [value] : [value, ...(series.classifications ?? [])];
  if (value.as !== 'routine' || !isForAll) return { ...series, classifications };
  const { classifications: _, ...rest } = series;
  return { ...rest, seriesType: 'Standard', indications: [] };
}

function withoutIndication(series: SeriesData, observation: string): SeriesData {
  const indications = series.indications.filter((each) => each.observation !== observation);
  if (indications.length === series.indications.length) {
    throw new ChangeRefusal(`"${series.seriesName}" has no indication ${observation}`);
  }
  return { ...series, indications };
}

function inDose(
  data: ScheduleData,
  target: AtDose,
  edit: (dose: SeriesDoseData) => SeriesDoseData,
): ScheduleData {
  return inSeries(data, target, (series) => {
    const { dose: number } = target;
    if (number > series.doses.length) {
      throw new ChangeRefusal(`"${series.seriesName}" has ${series.doses.length} doses, no dose ${number}`);
    }
    return { ...series, doses: series.doses.map((dose, i) => (i === number - 1 ? edit(dose) : dose)) };
  });
}

type VaccineUse = 'preferableVaccines' | 'allowableVaccines';

function inVaccines<Use extends VaccineUse>(
  data: ScheduleData,
  target: AtDose,
  use: Use,
  edit: (vaccines: SeriesDoseData[Use]) => readonly VaccineWindowData[],
): ScheduleData {
  return inDose(data, target, (dose) => ({ ...dose, [use]: edit(dose[use]) }));
}

/** A vaccine that does not hold the antigen, or is there already for the age, is a slip of the pen. */
function addVaccine(
  data: ScheduleData,
  target: AtDose,
  use: VaccineUse,
  added: VaccineWindowData,
): ScheduleData {
  requireAntigen(data, target.antigen, added.cvx);
  return inVaccines(data, target, use, (known: readonly VaccineWindowData[]) => {
    const isThere = known.some(({ cvx, beginAge }) => cvx === added.cvx && beginAge === added.beginAge);
    if (isThere) throw new ChangeRefusal(`${added.cvx} is there already`);
    return [...known, added];
  });
}

function requireAntigen({ vaccines }: ScheduleData, antigen: string, cvx: string): void {
  const vaccine = vaccines.find((each) => each.cvx === cvx);
  // What the base does not know at all is refused by the check of references.
  if (!vaccine || vaccine.associations.some((each) => each.antigen === antigen)) return;
  throw new ChangeRefusal(`${cvx} (${vaccine.shortDescription}) does not hold ${antigen}`);
}

function inVaccine(
  data: ScheduleData,
  target: AtVaccine,
  use: VaccineUse,
  instead: readonly VaccineWindowData[],
): ScheduleData {
  const isMeant = ({ cvx, beginAge }: VaccineWindowData) =>
    cvx === target.cvx && (target.beginAge === undefined || beginAge === target.beginAge);
  return inVaccines(data, target, use, (vaccines: readonly VaccineWindowData[]) => {
    const found = vaccines.filter(isMeant).length;
    const what = use === 'preferableVaccines' ? 'preferable' : 'allowable';
    if (found === 0) throw new ChangeRefusal(`the base has no ${what} vaccine ${target.cvx} there`);
    if (found > 1)
      throw new ChangeRefusal(`${target.cvx} is ${what} there ${found} times: name its beginAge`);
    return vaccines.flatMap((each) => (isMeant(each) ? instead : each));
  });
}

/** A rule takes the place of the one for the same series. */
function withSeason(data: ScheduleData, rule: SeasonRuleData): ScheduleData {
  const key = ({ antigen, series }: SeasonRuleData) => JSON.stringify([antigen, series ?? null]);
  const seasons = data.seasons ?? [];
  const isKnown = seasons.some((each) => key(each) === key(rule));
  if (!isKnown) return { ...data, seasons: [...seasons, rule] };
  return { ...data, seasons: seasons.map((each) => (key(each) === key(rule) ? rule : each)) };
}

function withCorrectCode(data: ScheduleData, wrong: CodedValueData, right: string): ScheduleData {
  const corrected = { ...wrong, code: right };
  if (hasCheckDigit(corrected) === false) {
    throw new ChangeRefusal(`${right} is no code of ${wrong.system} either: its check digit does not hold`);
  }
  const isEither = ({ system, code }: CodedValueData) =>
    system === wrong.system && (code === wrong.code || code === right);
  if (!data.observations.some(({ codedValues }) => codedValues.some(isEither))) {
    throw new ChangeRefusal(`the base knows neither ${wrong.code} nor ${right} of ${wrong.system}`);
  }
  const observations = data.observations.map((each) =>
    each.codedValues.some(isEither)
      ? { ...each, codedValues: [corrected, wrong, ...each.codedValues.filter((one) => !isEither(one))] }
      : each,
  );
  return { ...data, observations };
}
