import { existsSync } from 'node:fs';
import { constants, copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorError } from '../../values/operator-error.ts';
import { createProgress } from '../progress.ts';
import {
  type BackupCommand,
  describeCounts,
  inspectNamed,
  requireCounts,
  storeMember,
} from './backup-command.ts';
import { inScratchFolder, openBackup, readKey } from './backup-file.ts';
import { keptFolders } from './kept-files.ts';

export type RestoreCommand = Omit<BackupCommand, 'software'>;

/** `jenner restore FILE`: into an empty place only. A backup that is not as it was made leaves nothing behind. */
export async function runRestore(command: RestoreCommand): Promise<number> {
  const { file, store, data, clock, output, signal } = command;
  const key = await readKey(command.key);
  await requireEmpty(store.path, data);
  const started = clock.now();
  const progress = createProgress(output, clock.now);
  await mkdir(dirname(store.path), { recursive: true });
  progress.start(file, (await stat(file)).size);
  const { counts, members } = await inScratchFolder(store.path, async (folder) => {
    const archive = await openBackup(file, key, folder, (bytes) => {
      signal.throwIfAborted();
      progress.update(bytes, '');
    });
    requireCounts(file, inspectNamed(file, store.inspect, join(folder, storeMember)), archive.counts);
    await requireEmpty(store.path, data);
    await place(folder, archive.members, command);
    return archive;
  });
  progress.stop();
  const seconds = (clock.now() - started) / 1000;
  const what = describeCounts(counts, members.length - 1);
  output.write(`restored ${what} (${seconds.toFixed(1)} s): ${store.path}\n`);
  return 0;
}

async function requireEmpty(path: string, data: string): Promise<void> {
  for (const taken of [path, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(taken)) throw new OperatorError(`${taken}: is there already; ${emptyPlace}`);
  }
  for (const folder of keptFolders) {
    const root = join(data, folder);
    if (existsSync(root) && (await readdir(root)).length > 0) {
      throw new OperatorError(`${root}: holds files already; ${emptyPlace}`);
    }
  }
}

const emptyPlace = 'a backup is restored into an empty place only';

/** The store comes last: where it is, all is there. */
async function place(
  folder: string,
  members: readonly string[],
  { store, data }: RestoreCommand,
): Promise<void> {
  const placed: string[] = [];
  try {
    for (const name of members.filter((each) => each !== storeMember)) {
      const to = join(data, name);
      await mkdir(dirname(to), { recursive: true });
      await copyFile(join(folder, name), to, constants.COPYFILE_EXCL);
      placed.push(to);
      await sync(to);
    }
    await rename(join(folder, storeMember), store.path);
    await sync(dirname(store.path));
  } catch (thrown) {
    for (const path of placed) await rm(path, { force: true });
    throw thrown;
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
