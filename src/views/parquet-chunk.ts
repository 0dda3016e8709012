import type { ColumnChunk, Encoding } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { encodeRuns } from './parquet-runs.ts';
import { boundsOf, encodePlain, type ParquetValue, type PhysicalType, sizeOf } from './parquet-values.ts';

/** The code of a row without a value. */
export const none = -1;

export type Column = {
  readonly name: string;
  readonly type: PhysicalType;
  /** Each once. */
  readonly values: readonly ParquetValue[];
  /** Of each row the place of its value. */
  readonly codes: Int32Array;
};

/** One page, behind a dictionary where that pays. */
export function writeChunk(writer: ByteWriter, { name, type, values, codes }: Column): ColumnChunk {
  const present = codes.filter((code) => code !== none);
  const body = bodyOf(type, values, present);
  const { dictionary, encoding } = body;
  const start = writer.offset;
  const before = dictionary ? writeDictionary(writer, dictionary, values.length) : 0;
  const dataStart = writer.offset;
  const size = before + writeData(writer, codes, codes.length - present.length, body);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type,
      encodings: dictionary ? ['PLAIN', encoding] : [encoding],
      path_in_schema: [name],
      codec: 'SNAPPY',
      num_values: BigInt(codes.length),
      total_uncompressed_size: BigInt(size),
      total_compressed_size: BigInt(writer.offset - start),
      data_page_offset: BigInt(dataStart),
      ...(dictionary && { dictionary_page_offset: BigInt(start) }),
      statistics: { ...boundsOf(values), null_count: BigInt(codes.length - present.length) },
    },
  };
}

type Body = {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
  /** Whose places the bytes tell. */
  readonly dictionary?: Uint8Array;
};

function bodyOf(type: PhysicalType, values: readonly ParquetValue[], present: Int32Array): Body {
  if (type === 'BOOLEAN') {
    const runs = encodeRuns(
      present.map((code) => Number(values[code])),
      1,
    );
    return { encoding: 'RLE', bytes: withLength(runs) };
  }
  const sizes = values.map((value) => sizeOf(type, value));
  const sizeOfAll = sizes.reduce((sum, size) => sum + size, 0);
  const plainSize = present.reduce((sum, code) => sum + (sizes[code] ?? 0), 0);
  const width = Math.ceil(Math.log2(values.length));
  // It must halve the page at least: else readers look up for little.
  if (2 * (sizeOfAll + (present.length * width) / 8) <= plainSize) {
    const bytes = Buffer.concat([Uint8Array.of(width), encodeRuns(present, width)]);
    return { encoding: 'RLE_DICTIONARY', bytes, dictionary: encodePlain(type, values, sizeOfAll) };
  }
  const each = Array.from(present, (code) => values[code] ?? '');
  return { encoding: 'PLAIN', bytes: encodePlain(type, each, plainSize) };
}

function withLength(runs: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(runs.length);
  return Buffer.concat([length, runs]);
}

/** Bytes of it before it is compressed, its head among them; so of the next one. */
function writeDictionary(writer: ByteWriter, bytes: Uint8Array, count: number): number {
  const packed = compress(bytes);
  const start = writer.offset;
  writePageHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: bytes.length,
    compressed_page_size: packed.length,
    dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
  });
  const head = writer.offset - start;
  writer.appendBytes(packed);
  return head + bytes.length;
}

/** A page of version 2: which rows have a value stands before it, not compressed. */
function writeData(writer: ByteWriter, codes: Int32Array, nulls: number, { encoding, bytes }: Body): number {
  const levels = encodeRuns(
    codes.map((code) => (code === none ? 0 : 1)),
    1,
  );
  const packed = compress(bytes);
  const start = writer.offset;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levels.length + bytes.length,
    compressed_page_size: levels.length + packed.length,
    data_page_header_v2: {
      num_values: codes.length,
      num_nulls: nulls,
      num_rows: codes.length,
      encoding,
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    },
  });
  const head = writer.offset - start;
  writer.appendBytes(levels);
  writer.appendBytes(packed);
  return head + levels.length + bytes.length;
}

/** As a plain view: parts of a Buffer cost more. */
function compress(bytes: Uint8Array): Uint8Array {
  return snappyCompress(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}
