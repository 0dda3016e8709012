import { Problem } from '../../fhir/problem.ts';
import { wasRefused } from '../../interaction/store-problem.ts';
import type { TextKey } from '../translate.ts';
import { doOnce, type Once } from './do-once.ts';
import type { SessionNotes } from './page-door.ts';

/** Why a form was not saved, as its page tells it: above it, since it is of no field. */
type FailedSave = {
  readonly field: 'content';
  readonly key: TextKey;
  readonly values?: Readonly<Record<string, string>>;
};

/** Somebody else was faster, or the registry cannot take it now. */
const passing: readonly number[] = [408, 409, 412, 429, 503];

/**
 * What the registry cannot take now, or will not take as it is. Undefined of what the page of failures tells: who may not
 * write, what is not there, and what broke.
 */
function failedSave(thrown: unknown): FailedSave | undefined {
  if (!(thrown instanceof Problem) || [401, 403, 404, 410].includes(thrown.status)) return undefined;
  if (!wasRefused(thrown)) return { field: 'content', key: 'save.unknown' };
  if (passing.includes(thrown.status)) return { field: 'content', key: 'save.busy' };
  return { field: 'content', key: 'save.refused', values: { why: thrown.message } };
}

/** The same as `doOnce`, with what a page tells of a failure. */
export async function doOnceOr(
  notes: SessionNotes,
  id: string,
  work: () => Promise<string>,
): Promise<Once | { readonly fault: FailedSave }> {
  try {
    return await doOnce(notes, id, work);
  } catch (thrown) {
    const fault = failedSave(thrown);
    if (fault) return { fault };
    throw thrown;
  }
}
