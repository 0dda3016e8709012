import { constants, getPriority, setPriority } from 'node:os';

/**
 * Long work of a command comes after what a server on the same machine is asked: below normal (nice 10), for this thread and
 * all that begin after it. Who has started it with less yet is left so.
 */
export function giveWay(): void {
  const { PRIORITY_BELOW_NORMAL: low } = constants.priority;
  if (getPriority() < low) setPriority(low);
}
