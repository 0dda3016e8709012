import type { ParsedResource, Resource } from '../../fhir/resource.ts';
import type { InteractionContext, StoredVersion } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { prepareChange, prepareDelete } from '../../interaction/prepare-change.ts';
import { storedResource } from '../../interaction/write-result.ts';
import type { Change } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/** The Patients that a write regroups: what is there, and what they are to become. */
export type PersonRecords = {
  /** The Patient as it is to become; undefined where there is none. */
  readonly read: (id: string) => Promise<Resource | undefined>;
  /** The Patient as it was before this. */
  readonly before: (id: string) => Promise<Resource | undefined>;
  /** When it was written, before this; of what is written beside this, now. Undefined where it is not known yet. */
  readonly writtenAt: (id: string) => EpochMs | undefined;
  readonly isAdopted: (id: string) => boolean;
  /** A Patient that is written beside this: it counts as there. */
  readonly adopt: (change: Change, current: StoredVersion | undefined) => void;
  /** A Patient that is deleted beside this: it counts as gone. */
  readonly forget: (id: string) => void;
  readonly stage: (resource: Resource) => void;
  /** Writes it again as it is, so that what is said of it is right. */
  readonly touch: (id: string) => Promise<void>;
  /** Deletes it, as it was before this. */
  readonly remove: (id: string) => Promise<void>;
  /** What is written of those that were staged, each once. */
  readonly changes: () => readonly Change[];
};

type Kept = { readonly parsed: ParsedResource; readonly current: StoredVersion | undefined };

/** Reads as the system: who is one person is not judged by what the caller sees. */
export function openPersonRecords(system: InteractionContext): PersonRecords {
  const kept = new Map<string, Kept>();
  const adopted = new Map<string, Change>();
  const staged = new Map<string, Resource>();
  const removed = new Set<string>();
  const forgotten = new Set<string>();
  const isGone = (id: string) => removed.has(id) || forgotten.has(id);
  const load = async (id: string): Promise<Kept | undefined> => {
    const known = kept.get(id);
    if (known) return known;
    const current = await system.view.read({ type: 'Patient', id: id as ResourceId });
    if (current?.text === undefined) return undefined;
    const loaded = { parsed: parseStored(storedResource(current)), current };
    kept.set(id, loaded);
    return loaded;
  };
  return {
    read: async (id) => (isGone(id) ? undefined : (staged.get(id) ?? (await load(id))?.parsed.resource)),
    before: async (id) => (await load(id))?.parsed.resource,
    writtenAt: (id) => adopted.get(id)?.lastUpdated ?? kept.get(id)?.current?.lastUpdated,
    isAdopted: (id) => adopted.has(id),
    adopt: (change, current) => {
      adopted.set(change.id, change);
      kept.set(change.id, { parsed: parseStored(storedResource(change)), current });
    },
    forget: (id) => {
      forgotten.add(id);
    },
    stage: (resource) => {
      staged.set(String(resource.id), resource);
    },
    touch: async (id) => {
      const resource = staged.get(id) ?? (await load(id))?.parsed.resource;
      if (resource) staged.set(id, resource);
    },
    remove: async (id) => {
      await load(id);
      staged.delete(id);
      removed.add(id);
    },
    changes: () => {
      const changes: Change[] = [];
      for (const id of removed) {
        const current = kept.get(id)?.current;
        if (current) changes.push(prepareDelete(system, { type: 'Patient', id: id as ResourceId }, current));
      }
      // What one of them says may have come from another.
      const exactNumbers = [...kept.values()].some(({ parsed }) => parsed.exactNumbers);
      for (const [id, resource] of staged) {
        const was = kept.get(id);
        const method = adopted.get(id)?.method ?? (was ? 'PUT' : 'POST');
        const target = { type: 'Patient', id: id as ResourceId, method, current: was?.current } as const;
        changes.push(prepareChange(system, { resource, exactNumbers }, target));
      }
      return changes;
    },
  };
}
