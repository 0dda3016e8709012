import { toAuditReach } from '../access/audit-reach.ts';
import type { Caller, TypeInteraction } from '../access/caller.ts';
import { isNothing } from '../access/combine-filters.ts';
import { decide } from '../access/decide.ts';
import { byType, restrictFilter, toPersonFilter, toVersionFilter } from '../access/restrict-filter.ts';
import { isResourceType, type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import {
  allOf,
  anyOf,
  everything,
  type Filter,
  isEverything,
  nothing,
  type VersionFilter,
} from '../search/filter.ts';
import type { Staleness } from '../search/index-definition.ts';
import { paramsOfFilter } from '../search/used-params.ts';
import { idsByType } from '../store/contract/ids-by-type.ts';
import type {
  HasGone,
  HistoryQuery,
  ResourceKey,
  ScanQuery,
  SearchPage,
  SearchQuery,
  Store,
  StoredResource,
  StoredVersion,
} from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type AskedOf, askPersons } from './ask-persons.ts';
import { type AuditView, auditView } from './audit/reached-rows.ts';
import { type StoreDoor, storeBehind } from './store-door.ts';

/**
 * The store as one caller may see it; the only way to read it for a caller. What the caller may not see is not there: it
 * is in no page, count, history or link, and nothing can be told about it by asking through something else.
 */
export type CallerView = Pick<
  Store,
  | 'readMany'
  | 'readVersion'
  | 'referredBy'
  | 'referringTypes'
  | 'history'
  | 'countHistory'
  | 'aliasesOf'
  | 'hasAliases'
  | 'transactions'
> &
  AuditView & {
    /** Asks of persons (`search/of-persons.ts`): sources are left out, and who is named is named by every id. */
    readonly search: (query: SearchQuery, asked?: AskedOf) => Promise<SearchPage>;
    readonly count: (
      types: readonly ResourceType[],
      filter: Filter,
      hasGone?: HasGone,
      asked?: AskedOf,
    ) => Promise<number>;
    /** Of records, unless persons are asked for. */
    readonly scan: (query: ScanQuery, asked?: AskedOf) => Promise<SearchPage>;
    /** The filter as it asks of persons, sources among them; what the store is to be asked by somebody else. */
    readonly ofPersons: (types: readonly ResourceType[], filter: Filter) => Promise<Filter>;
    /** The filter as a condition of a write asks: of what was written, not of what was computed. */
    readonly ofRecords: (type: ResourceType, filter: Filter) => Promise<Filter>;
    /**
     * The current version or a tombstone, when the interaction (a read where none is named) is allowed with it; undefined
     * also when it was never there.
     */
    readonly read: (key: ResourceKey, interaction?: TypeInteraction) => Promise<StoredVersion | undefined>;
    /**
     * Which of them a resource that the caller writes may refer to: those it may read, of the directory those that its role
     * knows, and of the persons `about` whom it is those whom the write may be about at all. Nothing else is told by it.
     */
    readonly mentionable: (keys: readonly ResourceKey[], about?: About) => Promise<readonly ResourceKey[]>;
    /** The filter narrowed to what the caller may find: for a guard, which the store judges on everything. */
    readonly findable: (type: ResourceType, filter: Filter) => Filter;
    /** Which resources of the type the interaction is allowed with; undefined = with all. */
    readonly reach: (interaction: TypeInteraction, type: ResourceType) => Filter | undefined;
    /** False while the index by which it is judged is drawn anew: nothing is allowed until then. */
    readonly isDecided: (interaction: TypeInteraction, type: ResourceType) => boolean;
  };

/** The write by which a resource is to be about a person. */
export type About = { readonly interaction: TypeInteraction; readonly type: ResourceType };

/** A caller asks more than once, and what it may see of a store is the same in all that it asks. */
export function openCallerView(door: StoreDoor, caller: Caller, staleness: StalenessOf): CallerView {
  const ofStore = opened.get(door) ?? new WeakMap<Caller, OpenedView>();
  const there = ofStore.get(caller);
  if (there?.staleness === staleness) return there.view;
  const view = viewOf(storeBehind(door), caller, staleness);
  opened.set(door, ofStore.set(caller, { staleness, view }));
  return view;
}

