import { allOf, type InstantBound, isEverything } from '../../search/filter.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { readCursor, readNumberCursor, writeCursor } from '../contract/cursor.ts';
import {
  type Snapshot,
  type SnapshotDeletesPage,
  type SnapshotDeletesQuery,
  type SnapshotPage,
  type SnapshotQuery,
  type SnapshotSince,
  toLines,
} from '../contract/snapshot.ts';
import type { ResourceKey, StoredResource } from '../contract/store.ts';
import { documentKey, idOf } from './documents.ts';
import { historyPage } from './history.ts';
import type { OpenWrites } from './open-writes.ts';
import { type Reader, readOptions } from './reader.ts';
import { searchPage } from './search.ts';
import { type WalkedDocument, walk } from './walk-snapshot.ts';

/**
 * Shards have no common order of commits, so a position is an instant, and what counts is the time that each version
 * bears. It is answered when every write that bears it or an earlier one has ended, and none can begin.
 */
export async function snapshotNow(clock: Clock, writes: OpenWrites): Promise<Snapshot> {
  const time = clock.now();
  await writes.settle(time);
  return { position: String(time), time };
}

export async function snapshotPage(reader: Reader, query: SnapshotQuery): Promise<SnapshotPage> {
  const at = readNumberCursor(query.at) as EpochMs;
  const isWhole = query.since === undefined && isEverything(query.filter);
  return isWhole ? wholePage(reader, query, at) : matchingPage(reader, query, at);
}

/** Of all of a type: what has not changed, and what has, is told apart here, in one walk along the ids. */
async function wholePage(reader: Reader, query: SnapshotQuery, at: EpochMs): Promise<SnapshotPage> {
  const { type, count, after, withPatients = false } = query;
  const start = after === undefined ? '' : readCursor(after, 0).id;
  const { documents, last } = await walk(reader, { type, start, count, withPatients });
  const same = documents.filter(({ lastUpdated, text }) => lastUpdated <= at && text !== undefined);
  const changed = new Set(
    documents.filter(({ lastUpdated }) => lastUpdated > at).map(({ _id }) => idOf(_id)),
  );
  if (reader.sharded) {
    // Who goes to another shard meanwhile may be met on neither.
    const met = new Set<string>(same.map(({ _id }) => idOf(_id)));
    const others = await changedSince(reader, query, at, last);
    for (const { id } of others) if (!met.has(id)) changed.add(id);
  }
  const replaced: StoredResource[] = [];
  for (const id of changed) replaced.push(...(await versionAt(reader, { type, id }, at, undefined)));
  return {
    lines: toLines(same.map(({ text = '' }) => text)),
    count: same.length,
    replaced,
    ...(withPatients && patientsIn(same)),
    ...(last !== undefined && { next: writeCursor({ type, id: last, values: [] }) }),
  };
}

/** What an earlier release wrote does not say it. */
function patientsIn(documents: readonly WalkedDocument[]): Pick<SnapshotPage, 'patients'> {
  if (documents.some(({ patients }) => !patients)) return {};
  const persons = new Set(documents.flatMap(({ patients = [] }) => patients));
  return { patients: [...persons].map((person) => idOf(person)) };
}

async function matchingPage(reader: Reader, query: SnapshotQuery, at: EpochMs): Promise<SnapshotPage> {
  const { type, since, count, after } = query;
  const bounds: InstantBound[] = [{ is: '<=', at }];
  if (since !== undefined) bounds.push({ is: '>', at: timeOf(since) });
  const filter = allOf([query.filter, { kind: 'lastUpdated', bounds }]);
  const page = await searchPage(reader, { types: [type], filter, sort: [], count, ...(after && { after }) });
  const last = page.next === undefined ? undefined : page.matches.at(-1)?.id;
  const changed = await changedSince(reader, query, at, last);
  // What was written between the two questions was met as it was before.
  const met = new Set<string>(page.matches.map(({ id }) => id));
  const replaced: StoredResource[] = [];
  for (const key of changed) {
    if (!met.has(key.id)) replaced.push(...(await versionAt(reader, key, at, since)));
  }
  return {
    lines: toLines(page.matches.map(({ text }) => text)),
    count: page.matches.length,
    replaced,
    ...(query.withPatients && (await patientsOf(reader, page.matches))),
    ...(page.next !== undefined && { next: page.next }),
  };
}

/** What was changed between the two questions is not known any more. */
async function patientsOf(
  reader: Reader,
  matches: readonly StoredResource[],
): Promise<Pick<SnapshotPage, 'patients'>> {
  const versions = new Map(matches.map((match) => [documentKey(match), match.versionId]));
  const found = await reader.resources
    .find(
      { _id: { $in: [...versions.keys()] } },
      { ...readOptions(reader), projection: { patients: 1, version: 1 } },
    )
    .toArray();
  const same = found.filter((one) => one.patients && one.version === versions.get(one._id));
  if (same.length < matches.length) return {};
  const persons = new Set(same.flatMap(({ patients = [] }) => patients));
  return { patients: [...persons].map((person) => idOf(person)) };
}

async function changedSince(
  reader: Reader,
  { type, after }: SnapshotQuery,
  at: EpochMs,
  last: string | undefined,
): Promise<readonly ResourceKey[]> {
  const start = after === undefined ? '' : readCursor(after, 0).id;
  const range = {
    $gt: `${type}/${start}`,
    ...(last === undefined ? { $lt: `${type}0` } : { $lte: `${type}/${last}` }),
  };
  const documents = await reader.resources
    .find({ type, _id: range, lastUpdated: { $gt: at } }, { ...readOptions(reader), projection: { _id: 1 } })
    .toArray();
  return documents.map(({ _id }) => ({ type, id: idOf(_id) }));
}

async function versionAt(
  reader: Reader,
  key: ResourceKey,
  at: EpochMs,
  since: SnapshotSince | undefined,
): Promise<readonly StoredResource[]> {
  const { versions } = await historyPage(reader, { ...key, at: { first: at, last: at }, count: 1 });
  const [version] = versions;
  if (version?.text === undefined) return [];
  const isNew = since === undefined || version.lastUpdated > timeOf(since);
  return isNew ? [{ ...version, text: version.text }] : [];
}

function timeOf(since: SnapshotSince): EpochMs {
  return 'time' in since ? since.time : (readNumberCursor(since.position) as EpochMs);
}

/** Newest first. */
export async function deletesPage(
  reader: Reader,
  { type, at, since, only, count, after }: SnapshotDeletesQuery,
): Promise<SnapshotDeletesPage> {
  const moment = readNumberCursor(at) as EpochMs;
  const page = await historyPage(reader, {
    type,
    since: (timeOf(since) + 1) as EpochMs,
    at: { first: moment, last: moment },
    count,
    ...(only && { only }),
    ...(after !== undefined && { after }),
  });
  return {
    versions: page.versions.filter(({ text }) => text === undefined),
    ...(page.next !== undefined && { next: page.next }),
  };
}
