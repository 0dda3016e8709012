import {
  ageWindow,
  type CompileContext,
  compileContext,
  toCvxCode,
  toObservationCode,
  vaccineWindow,
} from './compile-context.ts';
import { compileSeries, windowedObservation } from './compile-series.ts';
import { beginOfTime } from './date-arithmetic.ts';
import type { ObservationCode } from './patient-history.ts';
import {
  type Antigen,
  type Association,
  codedValueKey,
  cvxNumbers,
  type Immunity,
  type Schedule,
  type Series,
  type VaccineConflict,
} from './schedule.ts';
import type { AntigenData, ImmunityData, ScheduleData } from './schedule-data.ts';
import { withSeasons } from './seasonal-schedule.ts';

/** Makes checked data ready for use. Done once; the result serves any number of patients and is never changed. */
export function compileSchedule(data: ScheduleData): Schedule {
  const context = compileContext();
  const conflicts = compileConflicts(data, context);
  const antigens = data.antigens.map((antigen) => compileAntigen(antigen, data, { conflicts, context }));
  const placeOf = new Map(antigens.map((antigen, place) => [antigen.name, place]));
  const compiled = {
    version: data.version,
    associations: compileAssociations(data, placeOf, context),
    conflicts,
    antigens,
    vaccineGroups: data.vaccineGroups.map((group) => ({
      name: group.name,
      administerFullVaccineGroup: group.administerFullVaccineGroup === true,
      antigens: group.antigens.flatMap((antigen) => placeOf.get(antigen) ?? []),
    })),
    observationTitles: new Map(data.observations.map(({ code, title }) => [toObservationCode(code), title])),
    vaccineNames: new Map(data.vaccines.map((each) => [toCvxCode(each.cvx), each.shortDescription])),
    codedValues: compileCodedValues(data),
    ages: context.ages,
  };
  return withSeasons(compiled, data, (antigen) => compileAntigen(antigen, data, { conflicts, context }));
}

type Conflicts = readonly (readonly VaccineConflict[] | undefined)[];

function compileConflicts(data: ScheduleData, context: CompileContext): Conflicts {
  const byCurrent: VaccineConflict[][] = new Array(cvxNumbers);
  for (const conflict of data.vaccineConflicts) {
    const current = Number(conflict.current);
    const known = byCurrent[current] ?? [];
    byCurrent[current] = known;
    known.push({
      previous: Number(conflict.previous),
      begin: context.offset(conflict.conflictBeginInterval),
      minEnd: context.offset(conflict.minConflictEndInterval),
      end: context.offset(conflict.conflictEndInterval),
    });
  }
  return byCurrent;
}

function compileAntigen(
  data: AntigenData,
  schedule: ScheduleData,
  using: { readonly conflicts: Conflicts; readonly context: CompileContext },
): Antigen {
  const { conflicts, context } = using;
  const group = schedule.vaccineGroups.find(({ antigens }) => antigens.includes(data.antigen));
  const series = data.series.map((each, order) =>
    compileSeries(each, { antigen: data.antigen, order, conflicts }, context),
  );
  const asking = series.filter(asksForCompletedSeries);
  const others = series.filter((each) => !asking.includes(each));
  return {
    name: data.antigen,
    vaccineGroup: group?.name ?? '',
    immunity: compileImmunity(data.immunity, context),
    contraindications: data.contraindications.map((each) => windowedObservation(each, context)),
    vaccineContraindications: data.vaccineContraindications.map(({ observation, vaccines }) => ({
      observation: toObservationCode(observation),
      vaccines: vaccines.map((each) => vaccineWindow(each, context)),
    })),
    series: [...others, ...asking],
    seriesWithoutRisk: [...others, ...asking].filter(({ type }) => type !== 'Risk'),
    asksForCompletedSeries: asking.length > 0,
  };
}

function asksForCompletedSeries(series: Series): boolean {
  const skips = series.doses.flatMap((dose) => [...dose.evaluationSkips, ...dose.forecastSkips]);
  const conditions = skips.flatMap((skip) => skip.sets).flatMap((set) => set.conditions);
  return conditions.some((each) => each.type === 'completed-series');
}

function compileImmunity(data: ImmunityData, context: CompileContext): Immunity {
  return {
    clinicalHistory: data.clinicalHistory.map(toObservationCode),
    birthDates: data.birthDates.map((each) => ({
      before: context.day(each.immunityBirthDate, beginOfTime),
      country: each.birthCountry,
      exclusions: each.exclusions.map(toObservationCode),
    })),
  };
}

function compileAssociations(
  data: ScheduleData,
  placeOf: ReadonlyMap<string, number>,
  context: CompileContext,
): readonly (readonly Association[] | undefined)[] {
  const byCvx: Association[][] = new Array(cvxNumbers);
  for (const { cvx, associations } of data.vaccines) {
    byCvx[Number(cvx)] = associations.map((each) => ({
      antigen: placeOf.get(each.antigen) ?? -1,
      ...ageWindow(each, context),
    }));
  }
  return byCvx;
}

function compileCodedValues(data: ScheduleData): ReadonlyMap<string, readonly ObservationCode[]> {
  const byKey = new Map<string, ObservationCode[]>();
  for (const { code, codedValues } of data.observations) {
    for (const value of codedValues) {
      const key = codedValueKey(value.system, value.code);
      const known = byKey.get(key) ?? [];
      byKey.set(key, known);
      known.push(toObservationCode(code));
    }
  }
  return byKey;
}