type OpenedView = { readonly staleness: StalenessOf; readonly view: CallerView };

const opened = new WeakMap<StoreDoor, WeakMap<Caller, OpenedView>>();

function viewOf(store: Store, caller: Caller, staleness: StalenessOf): CallerView {
  switch (caller.kind) {
    case 'open':
    case 'system':
      return wholeView(store);
    case 'anonymous':
    case 'token':
      return restrictedView(store, caller, staleness);
  }
}

function wholeView(store: Store): CallerView {
  const persons = askPersons(store);
  return {
    read: (key) => store.read(key),
    readMany: (keys) => store.readMany(keys),
    readVersion: (key, versionId) => store.readVersion(key, versionId),
    search: async (query, asked) => store.search({ ...query, filter: await persons.filter(query, asked) }),
    count: async (types, filter, hasGone, asked) =>
      store.count(types, await persons.filter({ types, filter }, asked), hasGone),
    ...asItIs(store),
    ...persons.view,
    referredBy: (keys, params) => store.referredBy(keys, params),
    history: (query) => store.history(query),
    countHistory: (query) => store.countHistory(query),
    scan: async (query, asked) => store.scan({ ...query, ...(await persons.scanned(query, asked)) }),
    ...auditView(store, () => 'all'),
    mentionable: (keys) => store.readMany(keys),
    findable: (_type, filter) => filter,
    reach: () => undefined,
    isDecided: () => true,
  };
}

/** What is the same for everybody. The types only spare searches: what there is to be seen is told by those that are made. */
function asItIs({ transactions, referringTypes }: Store): Pick<Store, 'transactions' | 'referringTypes'> {
  return { transactions, referringTypes };
}

/** So many resources are looked up by one search. */
const chunk = 500;

/** What the index does not hold as it is defined. */
type StalenessOf = (type: string, code: string) => Staleness | undefined;

function restrictedView(store: Store, caller: Caller, staleness: StalenessOf): CallerView {
  const persons = askPersons(store, (patients) => knownAmong(store, patients, allowed('read', 'Patient')));
  // By an index that is not whole nobody can tell what is allowed: then nothing is.
  const isWhole = (filter: Filter, type: string) =>
    paramsOfFilter(filter, type).every((used) => staleness(used.type, used.code) === undefined);
  const allowed = (interaction: TypeInteraction, type: string): Filter => {
    const filter = allowedFilter(caller, interaction, type);
    return isWhole(filter, type) ? filter : nothing;
  };
  const findable = (type: string) => allowed('search-type', type);
  const narrow = (types: readonly ResourceType[], filter: Filter): Filter =>
    both(restrictFilter(filter, findable), ofTypes(types, findable));
  const versions = (query: HistoryQuery): HistoryQuery => ({ ...query, only: versionsFor(query, allowed) });
  const read: CallerView['read'] = async (key, interaction = 'read') => {
    const only = allowed(interaction, key.type);
    if (isEverything(only)) return store.read(key);
    const [live] = (await find(store, key.type, [key.id], only)).matches;
    return live ?? readTombstone(store, key, only);
  };
  const readMany = (keys: readonly ResourceKey[]) => findMany(store, keys, (type) => allowed('read', type));
  const mentioned = (type: ResourceType, about: About | undefined): Filter => {
    if (type === 'Patient' && about) return toPersonFilter(allowed(about.interaction, about.type));
    return (caller.kind === 'token' && caller.mentions?.get(type)) || nothing;
  };
  return {
    read,
    readMany,
    readVersion: async (key, versionId) => {
      const [version] = (await store.history(versions({ ...key, versionId, count: 1 }))).versions;
      if (version) return version;
      // What only the index values tell is known of the current version.
      const current = await read(key, 'vread');
      return current?.versionId === versionId ? current : undefined;
    },
    search: async (query, asked) =>
      store.search({ ...query, filter: narrow(query.types, await persons.filter(query, asked)) }),
    count: async (types, filter, hasGone, asked) =>
      store.count(types, narrow(types, await persons.filter({ types, filter }, asked)), hasGone),
    ...asItIs(store),
    ...persons.view,
    referredBy: async (keys, params) => readMany(await store.referredBy(keys, params)),
    history: (query) => store.history(versions(query)),
    countHistory: (query) => store.countHistory(versions(query)),
    mentionable: (keys, about) =>
      findMany(store, keys, (type) => anyOf([allowed('read', type), mentioned(type, about)])),
    scan: async (query, asked) => {
      const { filter = everything } = await persons.scanned(query, asked);
      return store.scan({ ...query, filter: narrow([query.type], filter) });
    },
    ...auditView(store, (interaction) => toAuditReach(allowed(interaction, 'AuditEvent'))),
    findable: (type, filter) => narrow([type], filter),
    reach: (interaction, type) => {
      const only = allowed(interaction, type);
      return isEverything(only) ? undefined : only;
    },
    isDecided: (interaction, type) => isWhole(allowedFilter(caller, interaction, type), type),
  };
}

