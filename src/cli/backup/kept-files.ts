import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Member } from './archive.ts';

/** Folders of JENNER_DATA that no one can make again. */
export const keptFolders = ['keys', 'schedules'] as const;

export type KeptFiles = {
  readonly members: readonly Member[];
  /** Paths of what lies there and cannot be kept: sockets, links that lead nowhere or to a folder elsewhere. */
  readonly leftOut: readonly string[];
};

/** The files below the kept folders, and those that links there lead to. */
export async function findKeptFiles(data: string): Promise<KeptFiles> {
  const members: Member[] = [];
  const leftOut: string[] = [];
  for (const folder of keptFolders) {
    const root = join(data, folder);
    for (const [path, kind] of existsSync(root) ? await entriesIn(root) : []) {
      if (kind === 'left out') leftOut.push(path);
      if (kind !== 'file') continue;
      members.push({ name: `${folder}${path.slice(root.length)}`.replaceAll('\\', '/'), path });
    }
  }
  return { members: members.sort((a, b) => (a.name < b.name ? -1 : 1)), leftOut: leftOut.sort() };
}

type Kind = 'file' | 'kept elsewhere' | 'left out';

async function entriesIn(root: string): Promise<readonly (readonly [string, Kind])[]> {
  const within = `${await realpath(root)}${sep}`;
  const found: [string, Kind][] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory()) found.push([path, await kindOf(path, within)]);
  }
  return found;
}

/** Kubernetes mounts a secret as links to files in a folder that another link beside them leads to. */
async function kindOf(path: string, within: string): Promise<Kind> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return 'file';
  const isFolder = found?.isDirectory() === true;
  return isFolder && (await realpath(path)).startsWith(within) ? 'kept elsewhere' : 'left out';
}
