import type { IndexValue, IndexValues, SimpleValue, ValueKind } from '../../search/index-values.ts';
import type { EpochMs } from '../../values/instant.ts';

/** Index values as one flat list: it goes to another thread at half the price of the objects. */
export type PackedIndex = readonly (string | number)[];

/** Of each parameter its code and how many values it has; of each value its kind and its members. */
export function packIndex(index: IndexValues): PackedIndex {
  const packed: (string | number)[] = [];
  for (const code in index) {
    const values = index[code] ?? [];
    packed.push(code, values.length);
    for (const value of values) pack(value, packed);
  }
  return packed;
}

/** So many members of the list take a fraction of a millisecond to hand over. */
const membersPerPiece = 2000;

/** The same in pieces, each a list of its own: a code whose values stand in several of them stands in each. */
export function* packIndexInPieces(index: IndexValues): Generator<PackedIndex> {
  let piece: (string | number)[] = [];
  for (const code in index) {
    const values = index[code] ?? [];
    let at = 0;
    do {
      const first = at;
      const count = piece.push(code, 0) - 1;
      for (; at < values.length && piece.length < membersPerPiece; at++)
        pack(values[at] as IndexValue, piece);
      piece[count] = at - first;
      if (piece.length < membersPerPiece) continue;
      yield piece;
      piece = [];
    } while (at < values.length);
  }
  yield piece;
}

function pack(value: IndexValue, packed: (string | number)[]): void {
  switch (value.kind) {
    case 'token':
      packed.push('token', value.system, value.code);
      return;
    case 'text':
      packed.push('text', value.folded);
      return;
    case 'string':
      packed.push('string', value.folded, value.original);
      return;
    case 'reference':
      packed.push('reference', value.type, value.id);
      return;
    case 'uri':
      packed.push('uri', value.uri, value.version);
      return;
    case 'date':
      packed.push('date', value.first, value.last);
      return;
    case 'quantity':
      packed.push('quantity', value.low, value.high, value.system, value.code, value.unit);
      return;
    case 'present':
      packed.push('present');
      return;
    case 'composite':
      packed.push('composite', value.parts.length);
      for (const part of value.parts) pack(part, packed);
  }
}

export function unpackIndex(packed: PackedIndex): IndexValues {
  const index: UnpackedIndex = {};
  unpackInto(index, packed);
  return index;
}

/** Index values that more are added to. */
export type UnpackedIndex = Record<string, IndexValue[]>;

/** Adds what another piece holds. */
export function unpackInto(index: UnpackedIndex, packed: PackedIndex): void {
  const from = { packed, at: 0 };
  while (from.at < packed.length) {
    const code = text(from);
    const values = index[code] ?? [];
    for (let left = number(from); left > 0; left--) values.push(unpack(from));
    index[code] = values;
  }
}

type Place = { readonly packed: PackedIndex; at: number };

function text(from: Place): string {
  return from.packed[from.at++] as string;
}

function number(from: Place): number {
  return from.packed[from.at++] as number;
}

function unpack(from: Place): IndexValue {
  const kind = text(from) as ValueKind;
  if (kind !== 'composite') return unpackSimple(kind, from);
  const parts: SimpleValue[] = [];
  for (let left = number(from); left > 0; left--) {
    parts.push(unpackSimple(text(from) as SimpleValue['kind'], from));
  }
  return { kind, parts };
}

function unpackSimple(kind: SimpleValue['kind'], from: Place): SimpleValue {
  switch (kind) {
    case 'token':
      return { kind, system: text(from), code: text(from) };
    case 'text':
      return { kind, folded: text(from) };
    case 'string':
      return { kind, folded: text(from), original: text(from) };
    case 'reference':
      return { kind, type: text(from), id: text(from) };
    case 'uri':
      return { kind, uri: text(from), version: text(from) };
    case 'date':
      return { kind, first: number(from) as EpochMs, last: number(from) as EpochMs };
    case 'quantity':
      return {
        kind,
        low: number(from),
        high: number(from),
        system: text(from),
        code: text(from),
        unit: text(from),
      };
    case 'present':
      return { kind };
  }
}
