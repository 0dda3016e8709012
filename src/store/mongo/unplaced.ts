import type { Document } from 'mongodb';
import type { ResourceKey, Store, StoredVersion } from '../contract/store.ts';
import { documentKey, toHistory, toStoredVersion } from './documents.ts';
import { concernsUnknown, type Person, personOf } from './person.ts';
import { type Reader, readOptions } from './reader.ts';

const withoutValues = { keys: 0, spans: 0, tuples: 0 } as const;

/** Tombstones and old versions of which an earlier release did not say whom they concern. */
export async function unplacedVersions(reader: Reader, count: number): Promise<readonly StoredVersion[]> {
  const options = { ...readOptions(reader), limit: count };
  const current = { ...options, projection: withoutValues };
  const tombstones = await reader.resources
    .find({ method: 'DELETE', ...unknown() }, current)
    .map((document) => toStoredVersion(document._id, document))
    .toArray();
  const moving = await reader.resources
    .find({ 'previous.lastUpdated': { $exists: true }, ...unknown('previous.') } as Document, current)
    .toArray();
  const old = await reader.history
    .find(unknown(), options)
    .map((document) => toStoredVersion(document.key, document))
    .toArray();
  const just = moving.flatMap((document) => {
    const entry = toHistory(document);
    return entry ? [toStoredVersion(entry.key, entry)] : [];
  });
  const found = new Map<string, StoredVersion>();
  for (const version of [...tombstones, ...just, ...old]) {
    found.set(`${documentKey(version)}/${version.versionId}`, version);
  }
  return [...found.values()].slice(0, count);
}

function unknown(at = ''): Document {
  const query = concernsUnknown(at);
  return query === 'all' || query === 'none' ? {} : query;
}

type Placed = Parameters<Store['placeVersions']>[0][number];

/**
 * Says whom they concern, where they lie. A version may move from its document to its successor's and to the history
 * meanwhile, so they are looked for in this order.
 */
export async function placeVersions(reader: Reader, versions: readonly Placed[]): Promise<void> {
  for (const version of versions) await placeVersion(reader, version);
}

async function placeVersion(reader: Reader, version: Placed): Promise<void> {
  const _id = documentKey(version);
  const current = await reader.resources.findOne({ _id }, { projection: { patient: 1 } });
  if (!current) return;
  const { versionId } = version;
  const patients = version.patients.map(personOf);
  const at = { _id, patient: current.patient };
  await reader.resources.updateOne(
    { ...at, version: versionId, method: 'DELETE', ...unknown() } as Document,
    { $set: { patients } },
  );
  await reader.resources.updateOne(
    { ...at, 'previous.version': versionId, ...unknown('previous.') } as Document,
    { $set: { 'previous.patients': patients } as Document },
  );
  await placeOld(reader, version, patients);
}

async function placeOld(
  reader: Reader,
  version: ResourceKey & { readonly versionId: number },
  patients: readonly Person[],
): Promise<void> {
  const _id = `${documentKey(version)}/${version.versionId}`;
  const old = await reader.history.findOne({ _id }, { projection: { patient: 1 } });
  if (!old) return;
  const filter: Document = { _id, patient: old.patient, ...unknown() };
  await reader.history.updateOne(filter, { $set: { patients } });
}
