import type { Observation as SentObservation } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import { type Piece, rawField } from '../er7/piece.ts';
import type { MappingTables, ObservationRow } from './mapping-tables.ts';
import { fieldText, saying } from './v2-text.ts';
import { toFhirDate } from './v2-time.ts';

/** An OBX with a code and a value, and what the mapping says it is. */
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

/** The OBX of an order by their OBX-4, in their order; one without is a set by itself. */
export function toObservationSets(
  tables: MappingTables,
  obxs: readonly SentObservation[],
): readonly ObservationSet[] {
  const sets = new Map<string, ReadObservation[]>();
  for (const [at, sent] of obxs.entries()) {
    const read = readObservation(tables, sent);
    if (!read) continue;
    const subId = rawField(sent.obx, 4);
    const key = subId === '' ? `alone-${at}` : subId;
    const set = sets.get(key);
    if (set) set.push(read);
    else sets.set(key, [read]);
  }
  return [...sets.values()];
}

function readObservation(tables: MappingTables, sent: SentObservation): ReadObservation | undefined {
  const { obx } = sent;
  const code = fieldText(obx, 3);
  const [value] = saying(obx, 5);
  if (code === undefined || !value) return undefined;
  return { sent, obx, code, row: tables.observation(code), value, observed: toFhirDate(fieldText(obx, 14)) };
}

export const ofKind = (set: ObservationSet, kind: ObservationRow['is']): ReadObservation | undefined =>
  set.find(({ row }) => row?.is === kind);
