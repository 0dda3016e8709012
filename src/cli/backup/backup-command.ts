import { existsSync } from 'node:fs';
import { link, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreCounts } from '../../store/contract/store-counts.ts';
import type { Clock } from '../../values/clock.ts';
import { formatInstant } from '../../values/instant.ts';
import { OperatorError } from '../../values/operator-error.ts';
import { createProgress } from '../progress.ts';
import { type Member, packArchive } from './archive.ts';
import { inScratchFolder, openBackup, readKey, writeWhole } from './backup-file.ts';
import { seal } from './sealed-stream.ts';

/** What a backup does with a store that is one file. */
export type StoreFile = {
  readonly path: string;
  /** The store as it is at one moment, into a new file. */
  readonly copy: (to: string, progress: (done: number, total: number) => void) => Promise<void>;
  /** Throws when a copy is damaged. */
  readonly inspect: (path: string) => StoreCounts;
};

export type BackupCommand = {
  readonly file: string;
  /** Path of the key file. */
  readonly key: string;
  readonly store: StoreFile;
  /** JENNER_DATA: its keys and schedules are kept too. */
  readonly data: string;
  readonly software: string;
  readonly clock: Clock;
  readonly output: NodeJS.WriteStream;
  /** Aborted when the operator wants no more. */
  readonly signal: AbortSignal;
};

/** Name of the store in a backup. */
export const storeMember = 'store.sqlite';
/** Folders of JENNER_DATA that no one can make again. */
export const keptFolders = ['keys', 'schedules'] as const;

/** `jenner backup FILE`: beside a running server. The file is there whole, or not at all. */
export async function runBackup(command: BackupCommand): Promise<number> {
  const { file, store, clock, output, signal } = command;
  const key = await readKey(command.key);
  if (existsSync(file)) throw new OperatorError(`${file}: is there already; a new file was expected`);
  const started = clock.now();
  const progress = createProgress(output, clock.now);
  const counts = await inScratchFolder(store.path, async (folder) => {
    const copy = join(folder, storeMember);
    progress.start('copying the store', 1000);
    await store.copy(copy, (done, total) => progress.update(Math.round((1000 * done) / total), ''));
    progress.stop();
    signal.throwIfAborted();
    const found = store.inspect(copy);
    const head = {
      format: 1,
      created: formatInstant(started),
      software: command.software,
      counts: found,
    } as const;
    const members = [{ name: storeMember, path: copy }, ...(await keptFiles(command.data))];
    progress.start(file, await bytesOf(members));
    const plain = packArchive(head, members, (bytes) => {
      signal.throwIfAborted();
      progress.update(bytes, '');
    });
    await writeWhole(`${file}.part`, seal(plain, key));
    progress.stop();
    return { ...found, files: members.length - 1 };
  });
  await giveName(file);
  const seconds = (clock.now() - started) / 1000;
  output.write(`backed up ${describeCounts(counts, counts.files)} (${seconds.toFixed(1)} s): ${file}\n`);
  return 0;
}

/** A rename would replace what another process has put there meanwhile. */
async function giveName(file: string): Promise<void> {
  try {
    await link(`${file}.part`, file);
  } finally {
    await rm(`${file}.part`, { force: true });
  }
}

export type CheckCommand = Pick<BackupCommand, 'file' | 'key' | 'clock' | 'output' | 'signal'> &
  Pick<StoreFile, 'inspect'>;

/** `jenner backup --check FILE`: opens all of it, and looks whether the store in it is whole and holds what it says. */
export async function checkBackup(command: CheckCommand): Promise<number> {
  const { file, output, clock, signal } = command;
  const key = await readKey(command.key);
  const progress = createProgress(output, clock.now);
  progress.start(file, (await stat(file)).size);
  const archive = await inScratchFolder(file, async (folder) => {
    const opened = await openBackup(file, key, folder, (bytes) => {
      signal.throwIfAborted();
      progress.update(bytes, '');
    });
    requireCounts(file, command.inspect(join(folder, storeMember)), opened.counts);
    return opened;
  });
  progress.stop();
  const { counts, members, created, software } = archive;
  const what = describeCounts(counts, members.length - 1);
  output.write(`${file} is whole: ${what}, of ${created}, by Jenner ${software}\n`);
  return 0;
}

export function requireCounts(file: string, found: StoreCounts, said: StoreCounts): void {
  const isSame = Object.entries(found).every(([name, count]) => said[name as keyof StoreCounts] === count);
  if (isSame) return;
  throw new OperatorError(
    `${file}: the store in it holds ${describeCounts(found, 0)}, not ${describeCounts(said, 0)}`,
  );
}

export function describeCounts({ resources, versions, records }: StoreCounts, files: number): string {
  const others = files > 0 ? `, ${files} files of keys and schedules` : '';
  return `${resources} resources in ${versions} versions, ${records} records${others}`;
}

async function keptFiles(data: string): Promise<readonly Member[]> {
  const members: Member[] = [];
  for (const folder of keptFolders) {
    const root = join(data, folder);
    if (!existsSync(root)) continue;
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      members.push({ name: `${folder}${path.slice(root.length)}`.replaceAll('\\', '/'), path });
    }
  }
  return members.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function bytesOf(members: readonly Member[]): Promise<number> {
  let bytes = 0;
  for (const { path } of members) bytes += (await stat(path)).size;
  return bytes;
}
