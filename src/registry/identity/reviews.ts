import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { taskSystem } from '../../interaction/task-system.ts';
import { decisionIn } from '../../operation/decision-task.ts';
import { allOf, anyOf, type Filter } from '../../search/filter.ts';
import { reviewCode } from './review-task.ts';

const mostReviews = 100;

/**
 * What of this stands of two who are apart: that they are one stands no more, since one of them was deleted meanwhile and has come
 * back.
 */
export async function reviewsOfApart(
  system: InteractionContext,
  some: readonly string[],
  others: readonly string[],
): Promise<readonly Resource[]> {
  const reviews = await reviewsBetween(system, some, others);
  return reviews.filter((task) => decisionIn(task) !== 'same');
}

/**
 * The Tasks that ask, or asked, whether records of the one and the other are one person; not those that were closed unanswered,
 * so that a record that comes back is asked of again.
 */
export async function reviewsBetween(
  system: InteractionContext,
  some: readonly string[],
  others: readonly string[],
): Promise<readonly Resource[]> {
  const named = (param: string, ids: readonly string[]): Filter => ({
    kind: 'value',
    param,
    test: { kind: 'reference', anyOf: ids.map((id) => ({ type: 'Patient', id })) },
  });
  const code: Filter = {
    kind: 'value',
    param: 'code',
    test: { kind: 'token', anyOf: [{ system: taskSystem, code: reviewCode }] },
  };
  const eitherWay = anyOf([
    allOf([named('patient', some), named('focus', others)]),
    allOf([named('patient', others), named('focus', some)]),
  ]);
  const filter = allOf([code, eitherWay]);
  // As the pairs were written: of two records of one person each has its own.
  const query = { types: ['Task'], filter, sort: [], count: mostReviews } as const;
  const page = await system.view.search(query, 'records');
  return page.matches
    .map((match) => parseStored(match).resource)
    .filter((task) => task['status'] !== 'cancelled');
}
