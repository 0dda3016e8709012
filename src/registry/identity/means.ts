import type { InteractionContext } from '../../interaction/context.ts';
import { formatInstant } from '../../values/instant.ts';
import type { Matcher } from './matcher.ts';
import type { Means } from './regroup.ts';

export function meansOf({ newId, clock }: InteractionContext, { compare }: Matcher): Means {
  return { newId, now: () => formatInstant(clock.now()), likeness: (a, b) => compare(a, b).points };
}
