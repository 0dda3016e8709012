import { toOperationOutcome } from '../fhir/problem.ts';
import type { Filter } from '../search/filter.ts';
import { type SnapshotDeletesPage, toLines } from '../store/contract/snapshot.ts';
import type { StoredVersion } from '../store/contract/stored-version.ts';
import type { ExportFile } from './export-plan.ts';
import { matchingReplaced } from './judge-replaced.ts';
import { openFiles, type Writing } from './writing.ts';

const deletesInBundle = 1000;

/** Bulk Data: Bundles of type transaction whose entries are deletes. */
export async function writeDeletes(writing: Writing): Promise<void> {
  const { plan, store, work } = writing;
  const { snapshot, since } = plan;
  if (since === undefined) return;
  const files = openFiles(writing, { type: 'Bundle', holds: 'deletes' }, 1);
  try {
    for (const { type, only, was } of plan.deletes) {
      let after: string | undefined;
      do {
        work.signal.throwIfAborted();
        const query = { type, at: snapshot.position, since, count: deletesInBundle, ...(only && { only }) };
        const page: SnapshotDeletesPage = await store.snapshotDeletes({
          ...query,
          ...(after !== undefined && { after }),
        });
        const told = await thoseThatWere(writing, was, page.versions);
        const entry = told.map(({ id }) => ({
          request: { method: 'DELETE', url: `${type}/${id}` },
        }));
        const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
        await written(
          writing,
          entry.length === 0 ? undefined : await files.write(toLines([JSON.stringify(bundle)]), 1),
        );
        after = page.next;
      } while (after !== undefined);
    }
    await written(writing, await files.finish());
  } catch (thrown) {
    await files.abandon();
    throw thrown;
  }
}

/** A tombstone has no values: those of the version before it are drawn anew. */
async function thoseThatWere(
  { store, context }: Writing,
  was: Filter | undefined,
  tombstones: readonly StoredVersion[],
): Promise<readonly StoredVersion[]> {
  if (!was) return tombstones;
  const ground = { store, indexResource: context.indexResource };
  const found: StoredVersion[] = [];
  for (const tombstone of tombstones) {
    const last = await store.readVersion(tombstone, tombstone.versionId - 1);
    if (last?.text === undefined) continue;
    const [matching] = await matchingReplaced(ground, was, [{ ...last, text: last.text }]);
    if (matching) found.push(tombstone);
  }
  return found;
}

async function written({ files }: Writing, file: ExportFile | undefined): Promise<void> {
  if (file) files.push(file);
}

export async function writeIssues(writing: Writing): Promise<void> {
  const incomplete = writing.failures.map(
    (text) => ({ severity: 'warning', code: 'incomplete', text }) as const,
  );
  const issues = [...writing.plan.issues, ...incomplete];
  if (issues.length === 0) return;
  const files = openFiles(writing, { type: 'OperationOutcome', holds: 'issues' }, 1);
  await files.write(
    toLines(issues.map((issue) => JSON.stringify(toOperationOutcome([issue])))),
    issues.length,
  );
  await written(writing, await files.finish());
}
