import { everythingOperations } from '../operation/everything.ts';
import { metaOperations } from '../operation/meta-operations.ts';
import type { Operation } from '../operation/operation.ts';
import { terminologyOperations } from '../operation/terminology/terminology-operations.ts';
import { validateOperations } from '../operation/validate-operation.ts';
import { breakGlassOperation } from '../registry/break-glass/break-glass-operation.ts';
import { consolidatedRecordOperation } from '../registry/deduplication/consolidated-record.ts';
import { doseReviewCode } from '../registry/deduplication/dose-task.ts';
import { type ForecastSettings, forecastOperations } from '../registry/forecasting/forecast-operations.ts';
import { whatIfOperation } from '../registry/forecasting/what-if-operation.ts';
import { identityOperations } from '../registry/identity/identity-operations.ts';
import { matchOperation } from '../registry/matching/match-operation.ts';
import { openMatcher } from '../registry/matching/matcher.ts';
import { shippedModel } from '../registry/matching/shipped-model.ts';
import { shippedTerminology } from './terminology.ts';
import { vaccinesOf } from './vaccines.ts';

/** R4's own operations, and those of the business. */
export function loadOperations(forecast: ForecastSettings): readonly Operation[] {
  return [
    ...everythingOperations,
    ...metaOperations,
    ...validateOperations,
    ...terminologyOperations(shippedTerminology()),
    ...forecastOperations(forecast),
    whatIfOperation(forecast),
    breakGlassOperation,
    matchOperation(shippedModel),
    consolidatedRecordOperation(vaccinesOf(forecast.knowledgeBases[0])),
    ...identityOperations(openMatcher(shippedModel), [doseReviewCode]),
  ];
}
