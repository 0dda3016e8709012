import type { ReadEvaluated } from '../hl7v2/query/read-person.ts';
import { consolidateDoses } from '../registry/deduplication/consolidated-record.ts';
import { type ForecastSettings, forecastPerson } from '../registry/forecasting/forecast-operations.ts';
import { vaccinesOf } from './vaccines.ts';

/** What `$consolidated-record` and `$immds-forecast` say of a person, of one reading of the record. */
export function evaluatedRecordOf(forecast: ForecastSettings): ReadEvaluated {
  const vaccines = vaccinesOf(forecast.knowledgeBases[0]);
  return async (ctx, id) => {
    const { record, answer } = await forecastPerson(ctx, id, forecast);
    const doses = record.immunizations.map(({ resource }) => resource);
    const { survivors } = await consolidateDoses(ctx, id, doses, vaccines);
    return { patient: record.patient.resource, doses: survivors, forecast: answer };
  };
}
