import { setImmediate } from 'node:timers/promises';
import type { Aliases, StoredVersion } from '../contract/store.ts';
import { numberOf, type Row, textOf } from './connection.ts';
import type { Bindable } from './driver.ts';
import type { Names } from './names.ts';
import type { Reader } from './reader.ts';
import { toStoredVersion } from './to-stored.ts';

const findMarks = `SELECT DISTINCT r.id, k.name FROM json_each(?) j CROSS JOIN resource r ON r.type = ? AND r.id = j.value
  LEFT JOIN alias a ON a.patient = r.rid LEFT JOIN alias b ON b.person = a.person
  CROSS JOIN patient_mark m ON m.patient = coalesce(b.patient, r.rid) CROSS JOIN mark k ON k.id = m.mark`;
const findAliases = `SELECT r.id, q.id AS alias FROM json_each(?) j CROSS JOIN resource r ON r.type = ? AND r.id = j.value
  CROSS JOIN alias a ON a.patient = r.rid CROSS JOIN alias b ON b.person = a.person CROSS JOIN resource q ON q.rid = b.patient
  ORDER BY b.patient <> b.person, q.id`;
const findAnyAlias = 'SELECT 1 FROM alias LIMIT 1';

export function readMarks(
  { db, names }: Reader,
  patients: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  return byPatient(db.all(findMarks, askedFor(names, patients)), 'name');
}

export function readAliases(
  { db, names }: Reader,
  patients: readonly string[],
): ReadonlyMap<string, Aliases> {
  const found = byPatient(db.all(findAliases, askedFor(names, patients)), 'alias');
  for (const [id, aliases] of found) if (aliases.length < 2) found.delete(id);
  return found as ReadonlyMap<string, readonly string[]> as ReadonlyMap<string, Aliases>;
}

export function hasAnyAlias({ db }: Reader): boolean {
  return db.get(findAnyAlias, []) !== undefined;
}

function askedFor(names: Names, patients: readonly string[]): readonly Bindable[] {
  return [JSON.stringify([...new Set(patients)]), names.typeId('Patient') ?? -1];
}

function byPatient(rows: readonly Row[], column: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const row of rows) {
    const id = textOf(row, 'id');
    const known = found.get(id);
    if (known) known.push(textOf(row, column));
    else found.set(id, [textOf(row, column)]);
  }
  return found;
}

/** Versions that are not known by whom they concern, and up to which rid all were looked at; undefined = to the end. */
export type Unplaced = { readonly versions: readonly StoredVersion[]; readonly below: number | undefined };

/** So many resources with more than one version are looked at before others have their turn. */
const lookedAtTogether = 500;

const readStart = 'SELECT rid FROM unplaced';
// Only a resource with later versions has old ones.
const someResources = `SELECT DISTINCT rid FROM version INDEXED BY version_by_resource
  WHERE rid <> seq AND rid >= ? ORDER BY rid LIMIT ${lookedAtTogether}`;
const unplacedOf = `SELECT v.rid, v.version, v.last_updated, v.method, v.text, r.id, y.name AS type
  FROM json_each(?) j CROSS JOIN resource r ON r.rid = j.value CROSS JOIN type y ON y.id = r.type
  CROSS JOIN version v ON v.seq IN (SELECT r.rid UNION ALL SELECT seq FROM version WHERE rid = r.rid AND rid <> seq)
  WHERE v.rid = r.rid AND v.patient IS NULL AND (v.seq <> r.seq OR r.live = 0) ORDER BY v.rid, v.version`;

/** The next of them, or none; undefined when there never can be any again. */
export async function readUnplaced(reader: Reader, count: number): Promise<Unplaced | undefined> {
  const start = reader.db.get(readStart, []);
  if (!start) return undefined;
  let from = numberOf(start, 'rid');
  for (;;) {
    const rids = reader.db.all(someResources, [from]).map((row) => numberOf(row, 'rid'));
    const last = rids.at(-1);
    if (last === undefined) return { versions: [], below: undefined };
    const rows = reader.db.all(unplacedOf, [JSON.stringify(rids)]);
    const [first] = rows;
    if (first) {
      return { versions: rows.slice(0, count).map(toStoredVersion), below: numberOf(first, 'rid') };
    }
    from = last + 1;
    await setImmediate();
  }
}
