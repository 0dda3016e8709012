import type { Resource } from '../../../../src/fhir/resource.ts';
import type { PersonRecords } from '../../../../src/registry/identity/person-records.ts';
import { groupOf, settle } from '../../../../src/registry/identity/regroup.ts';
import type { EpochMs } from '../../../../src/values/instant.ts';

/** Patients in memory, as a store keeps them; each write is a second later than the one before. */
export function openKeptPatients() {
  const kept = new Map<string, { readonly resource: Resource; readonly at: EpochMs }>();
  let now = 1_700_000_000_000;
  let ids = 0;
  const put = (resource: Resource) => {
    now += 1000;
    kept.set(String(resource.id), { resource, at: now as EpochMs });
  };
  const write = async <Result>(
    work: (records: PersonRecords) => Promise<Result>,
    reported: readonly Resource[] = [],
  ): Promise<Result> => {
    const staged = new Map<string, Resource>();
    const adopted = new Map(reported.map((resource) => [String(resource.id), resource]));
    const records: PersonRecords = {
      read: async (id) => staged.get(id) ?? adopted.get(id) ?? kept.get(id)?.resource,
      before: async (id) => kept.get(id)?.resource,
      writtenAt: (id) => (adopted.has(id) ? ((now + 500) as EpochMs) : kept.get(id)?.at),
      isAdopted: (id) => adopted.has(id),
      adopt: () => {},
      forget: () => {},
      stage: (resource) => staged.set(String(resource.id), resource),
      remove: async (id) => {
        staged.delete(id);
        kept.delete(id);
      },
      touch: async () => {},
      changes: () => [],
    };
    const result = await work(records);
    for (const resource of adopted.values()) put(resource);
    for (const resource of staged.values()) put(resource);
    return result;
  };
  return {
    put,
    get: (id: string) => kept.get(id)?.resource,
    all: () => [...kept.keys()],
    newId: () => `p${++ids}`,
    /** What the work stages is kept, or nothing of it where it throws. `reported` is what a reporter writes beside it. */
    write,
    /** Deletes a source of the person. */
    remove: async (id: string, personId: string): Promise<void> => {
      kept.delete(id);
      await write(async (records) => {
        const group = await groupOf(records, personId);
        await settle(records, { ...group, sourceIds: group.sourceIds.filter((one) => one !== id) });
      });
    },
    /** The sources of the person to whom the record belongs, in a stable order. */
    sourcesBeside: async (id: string): Promise<readonly string[]> => {
      const records = { read: async (one: string) => kept.get(one)?.resource } as PersonRecords;
      return [...(await groupOf(records, id)).sourceIds].sort();
    },
  };
}

export function reported(id: string, family: string): Resource {
  return { resourceType: 'Patient', id, name: [{ family, given: [id] }] };
}
