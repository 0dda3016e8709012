import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OperatorError } from '../values/operator-error.ts';

/** A file to import. */
export type ImportSource = {
  readonly path: string;
  readonly format: 'ndjson' | 'json';
  readonly gzip: boolean;
  /** As it lies on disk. */
  readonly bytes: number;
  /** Changes when the file does: what was imported of it is remembered under this name. */
  readonly fingerprint: string;
  /** Type of its first resource, for the order of the files. */
  readonly firstType: string;
};

const shape = /\.(ndjson|jsonl|json)(\.gz)?$/i;

/** The files named, and those in the folders named; throws for a path that cannot be read or imported. */
export async function findSources(paths: readonly string[]): Promise<readonly ImportSource[]> {
  const sources: ImportSource[] = [];
  for (const path of paths) {
    const entry = await stat(path);
    if (!entry.isDirectory()) {
      sources.push(await toSource(path));
      continue;
    }
    const names = (await readdir(path)).filter((name) => shape.test(name) && !name.includes('.rejected.'));
    for (const name of names.sort()) sources.push(await toSource(join(path, name)));
  }
  return sources.sort((a, b) => rank(a) - rank(b));
}

async function toSource(path: string): Promise<ImportSource> {
  const [, format, gz] = shape.exec(path) ?? [];
  if (format === undefined)
    throw new OperatorError(`${path}: expected .ndjson, .jsonl or .json, or one of these with .gz`);
  const gzip = gz !== undefined;
  const { size, mtimeMs } = await stat(path);
  return {
    path,
    format: format.toLowerCase() === 'json' ? 'json' : 'ndjson',
    gzip,
    bytes: size,
    fingerprint: `${path}|${size}|${Math.floor(mtimeMs)}`,
    firstType: await firstTypeOf(path, gzip),
  };
}

async function firstTypeOf(path: string, gzip: boolean): Promise<string> {
  const stream = gzip ? createReadStream(path).pipe(createGunzip()) : createReadStream(path);
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    const type = /"resourceType"\s*:\s*"([A-Za-z]+)"/.exec(text)?.[1];
    if (type !== undefined || text.length > 65_536) {
      stream.destroy();
      return type ?? '';
    }
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
export type SourceLine = { readonly number: number; readonly text: string; readonly bytesRead: number };

export async function* readLines({ path, gzip }: ImportSource): AsyncGenerator<SourceLine> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const input: Readable = gzip ? file.pipe(createGunzip()) : file;
  // A pipe does not pass errors on: without it a broken file would end the process.
  file.on('error', (error) => input.destroy(error));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() !== '') yield { number, text, bytesRead: file.bytesRead };
  }
}

/** A Bundle must be read whole to be run; what is larger than this belongs into NDJSON. */
const maxBundleBytes = 512 * 1024 * 1024;

export async function readWhole(source: ImportSource): Promise<string> {
  if (source.bytes > maxBundleBytes)
    throw new OperatorError(`${source.path}: larger than 512 MiB; give it as NDJSON`);
  if (source.gzip) {
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(source.path).pipe(createGunzip()))
      chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
  const file = await open(source.path);
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
