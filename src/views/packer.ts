import type { JsonObject } from '../fhir/fhir-json.ts';
import { compileView } from './compile-view.ts';
import { parsePlainly, parserOfDigits } from './exact-decimals.ts';
import { readView } from './read-view.ts';
import { openRowWriter, type RowFormat } from './row-format.ts';
import { ViewError } from './view-definition.ts';

export type PackerOptions = {
  readonly definition: JsonObject;
  readonly format: RowFormat;
  /** Of CSV: the names of the columns first. */
  readonly header: boolean;
  /** References below it are ours. */
  readonly baseUrl: string;
  /** Rows in all tables; absent: every one. */
  readonly limit?: number;
};

export type Packed = {
  readonly bytes: Uint8Array;
  readonly rows: number;
};

/** Makes of resources, one a line, the bytes of a table. */
export type Packer = {
  /** Throws a ViewError where the rows of a resource cannot be told. */
  readonly pack: (lines: Uint8Array) => Packed;
  /** The rest of a table; what is packed then is of the next one. */
  readonly finish: () => Packed;
};

/** Throws a ViewError of a definition that is no view. */
export async function openPacker(options: PackerOptions): Promise<Packer> {
  const { definition, baseUrl, limit = Number.POSITIVE_INFINITY } = options;
  const read = readView(definition);
  if (!read.ok)
    throw new ViewError(read.faults.map(({ expression, text }) => `${expression}: ${text}`).join('; '));
  const { columns, rowsOf, needsDigits } = await compileView(read.view, baseUrl);
  const parse = needsDigits ? await parserOfDigits() : parsePlainly;
  const writer = openRowWriter({ ...options, columns });
  let made = 0;
  const add = (line: string): void => {
    for (const row of rowsOf(parse(line))) {
      if (made >= limit) return;
      made++;
      writer.add(row);
    }
  };
  return {
    pack: (lines) => {
      const before = made;
      forEachLine(lines, add);
      return { bytes: writer.take(), rows: made - before };
    },
    finish: () => ({ bytes: writer.finish(), rows: 0 }),
  };
}

const lineEnd = 10;

/** One at a time: what is made of a line has gone before the next, and letters of one cost no other anything. */
function forEachLine(lines: Uint8Array, take: (line: string) => void): void {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  for (let from = 0, end = 0; from < buffer.length; from = end + 1) {
    end = buffer.indexOf(lineEnd, from);
    if (end === -1) return;
    take(buffer.toString('utf8', from, end));
  }
}
