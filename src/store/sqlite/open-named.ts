import { OperatorError } from '../../values/operator-error.ts';

/** What SQLite and the system say of a file does not always say of which. Throws an OperatorError that does. */
export async function openNamed<Opened>(path: string, open: () => Opened | Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(`${path} cannot be opened as a SQLite store: ${reason}`, { cause });
  }
}
