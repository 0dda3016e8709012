import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportFile } from '../export/export-plan.ts';
import type { Output } from '../export/output.ts';
import { createFile, openFile } from '../export/output-folder.ts';
import { openThreadedGzip } from '../export/threaded-gzip.ts';
import { OperatorError } from '../values/operator-error.ts';

/** Stands in the folder until the export in it is whole: which job writes it, and what was asked for. */
const noteName = '.jenner-export.json';

/** An export that a folder holds a part of; `isBare` where it has no file yet. */
export type Begun = { readonly job: string; readonly asked: string; readonly isBare: boolean };

type Noted = Omit<Begun, 'isBare'>;

/**
 * The export that the folder holds a part of; undefined where it is new or empty. Throws where it holds anything else, or
 * a part of another export than the one that is `asked` for.
 */
export async function beginFolder(folder: string, asked: string): Promise<Begun | undefined> {
  const there = await filesIn(folder);
  if (there.length === 0) return undefined;
  const begun = there.includes(noteName)
    ? readNote(await readFile(join(folder, noteName), 'utf8'))
    : undefined;
  if (!begun) throw new OperatorError(`${folder}: expected a folder that is new or empty`);
  if (begun.asked === asked) return { ...begun, isBare: there.every((name) => name.startsWith(noteName)) };
  const is = `holds a part of another export (${begun.asked || 'of all'})`;
  throw new OperatorError(
    `${folder} ${is}: the same command goes on with it; take a new folder for this one`,
  );
}

/** None where the folder is not there yet. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if ((thrown as { readonly code?: unknown }).code === 'ENOENT') return [];
    throw thrown;
  }
}

function readNote(text: string): Noted | undefined {
  try {
    const { job, asked } = JSON.parse(text) as Partial<Noted>;
    return typeof job === 'string' && typeof asked === 'string' ? { job, asked } : undefined;
  } catch {
    return undefined;
  }
}

/** On disk before anything else is, the folder too: so whatever is found there can be told what it is of. */
export async function noteBegun(folder: string, begun: Noted): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, noteName);
  const file = await open(`${path}.part`, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(begun));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

export async function forgetBegun(folder: string): Promise<void> {
  await rm(join(folder, noteName), { force: true });
}

/** Takes away what is no whole file of the export: it is written anew. */
export async function clearUnkept(folder: string, kept: readonly ExportFile[]): Promise<void> {
  const names = new Set(kept.map(({ name }) => pathOf(folder, name)));
  for (const of of [folder, join(folder, deleted)]) {
    for (const name of await readdir(of).catch(() => [])) {
      const path = join(of, name);
      const isOurs = /^[A-Za-z]\w*-\d+\.(?:ndjson\.gz|csv\.gz|parquet)(?:\.[\w-]+\.part)?$/.test(name);
      if (isOurs && !names.has(path)) await rm(path, { force: true });
    }
  }
}

const deleted = 'deleted';

/** What `jenner import` takes back lies side by side; what was deleted, which it does not take, in a folder of its own. */
function pathOf(folder: string, name: string): string {
  return name.startsWith('deletes-') ? join(folder, deleted, name) : join(folder, name);
}

export function plainFolder(folder: string, kept: readonly ExportFile[]): Output {
  const made = new Set(kept.map(({ name }) => pathOf(folder, name)));
  const pack = openThreadedGzip();
  return {
    create: async (_id, name) => {
      const of = name.startsWith('deletes-') ? join(folder, deleted) : folder;
      await mkdir(of, { recursive: true });
      made.add(pathOf(folder, name));
      return createFile(of, name, { pack });
    },
    open: (_id, name) => openFile(pathOf(folder, name)),
    // Only what this export has made.
    remove: async () => {
      for (const path of made) await rm(path, { force: true });
      await forgetBegun(folder);
    },
    list: async () => [],
  };
}
