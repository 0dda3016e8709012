import type { Asked } from '../registry/ehr-record/ask-forecast.ts';
import { cvxOf, type Row, rowsOf, verdictOn } from '../registry/ehr-record/read-answer.ts';
import { type Card, cardOf, cardsOfDue, shortened } from './cards.ts';
import type { OrderedVaccine } from './ordered-vaccines.ts';
import type { Told } from './told.ts';

/**
 * What is to be told of the vaccines that are selected: that one must not be given, or would not count today; then what else
 * is due. None where no vaccine is selected: who orders something else is not held up. `before` is the forecast without the
 * orders, `asked` of `told` the one with them.
 */
export function cardsOfOrders(
  told: Told,
  before: Asked,
  ordered: readonly OrderedVaccine[],
): readonly Card[] {
  if (!ordered.some(({ isSelected }) => isSelected)) return [];
  const rows = rowsOf(before);
  const verdicts = ordered.flatMap((one, i) =>
    one.isSelected ? judge(told, rows, one, told.asked.orderIds[i] ?? '') : [],
  );
  return [...verdicts, ...cardsOfDue(told)];
}

function judge(
  told: Told,
  rows: readonly Row[],
  { cvx, name, isScheduled }: OrderedVaccine,
  id: string,
): readonly Card[] {
  const forbidding = rows.filter(({ forbidden }) => forbidden.some((one) => cvxOf(one) === cvx));
  if (forbidding.length > 0) {
    const groups = forbidding.map(({ group }) => group);
    const because = [...new Set(forbidding.flatMap((row) => row.because))];
    const lines = [
      `${name} must not be given to this person: ${groups.join(', ')}.`,
      ...(because.length > 0 ? [`On record: ${because.join('; ')}.`] : []),
    ];
    return [cardOf(told, { summary: shortened('Contraindicated: ', [name]), lines, indicator: 'critical' })];
  }
  const verdict = verdictOn(told.asked, id);
  if (!isScheduled || verdict === 'counts' || verdict === undefined) return [];
  const why = verdict.length === 0 ? 'it is not needed, or not for this age' : verdict.join(', ');
  const lines = [`${name}, given today, would not count: ${why}.`, ...earliestOf(rows, cvx)];
  return [
    cardOf(told, { summary: shortened('Would not count today: ', [name]), lines, indicator: 'warning' }),
  ];
}

/** From when on it may be given, where a group names the vaccine. */
function earliestOf(rows: readonly Row[], cvx: string): readonly string[] {
  return rows
    .filter(({ vaccines, earliest }) => earliest !== undefined && vaccines.some((one) => cvxOf(one) === cvx))
    .map(({ group, earliest }) => `${group} may be given from ${earliest} on.`);
}
