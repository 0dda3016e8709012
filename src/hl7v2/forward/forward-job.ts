import { setTimeout as sleep } from 'node:timers/promises';
import type { JobKind, JobWork } from '../../job/job-work.ts';
import type { Store, StoreRecord } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import { messageCollection, textsIn } from '../kept/kept-message.ts';
import { bury, countTry, nextWaiting, settle, waitingIn } from './outbox.ts';
import type { Delivery } from './soap-client.ts';

/** One at a time on a store: the messages go in their order. */
export const forwardJobId = 'hl7v2-forward';

export type ForwardOptions = {
  readonly store: Pick<Store, 'listRecords' | 'writeRecords' | 'readRecord'>;
  readonly clock: Clock;
  readonly deliver: (message: string, signal: AbortSignal) => Promise<Delivery>;
  /** Told of what does not arrive; no data of anybody. */
  readonly warn: (text: string) => void;
  readonly pauses?: Pauses;
};

/** Milliseconds before the same message is sent again: twice as long each time. */
type Pauses = { readonly first: number; readonly longest: number };

const usualPauses: Pauses = { first: 1000, longest: 5 * 60_000 };
/** So often a message that is answered AR is sent again: the other side says that it is no matter of its content. */
const mostTries = 5;

/**
 * Sends on what waits, one after another, until nothing does. While the other side cannot be reached all wait; what it
 * does not take is put aside, and the next one goes.
 */
export function forwardJob(options: ForwardOptions): JobKind {
  return { kind: 'hl7v2-forward', resumes: true, run: (work) => forwardAll(options, work) };
}

async function forwardAll(options: ForwardOptions, work: JobWork) {
  const { store } = options;
  const counts = { sent: 0, dead: 0 };
  let failures = 0;
  for (let record = await nextWaiting(store); record; record = await nextWaiting(store)) {
    const became = await forwardOne(options, record, work.signal);
    if (became === 'again') failures++;
    else {
      failures = 0;
      counts[became]++;
    }
    work.progress({ done: counts.sent + counts.dead, note: 'messages' });
    if (failures > 0) await pause(options.pauses ?? usualPauses, failures, work.signal);
  }
  return counts;
}

async function pause({ first, longest }: Pauses, failures: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.min(longest, first * 2 ** (failures - 1)), undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}

async function forwardOne(
  options: ForwardOptions,
  record: StoreRecord,
  signal: AbortSignal,
): Promise<'sent' | 'dead' | 'again'> {
  const { store, clock, deliver, warn } = options;
  const { id, tries } = waitingIn(record);
  const dead = async (reason: string) => {
    warn(`a message could not be sent on (DocumentReference/${id}): ${reason}`);
    await bury(store, record, { id, reason, at: clock.now() });
    return 'dead' as const;
  };
  const kept = await store.readRecord(messageCollection, id);
  if (!kept) return dead('its text is kept no longer');
  const delivery = await deliver(textsIn(kept).message, signal);
  switch (delivery.kind) {
    case 'refused':
      return dead(delivery.reason);
    case 'unreachable':
      warn(`messages cannot be sent on at present: ${delivery.reason}`);
      return 'again';
    case 'answered':
      if (delivery.code === 'AA') {
        await settle(store, record);
        return 'sent';
      }
      if (delivery.code === 'AE' || tries + 1 >= mostTries) return dead(toldIn(delivery));
      await countTry(store, record);
      return 'again';
  }
}

/** What an acknowledgement tells people: its errors (ERR-8), without what they quote of the message. */
function toldIn({ code, answer }: Extract<Delivery, { kind: 'answered' }>): string {
  const errors = answer.split(/[\r\n]+/).filter((segment) => /^ERR\|(?:[^|]*\|){3}E\|/.test(segment));
  const places = errors
    .map((segment) => segment.split('|'))
    .map((err) => `${err[3]?.split('^')[0]} at ${err[2]}`);
  return `it was answered ${code}${places.length > 0 ? `: ${places.slice(0, 10).join(', ')}` : ''}`;
}
