import { compareText } from '../search/fold-text.ts';

/** As a file has them: days and moments are numbers. */
export type ParquetValue = string | number | boolean;
export type PhysicalType = 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY';

/** Bytes of a value, a text's length before it. */
export function sizeOf(type: PhysicalType, value: ParquetValue): number {
  switch (type) {
    case 'BOOLEAN':
      return 1;
    case 'INT32':
      return 4;
    case 'INT64':
    case 'DOUBLE':
      return 8;
    case 'BYTE_ARRAY':
      return 4 + Buffer.byteLength(String(value));
  }
}

/** Parquet's PLAIN, of anything but booleans; `size` is that of all. */
export function encodePlain(
  type: PhysicalType,
  values: readonly ParquetValue[],
  size: number,
): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (const value of values) at = put(bytes, at, type, value);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, size);
}

function put(bytes: Buffer, at: number, type: PhysicalType, value: ParquetValue): number {
  switch (type) {
    case 'BOOLEAN':
      throw new Error('booleans are written as runs');
    case 'INT32':
      return bytes.writeInt32LE(Number(value), at);
    case 'INT64':
      return bytes.writeBigInt64LE(BigInt(value), at);
    case 'DOUBLE':
      return bytes.writeDoubleLE(Number(value), at);
    case 'BYTE_ARRAY': {
      const written = bytes.write(String(value), at + 4);
      bytes.writeUInt32LE(written, at);
      return at + 4 + written;
    }
  }
}

/** The least and the greatest; texts by their UTF-8 bytes. None of no values. */
export function boundsOf(values: readonly ParquetValue[]) {
  let [least] = values;
  let greatest = least;
  if (least === undefined || greatest === undefined) return {};
  for (const value of values) {
    if (compare(value, least) < 0) least = value;
    else if (compare(value, greatest) > 0) greatest = value;
  }
  // Parquet, Statistics: zero is -0 below and +0 above.
  return { min_value: least === 0 ? -0 : least, max_value: greatest === 0 ? 0 : greatest };
}

function compare(a: ParquetValue, b: ParquetValue): number {
  return typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b);
}
