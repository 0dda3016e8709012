import type { ServerContext } from '../../interaction/context.ts';
import { parseStoredInTurns } from '../../interaction/parse-stored.ts';
import { drawWithPauses } from '../../search/draw-values.ts';
import type { Store, StoredVersion } from '../../store/contract/store.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { nextTurn } from '../../values/turns.ts';

const together = 200;

/** Says of all old versions that an earlier release wrote whom they concern; answers of how many. */
export async function placeVersions(
  context: Pick<ServerContext, 'indexResource'>,
  store: Store,
  note: (done: number) => void = () => {},
): Promise<number> {
  let done = 0;
  for (;;) {
    const versions = await store.unplacedVersions(together);
    if (versions.length === 0) return done;
    const placed = versions.map(async (version) => ({
      type: version.type,
      id: version.id,
      versionId: version.versionId,
      patients: await patientsOfVersion(context, store, version),
    }));
    await store.placeVersions(await Promise.all(placed));
    done += versions.length;
    note(done);
  }
}

/** A tombstone concerns those whom the version before it concerned. */
async function patientsOfVersion(
  context: Pick<ServerContext, 'indexResource'>,
  store: Store,
  version: StoredVersion,
): Promise<readonly ResourceId[]> {
  const told = version.text === undefined ? await store.readVersion(version, version.versionId - 1) : version;
  if (told?.text === undefined) return [];
  const { resource } = await parseStoredInTurns({ ...told, text: told.text }, nextTurn);
  return (await drawWithPauses(context.indexResource, version, resource, nextTurn)).patients;
}
