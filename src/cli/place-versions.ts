import type { InteractionContext } from '../interaction/context.ts';
import { parseStored } from '../interaction/parse-stored.ts';
import type { StoredVersion } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { drawValues } from './draw-values.ts';

const together = 200;

/** Says of all old versions that an earlier release wrote whom they concern; answers of how many. */
export async function placeVersions(
  ctx: InteractionContext,
  note: (done: number) => void = () => {},
): Promise<number> {
  let done = 0;
  for (;;) {
    const versions = await ctx.store.unplacedVersions(together);
    if (versions.length === 0) return done;
    const placed = versions.map(async (version) => ({
      type: version.type,
      id: version.id,
      versionId: version.versionId,
      patients: await patientsOfVersion(ctx, version),
    }));
    await ctx.store.placeVersions(await Promise.all(placed));
    done += versions.length;
    note(done);
  }
}

/** A tombstone concerns those whom the version before it concerned. */
async function patientsOfVersion(
  ctx: InteractionContext,
  version: StoredVersion,
): Promise<readonly ResourceId[]> {
  const told =
    version.text === undefined ? await ctx.store.readVersion(version, version.versionId - 1) : version;
  if (told?.text === undefined) return [];
  const { resource } = parseStored({ ...told, text: told.text });
  return drawValues(ctx.indexResource, version, resource).patients;
}
