import { type AntigenForecast, forecastAntigen } from './antigen-forecast.ts';
import { orderForecasts } from './order-forecasts.ts';
import { organizeHistory } from './organize-history.ts';
import type { Dose, Patient } from './patient.ts';
import type { Antigen, VaccineGroup } from './schedule.ts';
import { type BlendedForecast, blend, containedForecasts } from './vaccine-group-forecast.ts';

/** Antigens in the order of the schedule, and the forecasts of each vaccine group in their order. */
export type PatientForecast = {
  readonly antigens: readonly AntigenForecast[];
  readonly vaccineGroups: readonly (readonly BlendedForecast[])[];
};

/**
 * What was found of each antigen, to be taken over by a schedule that shares it (`sharedParts`). Only for one history
 * and one day.
 */
export type KnownAntigens = Map<Antigen, AntigenForecast>;

const noRecords: readonly Dose[] = [];

/** All antigens (chapters 4 to 8), then all vaccine groups (chapter 9). */
export function forecastPatient(patient: Patient, known?: KnownAntigens): PatientForecast {
  const records = organizeHistory(patient);
  const antigens = patient.schedule.antigens.map((antigen, place) => {
    const found = known?.get(antigen) ?? forecastAntigen(patient, antigen, records[place] ?? noRecords);
    known?.set(antigen, found);
    return found;
  });
  const vaccineGroups = patient.schedule.vaccineGroups.map((group) =>
    orderForecasts(patient, containedForecasts(group, antigensOf(group, antigens)).map(blend)),
  );
  return { antigens, vaccineGroups };
}

// A loop, because `flatMap` is many times slower in V8 and made up a twentieth of the time of a forecast.
function antigensOf(group: VaccineGroup, antigens: readonly AntigenForecast[]): readonly AntigenForecast[] {
  const found: AntigenForecast[] = [];
  for (const place of group.antigens) {
    const antigen = antigens[place];
    if (antigen) found.push(antigen);
  }
  return found;
}
