import type { InteractionContext } from './context.ts';

/** So many are read to tell of them where they are only counted. */
export const fewCounted = 100;

/**
 * Whether a count tells something of each of those that it counts, such as that one person has a code: the audit then names
 * them as if they were shown.
 */
export function tellsOfEach({ trail }: Pick<InteractionContext, 'trail'>, total: number): boolean {
  return trail !== undefined && total > 0 && total <= fewCounted;
}
