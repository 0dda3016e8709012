import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../values/operator-error.ts';

/** The folder of package.json: what ships lies beside dist/. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

const documents = new Map<string, readonly unknown[]>();

/** The JSON files of a folder of the package, subfolders included, in the order of their names. They are read once. */
export function shippedDocuments(
  folder: 'hl7v2/mapping' | 'profiles' | 'search-params' | 'terminology' | 'views',
): readonly unknown[] {
  const known = documents.get(folder);
  if (known) return known;
  const path = join(packageRoot, folder);
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  const read = names.sort().map((name) => readJson(join(path, name)));
  documents.set(folder, read);
  return read;
}

/** Throws an Error that names the file. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    const hint = existsSync(path) ? '' : ' (npm run build makes it)';
    throw new OperatorError(`${path}: ${cause instanceof Error ? cause.message : cause}${hint}`, { cause });
  }
}

/** Opens a thing when it is first asked for, and only then. */
export function once<Value>(open: () => Value): () => Value {
  let opened: Value | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}
