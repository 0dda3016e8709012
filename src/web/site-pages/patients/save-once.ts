import { doOnceOr } from '../../site/failed-save.ts';
import type { SessionNotes } from '../../site/page-door.ts';
import type { Answer } from '../../site/site-page.ts';
import type { FormFault } from './form-fault.ts';
import type { Chart } from './load-chart.ts';
import type { Saved } from './saved-doses.ts';

type Sent = {
  readonly chart: Chart;
  readonly once: string;
  /** Where it leads when it is saved; the chart when absent. */
  readonly next?: string;
};

/**
 * Saves what a form holds once, and leads to the chart with "Undo". Whoever goes back and saves again finds the form used;
 * where it was refused the form is shown as it was typed, and may be sent again.
 */
export async function saveOnce(
  notes: SessionNotes,
  { chart: { id }, once, next }: Sent,
  save: () => Promise<Saved>,
  draw: (faults: readonly FormFault[], once: string) => Answer,
): Promise<Answer> {
  const chart = `/app/patients/${id}`;
  const work = async () => `${next ?? `${chart}?`}saved=${await notes.keep(await save())}`;
  const done = await doOnceOr(notes, once, work);
  if ('fault' in done) return draw([done.fault], once);
  if (done.kind === 'unknown') {
    return draw([{ field: 'content', key: 'save.form-old' }], await notes.keep({ doses: 'new' }));
  }
  return { kind: 'go', to: done.kind === 'done' ? done.to : `${chart}?again=1` };
}
