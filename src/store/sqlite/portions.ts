import type { Change, WriteUnit } from '../contract/store.ts';
import { type PackedIndex, packIndexInPieces, type UnpackedIndex, unpackInto } from './pack-index.ts';
import { type PackedChange, type Portion, withIndex } from './writer.ts';

/** A unit with more changes, or with more index values in one of them, is handed over in portions. */
const ordinaryChanges = 100;
const ordinaryValues = 2000;

/** So many members of packed lists, and characters of texts, go over in one message. */
const membersPerPortion = 4000;
const charactersPerMember = 64;

export function comesInPortions({ changes }: Omit<WriteUnit, 'audit'>): boolean {
  return changes.length > ordinaryChanges || changes.some(hasManyValues);
}

function hasManyValues({ index }: Change): boolean {
  let count = 0;
  for (const code in index) count += index[code]?.length ?? 0;
  return count > ordinaryValues;
}

/** The changes in portions that take a fraction of a millisecond to pack and to send. */
export function* portionsOf(changes: readonly Change[]): Generator<Portion> {
  let portion: (PackedChange | PackedIndex)[] = [];
  let members = 0;
  for (const change of changes) {
    members += (change.text?.length ?? 0) / charactersPerMember;
    let isFirst = true;
    for (const piece of packIndexInPieces(change.index)) {
      portion.push(isFirst ? withIndex(change, piece) : piece);
      isFirst = false;
      members += piece.length;
      if (members < membersPerPortion) continue;
      yield portion;
      portion = [];
      members = 0;
    }
  }
  yield portion;
}

/** What came in portions, until the unit comes that it is of. */
export function openPortions() {
  const known = new Map<number, { readonly change: Change; readonly index: UnpackedIndex }[]>();
  return {
    keep: (id: number, portion: Portion): void => {
      const opened = known.get(id) ?? [];
      known.set(id, opened);
      for (const part of portion) {
        const more = isIndex(part) ? opened.at(-1) : undefined;
        if (isIndex(part)) unpackInto(more?.index ?? {}, part);
        else opened.push(openChange(part));
      }
    },
    /** All of them; they are known no more. */
    take: (id: number): readonly Change[] => {
      const opened = known.get(id) ?? [];
      known.delete(id);
      return opened.map(({ change }) => change);
    },
  };
}

function isIndex(part: PackedChange | PackedIndex): part is PackedIndex {
  return Array.isArray(part);
}

function openChange(packed: PackedChange) {
  const index: UnpackedIndex = {};
  unpackInto(index, packed.index);
  return { change: withIndex(packed, index), index };
}
