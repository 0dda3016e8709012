import { Problem } from '../../../fhir/problem.ts';
import { wasRefused } from '../../../interaction/store-problem.ts';
import { doOnce } from '../../site/do-once.ts';
import type { SessionNotes } from '../../site/page-door.ts';
import type { Answer } from '../../site/site-page.ts';
import type { FormFault } from './form-fault.ts';
import type { Chart } from './load-chart.ts';
import type { Saved } from './saved-doses.ts';

type Sent = { readonly chart: Chart; readonly once: string };

/**
 * Saves what a form holds once, and leads to the chart with "Undo". Whoever goes back and saves again finds the form used;
 * where it was refused the form is shown as it was typed, and may be sent again.
 */
export async function saveOnce(
  notes: SessionNotes,
  { chart: { id }, once }: Sent,
  save: () => Promise<Saved>,
  draw: (faults: readonly FormFault[], once: string) => Answer,
): Promise<Answer> {
  const chart = `/app/patients/${id}`;
  try {
    const done = await doOnce(notes, once, async () => `${chart}?saved=${await notes.keep(await save())}`);
    if (done.kind === 'unknown') {
      return draw([{ field: 'content', key: 'doses.form-old' }], await notes.keep({ doses: 'new' }));
    }
    return { kind: 'go', to: done.kind === 'done' ? done.to : `${chart}?again=1` };
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (!fault) throw thrown;
    return draw([fault], once);
  }
}

/** What the registry cannot take now, or will not take as it is; who may not write is told so by the page of failures. */
function faultOf(thrown: unknown): FormFault | undefined {
  if (!(thrown instanceof Problem) || thrown.status === 403) return undefined;
  if (!wasRefused(thrown)) return { field: 'content', key: 'doses.unknown' };
  const isBusy = [408, 409, 412, 429, 503].includes(thrown.status);
  if (isBusy) return { field: 'content', key: 'doses.not-saved' };
  return { field: 'content', key: 'doses.refused', values: { why: thrown.message } };
}
