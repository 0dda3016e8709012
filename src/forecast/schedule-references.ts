import { checkSeasons } from './check-seasons.ts';
import type { AntigenData, ScheduleData, SeriesData, SeriesDoseData } from './schedule-data.ts';
import { ScheduleError } from './schedule-error.ts';

/** What a schedule names must exist in it, and once only. Throws a ScheduleError. */
export function checkReferences(data: ScheduleData): void {
  const antigens = uniqueNames(
    data.antigens.map((each) => each.antigen),
    (i) => `antigens[${i}].antigen`,
  );
  uniqueNames(
    data.vaccines.map((each) => each.cvx),
    (i) => `vaccines[${i}].cvx`,
  );
  uniqueNames(
    data.vaccineGroups.map((each) => each.name),
    (i) => `vaccineGroups[${i}].name`,
  );
  const observations = uniqueNames(
    data.observations.map((each) => each.code),
    (i) => `observations[${i}].code`,
  );
  data.vaccines.forEach((vaccine, i) => {
    vaccine.associations.forEach(({ antigen }, j) => {
      mustKnow(antigens, antigen, `vaccines[${i}].associations[${j}].antigen`, 'antigen');
    });
  });
  const groupOf = groupsByAntigen(data, antigens);
  data.antigens.forEach((antigen, i) => {
    checkAntigen(antigen, `antigens[${i}]`, { observations, vaccineGroup: groupOf.get(antigen.antigen) });
  });
  checkSeasons(data);
}

function groupsByAntigen(data: ScheduleData, antigens: ReadonlySet<string>): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  data.vaccineGroups.forEach((group, i) => {
    group.antigens.forEach((antigen, j) => {
      const path = `vaccineGroups[${i}].antigens[${j}]`;
      mustKnow(antigens, antigen, path, 'antigen');
      if (groups.has(antigen)) throw new ScheduleError(path, `"${antigen}" is in two vaccine groups`);
      groups.set(antigen, group.name);
    });
  });
  return groups;
}

type Known = { readonly observations: ReadonlySet<string>; readonly vaccineGroup: string | undefined };

function checkAntigen(antigen: AntigenData, path: string, known: Known): void {
  const { observations, vaccineGroup } = known;
  const check = (code: string, at: string) => mustKnow(observations, code, `${path}.${at}`, 'observation');
  if (vaccineGroup === undefined) throw new ScheduleError(`${path}.antigen`, 'is in no vaccine group');
  antigen.immunity.clinicalHistory.forEach((code, i) => {
    check(code, `immunity.clinicalHistory[${i}]`);
  });
  antigen.immunity.birthDates.forEach(({ exclusions }, i) => {
    for (const code of exclusions) check(code, `immunity.birthDates[${i}].exclusions`);
  });
  antigen.contraindications.forEach(({ observation }, i) => {
    check(observation, `contraindications[${i}].observation`);
  });
  antigen.vaccineContraindications.forEach(({ observation }, i) => {
    check(observation, `vaccineContraindications[${i}].observation`);
  });
  uniqueNames(
    antigen.series.map((each) => each.seriesName),
    (i) => `${path}.series[${i}].seriesName`,
  );
  const groups = new Set(antigen.series.map((each) => each.seriesGroup));
  antigen.series.forEach((series, i) => {
    const at = `${path}.series[${i}]`;
    if (series.vaccineGroup !== vaccineGroup) {
      throw new ScheduleError(`${at}.vaccineGroup`, `"${series.vaccineGroup}" is not "${vaccineGroup}"`);
    }
    checkSeries(series, at, { observations, groups });
  });
}

function checkSeries(
  series: SeriesData,
  path: string,
  known: { readonly observations: ReadonlySet<string>; readonly groups: ReadonlySet<string> },
): void {
  series.indications.forEach(({ observation }, i) => {
    mustKnow(known.observations, observation, `${path}.indications[${i}].observation`, 'observation');
  });
  series.classifications?.forEach(({ observations = [] }, i) => {
    for (const code of observations) {
      mustKnow(known.observations, code, `${path}.classifications[${i}].observations`, 'observation');
    }
  });
  series.doses.forEach((dose, i) => {
    const at = `${path}.doses[${i}]`;
    checkIntervals(dose, at, { number: i + 1, observations: known.observations });
    for (const group of completedSeriesGroups(dose)) {
      mustKnow(known.groups, group, `${at}.conditionalSkips`, 'series group');
    }
  });
}

function completedSeriesGroups(dose: SeriesDoseData): readonly string[] {
  const conditions = dose.conditionalSkips.flatMap((skip) => skip.sets).flatMap((set) => set.conditions);
  return conditions.flatMap((each) => (each.type === 'Completed Series' ? each.seriesGroups : []));
}

function checkIntervals(
  dose: SeriesDoseData,
  path: string,
  known: { readonly number: number; readonly observations: ReadonlySet<string> },
): void {
  for (const interval of [...dose.intervals, ...dose.allowableIntervals]) {
    const { fromTargetDose, fromRelevantObs } = interval;
    if (fromTargetDose !== undefined && fromTargetDose >= known.number) {
      throw new ScheduleError(`${path}.intervals`, `target dose ${fromTargetDose} does not come before`);
    }
    if (fromRelevantObs !== undefined) {
      mustKnow(known.observations, fromRelevantObs, `${path}.intervals`, 'observation');
    }
  }
}

function uniqueNames(names: readonly string[], pathOf: (index: number) => string): ReadonlySet<string> {
  const seen = new Set<string>();
  names.forEach((name, i) => {
    if (seen.has(name)) throw new ScheduleError(pathOf(i), `"${name}" occurs twice`);
    seen.add(name);
  });
  return seen;
}

function mustKnow(known: ReadonlySet<string>, name: string, path: string, kind: string): void {
  if (!known.has(name)) throw new ScheduleError(path, `"${name}" is no ${kind} of this schedule`);
}
