import { setTimeout as sleep } from 'node:timers/promises';
import { wasRefused } from '../../interaction/store-problem.ts';
import type { SessionNotes } from './page-door.ts';

/** What became of a form that is good once. */
export type Once =
  /** It is done now, or was before: where that leads. */
  | { readonly kind: 'done' | 'before'; readonly to: string }
  /** Nobody knows of the form, or how it ended. */
  | { readonly kind: 'unknown' };

/** What is noted of a form that was sent, by the id that it has. */
type Sent = { readonly doing: true } | { readonly to: string } | { readonly lost: true };

/** Milliseconds that somebody who presses twice waits for the first press, and between two looks. */
const patience = { most: 5000, step: 50 } as const;

/**
 * Does the work of a form once, and remembers where it led: whoever sends it again is led there too. Where it was refused,
 * nothing of it is kept, and the form is good again; where nobody knows whether it was kept it stays used, since a second
 * time might be one too many.
 */
export async function doOnce(notes: SessionNotes, id: string, work: () => Promise<string>): Promise<Once> {
  if (sentIn(await notes.read(id))) return endOf(notes, id);
  const note = await notes.take(id);
  if (note === undefined || sentIn(note)) return endOf(notes, id);
  const tell = (sent: Sent) => notes.putBack(id, sent);
  await tell({ doing: true });
  try {
    const to = await work();
    await tell({ to });
    return { kind: 'done', to };
  } catch (thrown) {
    await (wasRefused(thrown) ? notes.putBack(id, note) : tell({ lost: true }));
    throw thrown;
  }
}

/** Whether a form was sent before, however it ended. */
export async function isSent(notes: SessionNotes, id: string): Promise<boolean> {
  return sentIn(await notes.read(id)) !== undefined;
}

function sentIn(note: unknown): Sent | undefined {
  if (typeof note !== 'object' || note === null) return undefined;
  return 'doing' in note || 'to' in note || 'lost' in note ? (note as Sent) : undefined;
}

/** How the first of two ended. Between taking the form and noting that it is worked on nothing is there for a moment. */
async function endOf(notes: SessionNotes, id: string): Promise<Once> {
  for (let waited = 0; waited < patience.most; waited += patience.step) {
    const sent = sentIn(await notes.read(id));
    if (sent && 'to' in sent) return { kind: 'before', to: sent.to };
    if (sent && 'lost' in sent) break;
    if (!sent && waited > patience.step * 4) break;
    await sleep(patience.step);
  }
  return { kind: 'unknown' };
}
