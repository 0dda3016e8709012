import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/**
 * Lets everything else come first where all cores are busy: for threads whose work nobody waits for. On Linux a thread has a
 * priority of its own, which is set by its number: nice 10, with a ninth of the time of one that is not nice. Elsewhere nothing
 * happens.
 */
export function giveWay(): void {
  try {
    // A synchronous call is made by the thread itself, so that this names it.
    const [, process = '', thread = ''] =
      /^(\d+)\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
    // The first thread of a process has its number: it answers requests.
    if (thread === '' || thread === process) return;
    const { PRIORITY_BELOW_NORMAL: low } = constants.priority;
    // A command may have been begun with less yet.
    if (getPriority(Number(thread)) < low) setPriority(Number(thread), low);
  } catch {
    // What cannot be given is not needed.
  }
}
