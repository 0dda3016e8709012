import type { ResourceType } from '../../fhir/resource-type.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { type Reader, readOptions } from './reader.ts';
import { keyOf } from './value-keys.ts';

/** One question for all types; each is a branch of its own, read off the index by type and key. */
export async function referringTypes(
  reader: Reader,
  patients: readonly ResourceId[],
  params: ReadonlyMap<ResourceType, readonly string[]>,
): Promise<ReadonlySet<ResourceType>> {
  if (patients.length === 0) return new Set();
  const branches = [...params].map(([type, codes]) => ({
    type,
    keys: { $in: codes.flatMap((code) => patients.map((id) => keyOf.reference(code, 'Patient', id))) },
  }));
  if (branches.length === 0) return new Set();
  return new Set(await reader.resources.distinct('type', { $or: branches }, readOptions(reader)));
}
