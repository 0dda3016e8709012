import { type ResourceType, resourceTypes } from '../../fhir/resource-type.ts';
import type { ServerContext } from '../../interaction/context.ts';
import {
  type IndexDefinition,
  indexDefinition,
  type Staleness,
  staleParams,
  stillBuilt,
} from '../../search/index-definition.ts';
import type { Store } from '../../store/contract/store.ts';

/** The collection of records that say what the index of each type was built with. */
const collection = 'index';

/** What of the index was not drawn as it is searched. */
export type IndexState = {
  /** '*' is any type, or any parameter. */
  readonly staleness: ServerContext['staleness'];
  /** The stale parameters by type; types without any are left out. */
  readonly stale: () => Stale;
  /** Types whose resources must be drawn anew: stale, or from a release that did not say how it drew them. */
  readonly pending: () => readonly ResourceType[];
  /** All that decides how resources of the type are drawn here, as a text to compare. */
  readonly definitionOf: (type: ResourceType) => string;
  /** Notes that every resource of the type is drawn as the present definitions say. */
  readonly built: (type: ResourceType) => Promise<void>;
  /** Reads what others have noted. */
  readonly refresh: () => Promise<void>;
};

type Stale = ReadonlyMap<ResourceType, ReadonlyMap<string, Staleness>>;

type Defining = Pick<ServerContext, 'searchParams' | 'baseUrl' | 'ownKeys'>;

/**
 * Compares what the index was built with to what this process draws. An empty store is built with what is drawn. A store
 * of a release that did not say is taken to be searched as it was drawn, and drawn anew all the same.
 */
export async function openIndexState(store: Store, defining: Defining): Promise<IndexState> {
  const isEmpty = await hasNothing(store);
  const stale = new Map<ResourceType, ReadonlyMap<string, Staleness>>();
  const pending = new Set<ResourceType>();
  const { searchParams, baseUrl, ownKeys } = defining;
  const presentOf = (type: ResourceType) => indexDefinition(searchParams, baseUrl, type, ownKeys);
  const keep = async (definitions: ReadonlyMap<ResourceType, IndexDefinition>) => {
    const records = [...definitions].map(([key, definition]) => ({
      kind: 'put' as const,
      record: { collection, key, value: JSON.stringify(definition) },
    }));
    if (store.transactions) return void (records.length > 0 && (await store.writeRecords(records)));
    for (const record of records) await store.writeRecords([record]);
  };
  const judge = (type: ResourceType, built: IndexDefinition | undefined) => {
    const codes: ReadonlyMap<string, Staleness> = built ? staleParams(built, presentOf(type)) : new Map();
    if (codes.size > 0) stale.set(type, codes);
    else stale.delete(type);
    if (built && codes.size === 0) pending.delete(type);
    else pending.add(type);
  };
  const state: IndexState = {
    staleness: (type, code) => among(stale, type, code),
    stale: () => stale,
    pending: () => [...pending],
    definitionOf: (type) => JSON.stringify(presentOf(type)),
    built: async (type) => {
      const present = presentOf(type);
      await keep(new Map([[type, present]]));
      judge(type, present);
    },
    refresh: async () => {
      for (const type of resourceTypes) judge(type, await readDefinition(store, type));
    },
  };
  const changed = new Map<ResourceType, IndexDefinition>();
  for (const type of resourceTypes) {
    const built = await readDefinition(store, type);
    const present = presentOf(type);
    if (isEmpty && !built) changed.set(type, present);
    // From now on resources are written as the present definitions say.
    else if (built && JSON.stringify(stillBuilt(built, present)) !== JSON.stringify(built)) {
      changed.set(type, stillBuilt(built, present));
    }
  }
  await keep(changed);
  await state.refresh();
  return state;
}

async function hasNothing(store: Store): Promise<boolean> {
  return (await store.history({ count: 1 })).versions.length === 0;
}

async function readDefinition(store: Store, type: ResourceType): Promise<IndexDefinition | undefined> {
  const record = await store.readRecord(collection, type);
  return record && (JSON.parse(record.value) as IndexDefinition);
}

function among(stale: Stale, type: string, code: string): Staleness | undefined {
  if (stale.size === 0) return undefined;
  const found: Staleness[] = [];
  for (const [ofType, codes] of stale) {
    if (type !== '*' && ofType !== type) continue;
    for (const [each, why] of codes) if (code === '*' || each === code) found.push(why);
  }
  return found.includes('changed') ? 'changed' : found[0];
}

/** What is not answered whole until the index is drawn anew, a sentence for each type. */
export function indexWarnings(index: IndexState): readonly string[] {
  return [...index.stale()].map(([type, codes]) => {
    const names = [...codes.keys()];
    const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ' and others' : '');
    return `the index of ${type} by ${shown} is being built anew; searches by it may lack resources (jenner reindex --changed)`;
  });
}
