/** What is worth a run of its own. */
const least = 8;

/**
 * Whole numbers of so many bits (16 at most) as Parquet's hybrid: runs of one value, and groups of eight packed bit by bit.
 * Parquet, Encodings, "Run Length Encoding / Bit-Packing Hybrid".
 */
export function encodeRuns(values: Int32Array, width: number): Uint8Array {
  const groups = Math.ceil(values.length / least);
  // A group and a run have a head of five bytes at most, a run a value of two.
  const bytes = new Uint8Array(groups * (width + 7) + 5);
  let at = 0;
  const varint = (value: number) => {
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes[at++] = (rest & 127) | 128;
    bytes[at++] = rest;
  };
  const pack = (from: number, end: number) => {
    if (from >= end) return;
    varint((Math.ceil((end - from) / least) << 1) | 1);
    let [bits, waiting] = [0, 0];
    for (let i = from; (i - from) % least !== 0 || i < end; i++) {
      bits |= (i < end ? (values[i] ?? 0) : 0) << waiting;
      for (waiting += width; waiting >= 8; waiting -= 8, bits >>>= 8) bytes[at++] = bits & 255;
    }
  };
  let unwritten = 0;
  for (let i = 0; i < values.length; ) {
    const end = endOfRun(values, i);
    if (end - i < least) {
      i += least;
      continue;
    }
    pack(unwritten, i);
    varint((end - i) << 1);
    for (let shift = 0; shift < width; shift += 8) bytes[at++] = ((values[i] ?? 0) >>> shift) & 255;
    i = end;
    unwritten = end;
  }
  pack(unwritten, values.length);
  return bytes.subarray(0, at);
}

function endOfRun(values: Int32Array, from: number): number {
  const value = values[from];
  let end = from + 1;
  while (end < values.length && values[end] === value) end++;
  return end;
}
