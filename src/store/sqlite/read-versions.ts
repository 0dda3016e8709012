import { numberOf, type Row, textOf } from './connection.ts';
import type { Reader } from './reader.ts';

/** In bytes; a longer text is read by itself. */
export const longText = 65_536;
/** So many rows are read by one statement. */
const rowsAtOnce = 100;

/** The text where it is not long; its bytes tell. */
const select =
  'SELECT v.seq, v.version, v.last_updated, v.method, octet_length(v.text) AS bytes, ' +
  `CASE WHEN octet_length(v.text) <= ${longText} THEN v.text END AS text ` +
  'FROM json_each(?) j CROSS JOIN version v ON v.seq = j.value';
const selectText = 'SELECT text FROM version WHERE seq = ?';

/** Thrown where more would have to be read at a stretch than others should wait for. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError';
}

/**
 * The versions of these numbers, in their order, up to the one with which their texts are longer than the room: one at
 * least. Throws TooLongError where the reader must not read as much.
 */
export function readVersions(
  reader: Reader,
  seqs: readonly number[],
  room = Number.POSITIVE_INFINITY,
): readonly Row[] {
  const { longest = Number.POSITIVE_INFINITY } = reader;
  // Where the page ends before, it is read as far as that.
  const most = room <= longest ? Number.POSITIVE_INFINITY : longest;
  const rows: Row[] = [];
  let characters = 0;
  for (const row of rowsOf(reader, seqs, most)) {
    const whole = isLong(row) ? withText(reader, row) : row;
    characters += whole['text'] === null ? 0 : textOf(whole, 'text').length;
    if (characters > room && rows.length > 0) break;
    if (characters > longest) throw new TooLongError();
    rows.push(whole);
  }
  return rows;
}

function withText({ db, longest }: Reader, row: Row): Row {
  if (longest !== undefined && Number(row['bytes']) > longest) throw new TooLongError();
  return { ...row, ...db.get(selectText, [numberOf(row, 'seq')]) };
}

/** A delete has no text, and no bytes either. */
function isLong({ bytes }: Row): boolean {
  return Number(bytes) > longText;
}

/** Throws TooLongError before any long text is read where all of a statement would be more than so many bytes. */
function* rowsOf({ db }: Reader, seqs: readonly number[], most: number): Generator<Row> {
  let bytes = 0;
  for (let at = 0; at < seqs.length; at += rowsAtOnce) {
    const some = seqs.slice(at, at + rowsAtOnce);
    const rows = db.all(select, [JSON.stringify(some)]);
    for (const row of rows) bytes += Number(row['bytes']);
    if (bytes > most) throw new TooLongError();
    const bySeq = new Map(rows.map((row) => [numberOf(row, 'seq'), row]));
    for (const seq of some) yield bySeq.get(seq) ?? {};
  }
}
