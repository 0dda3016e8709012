import { lastingCollections } from '../auth/records/collections.ts';
import { createImportPool } from '../bulk/import-pool.ts';
import { feedbackCollection } from '../cds-hooks/feedback.ts';
import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { deadCollection, outboxCollection } from '../hl7v2/forward/outbox.ts';
import { messageCollection } from '../hl7v2/kept/kept-message.ts';
import { openingCollection } from '../interaction/openings.ts';
import { parseStored } from '../interaction/parse-stored.ts';
import { revocationCollection } from '../registry/health-cards/revocations.ts';
import { linkCollection, linkOwnerCollection } from '../registry/health-links/link-records.ts';
import { drawValues } from '../search/draw-values.ts';
import type { IndexValues } from '../search/index-values.ts';
import type { ResourceKey, Store, StoredVersion } from '../store/contract/store.ts';
import type { Clock } from '../values/clock.ts';
import { OperatorError } from '../values/operator-error.ts';
import { viewCollection } from '../views/kept-views.ts';
import { buildIndexes } from './build-indexes.ts';
import { createProgress, type Progress } from './progress.ts';

export type MoveCommand = {
  readonly from: Store;
  readonly to: Store;
  readonly indexResource: (resource: object) => IndexValues;
  readonly clock: Clock;
  readonly output: NodeJS.WriteStream;
};

type Counts = { resources: number; versions: number; before: number };

const pageSize = 500;
/** How far the move has come, by type, so that it can be taken up again; kept in the target. */
const checkpoints = 'move';
const done = 'done';
/** No type of resource has this name. */
const auditCheckpoint = 'audit';
/** Records that stay true in another store. */
const recordCollections = [
  'job',
  'schedule',
  viewCollection,
  openingCollection,
  messageCollection,
  outboxCollection,
  deadCollection,
  revocationCollection,
  feedbackCollection,
  linkCollection,
  linkOwnerCollection,
  ...lastingCollections,
];

/**
 * `jenner move`: copies every version of every resource, deletes too, with ids, numbers and times as they are; what is
 * there already is left. Nobody may write to either store meanwhile. Answers the exit code; throws when the target holds
 * something else under one of the ids.
 */
export async function runMove({ from, to, indexResource, clock, output }: MoveCommand): Promise<number> {
  const started = clock.now();
  const counts: Counts = { resources: 0, versions: 0, before: 0 };
  const progress = createProgress(output, clock.now);
  for (const type of resourceTypes) {
    await moveType({ from, to, indexResource, counts, progress }, type);
  }
  for (const collection of recordCollections) await moveRecords(from, to, collection);
  await moveAudit(from, to);
  await buildIndexes(to, output, clock.now);
  await requireWhole(from, to);
  for (const key of [...resourceTypes, auditCheckpoint]) {
    await to.writeRecords([{ kind: 'delete', collection: checkpoints, key }]);
  }
  const seconds = Math.max(1, clock.now() - started) / 1000;
  const pace = `${seconds.toFixed(1)} s, ${Math.round(counts.versions / seconds)} versions/s`;
  output.write(`moved ${summaryOf(counts)} (${pace})\n`);
  return 0;
}

/** The rows of the audit, the newest first; one that is there already is left. */
async function moveAudit(from: Store, to: Store): Promise<void> {
  let after = (await to.readRecord(checkpoints, auditCheckpoint))?.value;
  while (after !== done) {
    const query = { count: pageSize };
    const page = await from.searchAudit(after === undefined ? query : { ...query, after });
    await to.appendAudit(page.rows);
    after = page.next ?? done;
    await to.writeRecords([
      { kind: 'put', record: { collection: checkpoints, key: auditCheckpoint, value: after } },
    ]);
  }
}

async function moveRecords(from: Store, to: Store, collection: string): Promise<void> {
  let after: string | undefined;
  do {
    const query = { collection, count: pageSize };
    const page = await from.listRecords(after === undefined ? query : { ...query, after });
    for (const record of page.records) await to.writeRecords([{ kind: 'put', record }]);
    after = page.next;
  } while (after !== undefined);
}

