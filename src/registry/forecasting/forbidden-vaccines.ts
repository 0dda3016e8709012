import type { VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** Whether a vaccine must not be given to a person, or has a part that must not: a combination is no way round it. */
export function forbiddenBy(
  forecasts: readonly VaccineGroupForecast[],
  { antigensOf }: Pick<KnowledgeBase, 'antigensOf'>,
): (cvx: string) => boolean {
  const vaccines = new Set<string>(forecasts.flatMap((each) => each.contraindicatedVaccines));
  const antigens = new Set(
    forecasts
      .filter(({ status }) => status === 'Contraindicated')
      .flatMap((each) => each.antigens.filter((one) => !each.antigensNeeded.includes(one))),
  );
  return (cvx) => vaccines.has(cvx) || (antigensOf(cvx) ?? []).some((one) => antigens.has(one));
}
