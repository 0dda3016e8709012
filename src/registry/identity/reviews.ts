import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { taskSystem } from '../../interaction/task-system.ts';
import { allOf, anyOf, type Filter } from '../../search/filter.ts';
import { reviewCode } from './review-task.ts';

const mostReviews = 100;

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
  const page = await system.view.search({ types: ['Task'], filter, sort: [], count: mostReviews });
  return page.matches
    .map((match) => parseStored(match).resource)
    .filter((task) => task['status'] !== 'cancelled');
}
