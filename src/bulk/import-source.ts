import { isUtf8 } from 'node:buffer';
import { createReadStream, type ReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OperatorError } from '../values/operator-error.ts';
import { tableOf } from '../values/table-of.ts';

/** A file to import. */
export type ImportSource = {
  readonly path: string;
  /** `er7`: HL7 v2 messages. */
  readonly format: 'ndjson' | 'json' | 'er7';
  readonly gzip: boolean;
  /** As it lies on disk. */
  readonly bytes: number;
  /** Changes when the file does: what was imported of it is remembered under this name. */
  readonly fingerprint: string;
  /** Type of its first resource, for the order of the files. */
  readonly firstType: string;
};

const shape = /\.(ndjson|jsonl|json|hl7|er7)(\.gz)?$/i;

/** What is imported, as people are told. */
export const importedEnds = '.ndjson, .jsonl, .json, .hl7 or .er7';

/** By the end of a name. */
const formats: Readonly<Record<string, ImportSource['format']>> = tableOf({
  json: 'json',
  hl7: 'er7',
  er7: 'er7',
});

/** A file that cannot be read to its end; the cause says why. What was read of it before is imported. */
export class UnreadableSourceError extends OperatorError {
  override readonly name = 'UnreadableSourceError';
  readonly path: string;
  constructor(path: string, cause: unknown) {
    super(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.path = path;
  }
}

/** What lies in a folder that was named beside the files that can be imported. */
export type PassedOver = { readonly files: readonly string[]; readonly folders: readonly string[] };

export type FoundSources = {
  readonly sources: readonly ImportSource[];
  /** What was named, or lies in a folder that was named, and cannot be imported. */
  readonly unusable: readonly UnreadableSourceError[];
  readonly passedOver: PassedOver;
};

/** The files named, and those in the folders named, in the order in which they are to be imported. */
export async function findSources(paths: readonly string[]): Promise<FoundSources> {
  const sources: ImportSource[] = [];
  const unusable: UnreadableSourceError[] = [];
  const passedOver = { files: [], folders: [] };
  for (const path of await filesOf(paths, unusable, passedOver)) {
    try {
      sources.push(await toSource(path));
    } catch (thrown) {
      unusable.push(toUnreadable(path, thrown));
    }
  }
  return { sources: sources.sort((a, b) => rank(a) - rank(b)), unusable, passedOver };
}

type Passing = { readonly files: string[]; readonly folders: string[] };

async function filesOf(
  paths: readonly string[],
  unusable: UnreadableSourceError[],
  passedOver: Passing,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      files.push(...((await stat(path)).isDirectory() ? await filesIn(path, passedOver) : [path]));
    } catch (thrown) {
      unusable.push(toUnreadable(path, thrown));
    }
  }
  return files;
}

async function filesIn(folder: string, passedOver: Passing): Promise<readonly string[]> {
  const names: string[] = [];
  for (const each of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, each.name);
    if (shape.test(each.name) && !each.name.includes('.rejected.')) names.push(each.name);
    // A link does not say itself that it leads to a folder.
    else if ((await stat(path).catch(() => each)).isDirectory()) passedOver.folders.push(path);
    else if (each.name.includes('.rejected.')) continue;
    else passedOver.files.push(path);
  }
  return names.sort().map((name) => join(folder, name));
}

function toUnreadable(path: string, thrown: unknown): UnreadableSourceError {
  return thrown instanceof UnreadableSourceError ? thrown : new UnreadableSourceError(path, thrown);
}

async function toSource(path: string): Promise<ImportSource> {
  const [, format, gz] = shape.exec(path) ?? [];
  if (format === undefined) throw new Error(`expected ${importedEnds}, or one of these with .gz`);
  const gzip = gz !== undefined;
  const found = await stat(path);
  // A pipe can be read once, and an import reads a file from where an earlier one stopped.
  if (!found.isFile() && !found.isDirectory())
    throw new Error('expected a file that can be read more than once, not a pipe or device');
  const { size, mtimeMs } = found;
  return {
    path,
    format: formats[format.toLowerCase()] ?? 'ndjson',
    gzip,
    bytes: size,
    // However the path is written, it is the same file.
    fingerprint: `${await realpath(path)}|${size}|${Math.floor(mtimeMs)}`,
    firstType: await firstTypeOf(path, gzip),
  };
}

