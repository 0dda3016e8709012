import type { IssueSeverity } from '../../fhir/problem.ts';

/** Something the forecaster was told and did not use as it stood. It is reported; nothing is guessed. */
export type ForecastNote = {
  readonly severity: IssueSeverity;
  readonly code: string;
  readonly text: string;
  /** FHIRPath into the request, or `Immunization/id` for what came from the store. */
  readonly expression: string;
};

export function note(severity: ForecastNote['severity'], text: string, expression: string): ForecastNote {
  return { severity, code: severity === 'warning' ? 'incomplete' : 'informational', text, expression };
}
