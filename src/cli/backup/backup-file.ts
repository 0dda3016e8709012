import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorError } from '../../values/operator-error.ts';
import { describeFileFailure } from '../describe-failure.ts';
import { type Archive, unpackArchive } from './archive.ts';
import { SealError, unseal } from './sealed-stream.ts';

/** A key shorter than this can be guessed. */
const leastKeyBytes = 32;

/** What a backup is sealed by: the content of a file that the operator keeps elsewhere. */
export async function readKey(path: string): Promise<Buffer> {
  const key = await readFile(path).catch((cause: unknown) => {
    throw new OperatorError(`--key ${describeFileFailure(path, cause)}`, { cause });
  });
  if (key.length >= leastKeyBytes) return key;
  const how = "'openssl rand -hex 32 > FILE' makes one";
  throw new OperatorError(`--key ${path}: at least ${leastKeyBytes} bytes were expected; ${how}`);
}

/** Works in a folder that only this user may read and that is gone afterwards: unsealed, a backup is a registry. */
export async function inScratchFolder<Result>(
  beside: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(dirname(beside), '.jenner-backup-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens a backup below a folder. Throws an OperatorError that names it when anything about it is wrong. */
export async function openBackup(
  file: string,
  key: Buffer,
  folder: string,
  progress: (bytes: number) => void,
): Promise<Archive> {
  try {
    const sealed: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: 1024 * 1024 });
    return await unpackArchive(unseal(sealed, key), folder, progress);
  } catch (cause) {
    if (cause instanceof SealError) throw new OperatorError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

export function partIsThere(path: string): OperatorError {
  const whose = 'another backup is being made, or one was broken off';
  return new OperatorError(`${path}: is there already: ${whose}; if none runs, remove it`);
}

/** Makes a file that must not be there yet, whole or not at all, and on the disk. */
export async function writeWhole(path: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const handle = await open(path, 'wx', 0o600).catch((thrown: NodeJS.ErrnoException) => {
    throw thrown.code === 'EEXIST' ? partIsThere(path) : thrown;
  });
  try {
    for await (const chunk of chunks) await writeAll(handle, chunk);
    await handle.sync();
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let from = 0; from < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, from);
    from += bytesWritten;
  }
}
