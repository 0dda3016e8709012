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

/**
 * Makes checked data ready for use. Done once; the result serves any number of patients and is never changed. Schedules
 * that share what was compiled have what an overlay has left as it was in common.
 */
export function compileSchedule(data: ScheduleData, sharing: SharedParts = sharedParts()): Schedule {
  const { context } = sharing;
  const conflicts = once(sharing.conflicts, data.vaccineConflicts, () => compileConflicts(data, context));
  const compile = (antigen: AntigenData) => compileAntigen(antigen, data, { conflicts, context });
  const antigens = data.antigens.map((antigen) => once(sharing.antigens, antigen, () => compile(antigen)));
  const placeOf = new Map(antigens.map((antigen, place) => [antigen.name, place]));
  const compiled = {
    version: data.version,
    associations: once(sharing.associations, data.vaccines, () =>
      compileAssociations(data, placeOf, context),
    ),
    conflicts,
    antigens,
    vaccineGroups: data.vaccineGroups.map((group) => ({
      name: group.name,
      administerFullVaccineGroup: group.administerFullVaccineGroup === true,
      antigens: group.antigens.flatMap((antigen) => placeOf.get(antigen) ?? []),
    })),
    observationTitles: new Map(data.observations.map(({ code, title }) => [toObservationCode(code), title])),
    vaccineNames: new Map(data.vaccines.map((each) => [toCvxCode(each.cvx), each.shortDescription])),
    foreignVaccines: context.cvxSet(foreignVaccines(data)),
    codedValues: compileCodedValues(data),
    ages: context.ages,
  };
  return withSeasons(compiled, data, compile);
}

/** What was compiled, by the data that it comes from. An overlay changes antigens, and nothing that they rest upon. */
export type SharedParts = {
  readonly context: CompileContext;
  readonly conflicts: Map<ScheduleData['vaccineConflicts'], Conflicts>;
  readonly antigens: Map<AntigenData, Antigen>;
  readonly associations: Map<ScheduleData['vaccines'], Associations>;
};

/** For schedules that are compiled one after the other. */
export function sharedParts(): SharedParts {
  return { context: compileContext(), conflicts: new Map(), antigens: new Map(), associations: new Map() };
}

function once<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

/** CDC's CVX table has vaccines that are not in use in the US and says so in their names. */
function foreignVaccines({ vaccines }: ScheduleData): readonly string[] {
  return vaccines
    .filter(({ shortDescription }) => /\bnon-us\b/i.test(shortDescription))
    .map(({ cvx }) => cvx);
}

type Associations = readonly (readonly Association[] | undefined)[];

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
): Associations {
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
