import type { Observation as SentObservation } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import { type Piece, rawField } from '../er7/piece.ts';
import type { MappingTables, ObservationRow } from './mapping-tables.ts';
import { fieldText, saying } from './v2-text.ts';
import { toFhirDate } from './v2-time.ts';

/** A value of an OBX with its code, and what the mapping says it is. */
export type ReadObservation = {
  readonly sent: SentObservation;
  readonly obx: Segment;
  readonly code: string;
  /** Undefined where the mapping has no row of its code. */
  readonly row: ObservationRow | undefined;
  readonly value: Piece;
  /** OBX-14, to the day. */
  readonly observed: string | undefined;
};

/** The OBX of one OBX-4: they say one thing together. */
export type ObservationSet = readonly ReadObservation[];

type Kind = ObservationRow['is'];

/** Kinds of which one of each says one thing together: a sheet, a precaution, how a dose counts. */
const families: readonly (readonly Kind[])[] = [
  ['vis-document', 'vis-vaccine', 'vis-published', 'vis-presented'],
  ['contraindication', 'contraindication-start', 'contraindication-end'],
  ['dose-number', 'series-doses', 'series'],
];

const familyOf = (kind: Kind | undefined): number =>
  families.findIndex((family) => kind !== undefined && family.includes(kind));

/**
 * The OBX of an order by their OBX-4, in their order. Of those without one each is a set by itself, but for those that say
 * nothing alone.
 */
export function toObservationSets(
  tables: MappingTables,
  obxs: readonly SentObservation[],
): readonly ObservationSet[] {
  const sets = new Map<string, ReadObservation[]>();
  for (const [at, sent] of obxs.entries()) {
    for (const [nth, read] of readObservations(tables, sent).entries())
      put(sets, setOf(read) ?? `alone-${at}-${nth}`, read);
  }
  return [...sets.values()].flatMap(parted);
}

/** By what an OBX belongs to others; undefined where it says something alone. */
function setOf({ obx, row }: ReadObservation): string | undefined {
  const subId = rawField(obx, 4);
  if (subId !== '') return subId;
  const family = familyOf(row?.is);
  return family < 0 ? undefined : `family-${family}`;
}

/**
 * Some send all of a dose in one set: the second of a kind begins a second sheet or precaution. One day on which sheets
 * were shown is that of all.
 */
function parted(set: readonly ReadObservation[]): readonly ObservationSet[] {
  const seen = new Map<Kind, number>();
  const parts = new Map<number, ReadObservation[]>();
  for (const read of set) {
    const kind = read.row?.is;
    const nth = (kind === undefined ? undefined : seen.get(kind)) ?? 0;
    if (kind !== undefined && familyOf(kind) >= 0) seen.set(kind, nth + 1);
    put(parts, nth, read);
  }
  const presented = set.filter(({ row }) => row?.is === 'vis-presented');
  return [...parts.values()].map((part) => (presented.length === 1 ? withDay(part, presented) : part));
}

const withDay = (part: ObservationSet, presented: ObservationSet): ObservationSet =>
  hasSheet(part) ? [...new Set([...part, ...presented])] : part;

const hasSheet = (set: ObservationSet): boolean =>
  set.some(({ row }) => row?.is === 'vis-document' || row?.is === 'vis-vaccine');

function put<Key>(sets: Map<Key, ReadObservation[]>, key: Key, read: ReadObservation): void {
  const set = sets.get(key);
  if (set) set.push(read);
  else sets.set(key, [read]);
}

/** One of each repetition of OBX-5: several sheets, or several reactions, in one OBX. */
function readObservations(tables: MappingTables, sent: SentObservation): readonly ReadObservation[] {
  const { obx } = sent;
  const code = fieldText(obx, 3);
  if (code === undefined) return [];
  const row = tables.observation(code);
  const observed = toFhirDate(fieldText(obx, 14));
  return saying(obx, 5).map((value) => ({ sent, obx, code, row, value, observed }));
}

export const ofKind = (set: ObservationSet, kind: ObservationRow['is']): ReadObservation | undefined =>
  set.find(({ row }) => row?.is === kind);
