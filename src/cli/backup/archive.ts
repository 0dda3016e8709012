import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StoreCounts } from '../../store/contract/store-counts.ts';
import { type PieceReader, readPieces } from './read-pieces.ts';
import { SealError } from './sealed-stream.ts';

/** What a backup says of itself. */
export type BackupHead = {
  readonly format: 1;
  /** When the store was copied. */
  readonly created: string;
  /** Version of Jenner that made it. */
  readonly software: string;
  readonly counts: StoreCounts;
};

/** A file to keep: its name in the backup, with slashes, and where it lies. */
export type Member = { readonly name: string; readonly path: string };

export type Archive = BackupHead & { readonly members: readonly string[] };

type FileHead = { readonly name: string; readonly bytes: number };
type End = { readonly files: number; readonly sha256: string };

/** The head, each file behind its name and length, and at the end how many there were and the hash of them all. */
export async function* packArchive(
  head: BackupHead,
  members: readonly Member[],
  progress: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  yield headOf(head);
  let done = 0;
  for (const { name, path } of members) {
    const { size } = await stat(path);
    const file: FileHead = { name, bytes: size };
    yield headOf(file);
    hash.update(name);
    let read = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      read += (chunk as Buffer).length;
      hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      progress(done);
      yield chunk as Buffer;
    }
    if (read !== size) throw new Error(`${path}: changed while it was read`);
  }
  const end: End = { files: members.length, sha256: hash.digest('hex') };
  yield headOf(end);
}

/** Writes the files of an archive below a folder. Throws when it is not whole; what was written then is of no use. */
export async function unpackArchive(
  plain: AsyncIterable<Buffer>,
  folder: string,
  progress: (bytes: number) => void,
): Promise<Archive> {
  const reader = readPieces(plain);
  const head = (await takeHead(reader)) as BackupHead;
  if (head.format !== 1) throw new SealError('it was made by a later release of Jenner');
  const hash = createHash('sha256');
  const members: string[] = [];
  for (let done = 0; ; ) {
    const next = (await takeHead(reader)) as FileHead | End;
    if ('files' in next) {
      const isWhole = next.files === members.length && next.sha256 === hash.digest('hex');
      if (!isWhole || !(await reader.isAtEnd()))
        throw new SealError('what it holds is not what was put into it');
      return { ...head, members };
    }
    members.push(requireName(next.name));
    hash.update(next.name);
    const path = join(folder, next.name);
    await mkdir(dirname(path), { recursive: true });
    const contents = takeFile(reader, next.bytes, (chunk) => {
      hash.update(chunk);
      done += chunk.length;
      progress(done);
    });
    await pipeline(
      Readable.from(contents),
      createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true }),
    );
  }
}

/** Names come from a file of somebody who had the key; still none may lead out of the folder. */
function requireName(name: string): string {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(name)) {
    throw new SealError(`it holds a file of the name "${name}"`);
  }
  return name;
}

async function* takeFile(
  reader: PieceReader,
  bytes: number,
  note: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; ) {
    const chunk = await reader.takeSome(left);
    if (chunk.length === 0) throw new SealError('what it holds is not whole');
    left -= chunk.length;
    note(chunk);
    yield chunk;
  }
}

function headOf(value: BackupHead | FileHead | End): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length, 0);
  return Buffer.concat([length, text]);
}

async function takeHead(reader: PieceReader): Promise<unknown> {
  const length = (await reader.take(4))?.readUInt32BE(0);
  const text = length === undefined ? undefined : await reader.take(length);
  if (!text) throw new SealError('what it holds is not whole');
  return JSON.parse(text.toString('utf8')) as unknown;
}