function summaryOf({ resources, versions, before }: Counts): string {
  return `${resources} resources, ${versions} versions${before > 0 ? `, ${before} resources were there before` : ''}`;
}

type Move = Pick<MoveCommand, 'from' | 'to' | 'indexResource'> & {
  readonly counts: Counts;
  readonly progress: Progress;
};

/** Walks the history of the type; where it meets a current version it moves the resource with all that came before. */
async function moveType(move: Move, type: ResourceType): Promise<void> {
  const { from, to, counts, progress } = move;
  const total = await from.countHistory({ type, count: 0 });
  let after = (await to.readRecord(checkpoints, type))?.value;
  if (total === 0 || after === done) return;
  progress.start(type, total);
  let seen = 0;
  do {
    const query = { type, count: pageSize };
    const page = await from.history(after === undefined ? query : { ...query, after });
    const pool = createImportPool();
    for (const version of page.versions) await pool.run(() => moveIfCurrent(move, version));
    await pool.drain();
    after = page.next;
    const record = { collection: checkpoints, key: type, value: after ?? done };
    await to.writeRecords([{ kind: 'put', record }]);
    seen += page.versions.length;
    progress.update(seen, summaryOf(counts));
  } while (after !== undefined);
  progress.stop();
}

async function moveIfCurrent(move: Move, version: StoredVersion): Promise<void> {
  const current = await move.from.read(version);
  if (current?.versionId !== version.versionId) return;
  if (version.versionId > 1) return moveVersions(move, await versionsOf(move.from, version));
  return moveVersions(move, [version]);
}

/** Oldest first. */
async function versionsOf(from: Store, { type, id }: ResourceKey): Promise<readonly StoredVersion[]> {
  const versions: StoredVersion[] = [];
  let after: string | undefined;
  do {
    const query = { type, id, count: pageSize };
    const page = await from.history(after === undefined ? query : { ...query, after });
    versions.push(...page.versions);
    after = page.next;
  } while (after !== undefined);
  return versions.reverse();
}

async function moveVersions(move: Move, versions: readonly StoredVersion[]): Promise<void> {
  const { counts } = move;
  let written = 0;
  for (const version of versions) {
    if (await moveVersion(move, version)) written++;
  }
  counts.resources++;
  counts.versions += written;
  if (written === 0) counts.before++;
}

/** False when the target has this very version already, as after a move that was stopped. */
async function moveVersion({ to, indexResource }: Move, version: StoredVersion): Promise<boolean> {
  const { text } = version;
  const drawn =
    text === undefined
      ? { index: {}, patients: [], marks: [] }
      : drawValues(indexResource, version, parseStored({ ...version, text }).resource);
  const change = { ...version, expectedVersion: version.versionId - 1, ...drawn };
  const outcome = await to.write({ changes: [change], guards: [] });
  if (outcome.kind === 'committed') return true;
  if (outcome.kind === 'late')
    throw new OperatorError('the target was exported from already; move into a new one');
  const there = await to.readVersion(version, version.versionId);
  if (there?.lastUpdated === version.lastUpdated && there.text === version.text) return false;
  const name = `${version.type}/${version.id}`;
  throw new OperatorError(`the target holds another ${name} than version ${version.versionId} of the source`);
}

/** Both must now have the same number of resources and of versions. */
async function requireWhole(from: Store, to: Store): Promise<void> {
  for (const type of resourceTypes) {
    const [source, target] = await Promise.all([from, to].map((store) => sizeOf(store, type)));
    if (source === target) continue;
    throw new OperatorError(
      `${type}: the source has ${source}, the target ${target}: was one of them written to?`,
    );
  }
}

async function sizeOf(store: Store, type: ResourceType): Promise<string> {
  const resources = await store.count([type], { kind: 'and', of: [] });
  return `${resources} resources in ${await store.countHistory({ type, count: 0 })} versions`;
}
