import type { Explanation } from '../../forecast/explanation.ts';
import type { Forecast } from '../../forecast/forecast-result.ts';
import type { ClinicalRecord } from '../../registry/forecasting/clinical-record.ts';
import type { ForecastNote } from '../../registry/forecasting/forecast-note.ts';
import type { KnowledgeBase } from '../../registry/forecasting/knowledge-base.ts';
import type { HistoryReading } from '../../registry/forecasting/to-patient-history.ts';

/** A forecast with all that is needed to tell a person of it. */
export type RenderedForecast = {
  readonly record: ClinicalRecord;
  /** What was read of the record. */
  readonly reading: HistoryReading;
  readonly forecast: Forecast;
  readonly explanation: Explanation;
  readonly knowledgeBase: KnowledgeBase;
  /** Why this schedule is followed; absent where it is the one of the server. */
  readonly because?: string | undefined;
  /** What was said of the question, beside what was said of the record. */
  readonly notes: readonly ForecastNote[];
};

export function listOf(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