/** Of a Bundle, the type of what it holds. */
async function firstTypeOf(path: string, gzip: boolean): Promise<string> {
  let text = '';
  for await (const chunk of readBytes(path, gzip).chunks) {
    text += chunk.toString('latin1');
    const [type] = [...text.matchAll(/"resourceType"\s*:\s*"([A-Za-z]+)"/g)].filter(
      ([, name]) => name !== 'Bundle',
    );
    if (type || text.length > 65_536) return type?.[1] ?? '';
  }
  return '';
}

/** Those that others refer to come first, so that conditional references find them. */
const order = [
  'Organization',
  'Location',
  'Practitioner',
  'PractitionerRole',
  'Patient',
  'Person',
  'RelatedPerson',
];

function rank({ firstType }: ImportSource): number {
  const place = order.indexOf(firstType);
  return place < 0 ? order.length : place;
}

/** One line of NDJSON, counted from 1, and how many bytes on disk were read to get it. */
export type SourceLine = {
  readonly number: number;
  readonly text: string;
  readonly bytesRead: number;
  /** Otherwise characters of the text stand for bytes that mean none. */
  readonly isUtf8: boolean;
};

/** Lines end as NDJSON has it: a separator of Unicode's within a text ends none. Throws an UnreadableSourceError. */
export async function* readLines({ path, gzip }: ImportSource): AsyncGenerator<SourceLine> {
  const { chunks, bytesRead } = readBytes(path, gzip);
  let held: Buffer[] = [];
  let length = 0;
  let number = 0;
  const take = (rest: Buffer): SourceLine => {
    const bytes = held.length === 0 ? rest : Buffer.concat([...held, rest]);
    const text = bytes.toString('utf8').replace(/\r$/, '');
    held = [];
    length = 0;
    return { number: ++number, text, bytesRead: bytesRead(), isUtf8: isUtf8(bytes) };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(lineFeed); to >= 0; to = chunk.indexOf(lineFeed, from)) {
      const line = take(chunk.subarray(from, to));
      from = to + 1;
      if (line.text.trim() !== '') yield line;
    }
    held.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > maxLineBytes) throw new UnreadableSourceError(path, tooLongLine(number + 1));
  }
  const last = take(Buffer.alloc(0));
  if (last.text.trim() !== '') yield last;
}

const lineFeed = 0x0a;
/** As much as a request may bring. */
const maxLineBytes = 32 * 1024 * 1024;

function tooLongLine(number: number): Error {
  return new Error(`line ${number} is longer than 32 MiB; one resource a line was expected`);
}

/** A Bundle must be read whole to be run; what is larger than this belongs into NDJSON. */
const maxBundleBytes = 512 * 1024 * 1024;

/** Throws an UnreadableSourceError. */
export async function readWhole({ path, gzip }: ImportSource): Promise<string> {
  const held: Buffer[] = [];
  let length = 0;
  for await (const chunk of readBytes(path, gzip).chunks) {
    held.push(chunk);
    length += chunk.length;
    if (length > maxBundleBytes)
      throw new UnreadableSourceError(path, new Error('larger than 512 MiB; give it as NDJSON'));
  }
  const bytes = Buffer.concat(held);
  if (!isUtf8(bytes)) throw new UnreadableSourceError(path, new Error('it is not well-formed UTF-8'));
  return bytes.toString('utf8');
}

type SourceBytes = {
  /** Unpacked. */
  readonly chunks: AsyncGenerator<Buffer>;
  /** How many bytes on disk were read so far. */
  readonly bytesRead: () => number;
};

function readBytes(path: string, gzip: boolean): SourceBytes {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  return { chunks: unpack(file, path, gzip), bytesRead: () => file.bytesRead };
}

async function* unpack(file: ReadStream, path: string, gzip: boolean): AsyncGenerator<Buffer> {
  // A pipe does not pass errors on: without it a broken file would end the process.
  const input: Readable = gzip ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => input.destroy(error));
  try {
    for await (const chunk of input) yield chunk as Buffer;
  } catch (thrown) {
    throw new UnreadableSourceError(path, thrown);
  } finally {
    file.destroy();
  }
}
