import type { ObservationCode, PatientObservation } from '../../forecast/patient-history.ts';
import type { ForecastNote } from './forecast-note.ts';

/** What was read from some resources: what is known of the person, from where, and what is to be said of it. */
export type FactReading = {
  readonly observations: readonly PatientObservation[];
  readonly references: readonly string[];
  readonly notes: readonly ForecastNote[];
  readonly remarks?: readonly FactRemark[];
};

/** A sentence for whoever reads a recommendation that rests on the observation. */
export type FactRemark = { readonly observation: ObservationCode; readonly text: string };