/** Without a scope for Patients nothing says whom the caller may know. */
async function knownAmong(
  store: Store,
  patients: readonly ResourceId[],
  only: Filter,
): Promise<readonly ResourceId[]> {
  if (isEverything(only) || isNothing(only)) return patients;
  const keys = patients.map((id) => ({ type: 'Patient', id }) as const);
  return (await findMany(store, keys, () => only)).map(({ id }) => id);
}

function find(store: Store, type: ResourceType, ids: readonly string[], only: Filter): Promise<SearchPage> {
  const filter = allOf([{ kind: 'id', anyOf: ids }, only]);
  return store.search({ types: [type], filter, sort: [], count: ids.length });
}

async function findMany(
  store: Store,
  keys: readonly ResourceKey[],
  only: (type: ResourceType) => Filter,
): Promise<readonly StoredResource[]> {
  const found = new Map<string, StoredResource>();
  for (const [type, ids] of idsByType(keys)) {
    for (let at = 0; at < ids.length; at += chunk) {
      const { matches } = await find(store, type, ids.slice(at, at + chunk), only(type));
      for (const match of matches) found.set(`${type}/${match.id}`, match);
    }
  }
  return keys.flatMap(({ type, id }) => found.get(`${type}/${id}`) ?? []);
}

function allowedFilter(caller: Caller, interaction: TypeInteraction, type: string): Filter {
  if (!isResourceType(type)) return nothing;
  const decision = decide(caller, interaction, type);
  switch (decision.kind) {
    case 'allow':
      return everything;
    case 'deny':
      return nothing;
    case 'only':
      return decision.filter;
  }
}

function both(asked: Filter, allowed: Filter): Filter {
  return isEverything(allowed) ? asked : allOf([asked, allowed]);
}

function ofTypes(types: readonly ResourceType[], allowed: (type: ResourceType) => Filter): Filter {
  const [only, ...others] = types;
  if (only !== undefined && others.length === 0) return allowed(only);
  const parts = types.map((type) => [type, allowed(type)] as const);
  return parts.every(([, filter]) => isEverything(filter)) ? everything : byType(new Map(parts));
}

function versionsFor(
  { type, id }: HistoryQuery,
  allowed: (interaction: TypeInteraction, type: ResourceType) => Filter,
): VersionFilter {
  const interaction = id === undefined ? 'history-type' : 'history-instance';
  const types = type === undefined ? resourceTypes : [type];
  return toVersionFilter(ofTypes(types, (each) => allowed(interaction, each)));
}

/** A tombstone has no index values: whether it may be seen is judged by whom it concerns. */
async function readTombstone(
  store: Store,
  key: ResourceKey,
  only: Filter,
): Promise<StoredVersion | undefined> {
  const query = { ...key, count: 1, only: toVersionFilter(only) };
  const [newest] = (await store.history(query)).versions;
  if (!newest || newest.text !== undefined) return undefined;
  const current = await store.read(key);
  return current?.versionId === newest.versionId ? newest : undefined;
}
