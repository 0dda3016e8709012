import { existsSync } from 'node:fs';
import { link, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreCounts } from '../../store/contract/store-counts.ts';
import type { Clock } from '../../values/clock.ts';
import { formatInstant } from '../../values/instant.ts';
import { OperatorError } from '../../values/operator-error.ts';
import { createProgress } from '../progress.ts';
import { type Member, packArchive } from './archive.ts';
import { inScratchFolder, openBackup, partIsThere, readKey, writeWhole } from './backup-file.ts';
import { findKeptFiles } from './kept-files.ts';
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

/**
 * `jenner backup FILE`: beside a running server. The file is there whole, or not at all. Answers the exit code: 1 when
 * something that lies beside the keys and schedules could not be kept.
 */
export async function runBackup(command: BackupCommand): Promise<number> {
  const { file, store, clock, output, signal } = command;
  const key = await readKey(command.key);
  if (existsSync(file)) throw new OperatorError(`${file}: is there already; a new file was expected`);
  if (existsSync(`${file}.part`)) throw partIsThere(`${file}.part`);
  const kept = await findKeptFiles(command.data);
  const started = clock.now();
  const progress = createProgress(output, clock.now);
  const counts = await inScratchFolder(store.path, async (folder) => {
    const copy = join(folder, storeMember);
    progress.start('copying the store', 1000);
    await store.copy(copy, (done, total) => progress.update(Math.round((1000 * done) / total), ''));
    progress.stop();
    signal.throwIfAborted();
    const found = inspectNamed(store.path, store.inspect, copy);
    const head = {
      format: 1,
      created: formatInstant(started),
      software: command.software,
      counts: found,
    } as const;
    const members = [{ name: storeMember, path: copy }, ...kept.members];
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
  for (const path of kept.leftOut) output.write(`left out: ${path} (no file, nor a link to one)\n`);
  return kept.leftOut.length > 0 ? 1 : 0;
}

/** A copy that is judged lies where nobody finds it afterwards: what is wrong is said of what it was made from. */
export function inspectNamed(name: string, inspect: StoreFile['inspect'], copy: string): StoreCounts {
  try {
    return inspect(copy);
  } catch (cause) {
    if (!(cause instanceof OperatorError)) throw cause;
    throw new OperatorError(`${name}: ${cause.message}`, { cause });
  }
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
    requireCounts(file, inspectNamed(file, command.inspect, join(folder, storeMember)), opened.counts);
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

async function bytesOf(members: readonly Member[]): Promise<number> {
  let bytes = 0;
  for (const { path } of members) bytes += (await stat(path)).size;
  return bytes;
}
