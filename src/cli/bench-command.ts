import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OperatorError } from '../values/operator-error.ts';

/** `jenner bench NAME`: the script of that name in the folder. */
export async function runBench(folder: string, name: string, args: readonly string[]): Promise<number> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new OperatorError(`bench ${name}: no such bench`);
  const script = join(folder, `${name}.mjs`);
  if (!existsSync(script)) {
    throw new OperatorError(
      `bench ${name}: no such bench; there are access, audit, block, bulk, dedupe, forecast, hl7v2, import, matching, rest, store, token, turns, validate, web`,
    );
  }
  const { run } = (await import(pathToFileURL(script).href)) as Bench;
  await run(args);
  return 0;
}

type Bench = { readonly run: (args: readonly string[]) => Promise<void> };
