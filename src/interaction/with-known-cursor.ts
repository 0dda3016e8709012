import { Problem } from '../fhir/problem.ts';
import { InvalidCursorError } from '../store/contract/store.ts';

/** Asks the store for a page; a cursor that it did not make is the client's mistake, not ours. */
export async function withKnownCursor<Page>(ask: () => Promise<Page>): Promise<Page> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof InvalidCursorError)) throw cause;
    throw new Problem('invalid-parameter', '_cursor is none of this search; follow the links of its pages', {
      cause,
    });
  }
}
