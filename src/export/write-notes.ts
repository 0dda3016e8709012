import { type Issue, toOperationOutcome } from '../fhir/problem.ts';
import { type SnapshotDeletesPage, toLines } from '../store/contract/snapshot.ts';
import type { ExportFile } from './export-plan.ts';
import { openFiles, type Writing } from './writing.ts';

const deletesInBundle = 1000;

/** Bulk Data: Bundles of type transaction whose entries are deletes. */
export async function writeDeletes(writing: Writing): Promise<void> {
  const { plan, store, work } = writing;
  const { snapshot, since } = plan;
  if (since === undefined) return;
  const files = openFiles(writing, { type: 'Bundle', holds: 'deletes' }, 1);
  try {
    for (const { type, only } of plan.deletes) {
      let after: string | undefined;
      do {
        work.signal.throwIfAborted();
        const query = { type, at: snapshot.position, since, count: deletesInBundle, ...(only && { only }) };
        const page: SnapshotDeletesPage = await store.snapshotDeletes({
          ...query,
          ...(after !== undefined && { after }),
        });
        const entry = page.versions.map(({ id }) => ({
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

async function written({ files }: Writing, file: ExportFile | undefined): Promise<void> {
  if (file) files.push(file);
}

export async function writeIssues(writing: Writing): Promise<void> {
  const unforecast = writing.failures.map(
    (text) => ({ severity: 'warning', code: 'incomplete', text }) as const,
  );
  const issues = [...writing.plan.issues, ...(await changedGroups(writing)), ...unforecast];
  if (issues.length === 0) return;
  const files = openFiles(writing, { type: 'OperationOutcome', holds: 'issues' }, 1);
  await files.write(
    toLines(issues.map((issue) => JSON.stringify(toOperationOutcome([issue])))),
    issues.length,
  );
  await written(writing, await files.finish());
}

/** Who came or left while it was written is in some of the files: that is told. */
async function changedGroups({ plan, store }: Writing): Promise<readonly Issue[]> {
  const issues: Issue[] = [];
  for (const { id, versionId } of plan.watched ?? []) {
    if ((await store.read({ type: 'Group', id }))?.versionId === versionId) continue;
    const text = `Group/${id} was changed while it was exported: of who came or left meanwhile some is here, not all`;
    issues.push({ severity: 'warning', code: 'incomplete', text });
  }
  return issues;
}
