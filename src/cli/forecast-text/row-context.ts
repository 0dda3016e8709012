import { withoutDistant } from '../../registry/forecasting/distant.ts';
import { type LeftOutDose, leftOutDoses } from './left-out-doses.ts';
import type { RenderedForecast } from './rendered-forecast.ts';
import { type OnDay, type Row, rowsOf } from './sections.ts';

/** The rows of a forecast, and what they are told with. */
export type RowContext = OnDay & {
  readonly rendered: RenderedForecast;
  readonly rows: readonly Row[];
  readonly leftOut: readonly LeftOutDose[];
  /** Vaccine groups of which nothing is due for decades. */
  readonly distant: readonly string[];
};

export function rowContext(rendered: RenderedForecast): RowContext {
  const { forecast, leftOut: distant } = withoutDistant(rendered.forecast);
  const on = { assessmentDate: forecast.assessmentDate, pregnancy: rendered.reading.pregnancy };
  const rows = rowsOf(forecast.forecasts, distant, on);
  return { ...on, rendered, rows, distant, leftOut: leftOutDoses(rendered) };
}
