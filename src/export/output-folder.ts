import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Output, type OutputFile, OutputFullError, type StoredFile, safeName } from './output.ts';
import { type PackedFile, packInto } from './pack.ts';
import { openThreadedGzip } from './threaded-gzip.ts';

export type OutputFolderOptions = {
  readonly path: string;
  /** Of zlib; higher is smaller and slower. */
  readonly level?: number;
};

/** What is read at once. */
const chunkSize = 256 * 1024;
/** Of a file that is not whole. */
const unfinished = '.part';

/** A folder for each export, `0700`: what lies there is the health data of many. */
export function openOutputFolder({ path, level }: OutputFolderOptions): Output {
  const pack = openThreadedGzip();
  return {
    create: async (id, name) => {
      const folder = join(path, safeName(id));
      await full(mkdir(folder, { recursive: true, mode: 0o700 }));
      return createFile(folder, safeName(name), { pack, level });
    },
    open: (id, name) => openFile(join(path, safeName(id), safeName(name))),
    remove: (id) => rm(join(path, safeName(id)), { recursive: true, force: true }),
    list: () => listFolders(path),
  };
}

/** In a folder that is there. */
export async function createFile(
  folder: string,
  name: string,
  packed: Omit<PackedFile, 'name'>,
): Promise<OutputFile> {
  const path = join(folder, name);
  // Whoever lost the job to another must not harm what the other writes.
  const part = `${path}.${randomUUID()}${unfinished}`;
  const file = await full(open(part, 'w', 0o600));
  const packing = packInto((bytes) => writeWhole(file, bytes), { name, ...packed });
  return {
    write: (bytes) => full(packing.write(bytes)),
    finish: async () => {
      const bytes = await full(packing.end());
      await full(file.sync());
      await file.close();
      await rename(part, path);
      await syncFolder(folder);
      return bytes;
    },
    abandon: async () => {
      await packing.stop();
      await file.close().catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at);
    at += bytesWritten;
  }
}

/** A rename is on disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const noRoom: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

async function full<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    if (!noRoom.has(codeOf(cause))) throw cause;
    throw new OutputFullError('the disk has no room for the files of the export', { cause });
  }
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { readonly code?: unknown } | null)?.code;
}

/** Undefined where there is none. */
export async function openFile(path: string): Promise<StoredFile | undefined> {
  const found = await ifThere(stat(path));
  if (!found?.isFile()) return undefined;
  return {
    bytes: found.size,
    read: (range) =>
      createReadStream(path, {
        highWaterMark: chunkSize,
        ...(range && { start: range.first, end: range.last }),
      }),
  };
}

async function listFolders(path: string): ReturnType<Output['list']> {
  const names = (await ifThere(readdir(path))) ?? [];
  const found = await Promise.all(
    names.map(async (id) => ({ id, touched: (await ifThere(stat(join(path, id))))?.mtimeMs })),
  );
  return found.flatMap(({ id, touched }) => (touched === undefined ? [] : [{ id, touched }]));
}

async function ifThere<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}
