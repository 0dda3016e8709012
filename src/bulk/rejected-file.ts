import { type FileHandle, mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Problem } from '../fhir/problem.ts';
import { OperatorError } from '../values/operator-error.ts';

export type RejectedFile = {
  /**
   * Keeps what was refused, with the number of its line or entry and the reason; its text where the source does not
   * hold it by itself. The file is made when the first one comes. Throws when the room for it is used up.
   */
  readonly write: (line: number, text: string | undefined, problem: Problem) => Promise<void>;
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** So much was refused that there is no room to keep it. */
export class RejectedRoomError extends OperatorError {
  override readonly name = 'RejectedRoomError';
}

/** Bytes that all that is refused in one import may still take. */
export type RejectedRoom = { left: number };

/** Whatever the disk has. */
const mostRoom = 1024 ** 3;
/** Of what is free: 1 in so many. */
const roomShare = 10;

/** What an import may fill with what it refuses. */
export async function findRejectedRoom(directory: string): Promise<RejectedRoom> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  return { left: Math.min(mostRoom, Math.floor((bavail * bsize) / roomShare)) };
}

export type RejectedOptions = {
  readonly source: string;
  readonly directory: string;
  readonly room: RejectedRoom;
  /** An import that goes on keeps what was refused up to this line; one from the beginning keeps nothing. */
  readonly done: number;
};

/** Each source has its file, which an import from the beginning writes anew. */
export async function openRejectedFile(options: RejectedOptions): Promise<RejectedFile> {
  const { directory, room } = options;
  const source = resolve(options.source);
  const path = await findName(directory, source);
  if (options.done > 0) await keepUpTo(path, options.done);
  else await rm(path, { force: true });
  let handle: Promise<FileHandle> | undefined;
  const ensure = () => {
    handle ??= open(path, 'a');
    return handle;
  };
  return {
    write: async (line, text, problem) => {
      const issues = problem.issues.map(({ text: reason, expression }) => ({ reason, expression }));
      const written = `${JSON.stringify({ source, line, reason: problem.message, issues, text })}\n`;
      room.left -= Buffer.byteLength(written);
      if (room.left < 0) throw new RejectedRoomError(`${options.source}: ${noRoom}`);
      const file = await ensure();
      await file.appendFile(written);
    },
    flush: async () => {
      await (await handle)?.sync();
    },
    close: async () => {
      await (await handle)?.close();
    },
  };
}

const noRoom =
  'so much was refused that there is no room to keep it (1 GiB, or a tenth of what is free on the disk); its import stops';

/** The name that this source has, or the shortest that is free: files of different folders may have one name. */
async function findName(directory: string, source: string): Promise<string> {
  const whole = basename(source);
  const short = whole.replace(/\.(ndjson|jsonl|json)(\.gz)?$/i, '');
  let free: string | undefined;
  for (let count = 0; ; count++) {
    const name = count === 0 ? short : `${whole}${count > 1 ? `.${count}` : ''}`;
    const path = join(directory, `${name}.rejected.ndjson`);
    const of = await sourceOf(path);
    if (of === source) return path;
    if (of !== undefined) continue;
    free ??= path;
    if (count > 0) return free;
  }
}

/** The source whose refused lines the file holds; undefined where there is no file, empty where it does not say. */
async function sourceOf(path: string): Promise<string | undefined> {
  try {
    for await (const { source } of readRejected(path)) return source ?? '';
    return '';
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

type Rejected = { readonly source?: string; readonly line: number; readonly written: string };

async function* readRejected(path: string): AsyncGenerator<Rejected> {
  const file = await open(path);
  try {
    for await (const written of file.readLines({ autoClose: false })) {
      const parsed = parseRejected(written);
      if (parsed) yield { ...parsed, written };
    }
  } finally {
    await file.close();
  }
}

/** Undefined for a line that a kill cut off. */
function parseRejected(written: string): Omit<Rejected, 'written'> | undefined {
  try {
    return JSON.parse(written) as Rejected;
  } catch {
    return undefined;
  }
}

/** What comes after the checkpoint is tried again, and would stand there twice. */
async function keepUpTo(path: string, done: number): Promise<void> {
  if ((await sourceOf(path)) === undefined) return;
  const kept = await open(`${path}.new`, 'w');
  for await (const { line, written } of readRejected(path)) {
    if (line <= done) await kept.appendFile(`${written}\n`);
  }
  await kept.sync();
  await kept.close();
  await rename(`${path}.new`, path);
}
