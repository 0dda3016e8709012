import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Lets everything else come first where all cores are busy: for threads whose work nobody waits for. On Linux a thread has a
 * priority of its own, which is set by its number; elsewhere nothing happens.
 */
export function giveWay(): void {
  try {
    // A synchronous call is made by the thread itself, so that this names it.
    const [, process = '', thread = ''] =
      /^(\d+)\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
    // The first thread of a process has its number: it answers requests.
    if (thread !== '' && thread !== process) setPriority(Number(thread), niceness);
  } catch {
    // What cannot be given is not needed.
  }
}

/** As nice(1) has it: such a thread gets a third of the time of one that is not nice. */
const niceness = 5;
