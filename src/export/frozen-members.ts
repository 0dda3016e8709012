import { toLiteralReference } from '../fhir/reference.ts';
import { parseStoredInTurns } from '../interaction/parse-stored.ts';
import { allOf, anyOf, type Filter, not } from '../search/filter.ts';
import type { Store } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { nextTurn } from '../values/turns.ts';
import type { WatchedGroup } from './group-persons.ts';

/** So many may have come to a Group or left it: more would make every question long. */
const mostMoved = 5000;
/** A Group that is written all the time is asked about again so often. */
const attempts = 5;

/** Asks a question about the members of Groups so that it is answered as of the moment of the request. */
export type Freeze = <Answer>(filter: Filter, ask: (frozen: Filter) => Promise<Answer>) => Promise<Answer>;

export type FreezeOptions = {
  readonly store: Pick<Store, 'read' | 'readVersion'>;
  readonly baseUrl: string;
  readonly watched: readonly WatchedGroup[];
  /** Told once of a Group of which too many have come or left. */
  readonly onUnfrozen: (id: ResourceId) => void;
};

/** Who was named as a member at the request and is no more; and who is now and was not then. */
type Moved = { readonly left: readonly ResourceId[]; readonly came: readonly ResourceId[] };
type Known = WatchedGroup & { readonly moved: Moved };

/**
 * The members of a large Group are looked up in the index as it is, page by page. Where the Group has changed since the
 * request, those who have left are added to the question by name, and those who came are taken out; where it changes
 * while the page is read, the page is read again.
 */
export function openFreeze({ store, baseUrl, watched, onUnfrozen }: FreezeOptions): Freeze {
  if (watched.length === 0) return (filter, ask) => ask(filter);
  const known = new Map<ResourceId, Known>(
    watched.map((group) => [group.id, { ...group, moved: { left: [], came: [] } }]),
  );
  const lost = new Set<ResourceId>();
  const catchUp = async (group: WatchedGroup): Promise<boolean> => {
    const { versionId } = known.get(group.id) ?? group;
    if (lost.has(group.id) || !(await store.readVersion(keyOf(group), versionId + 1))) return false;
    const [then, now] = [
      await store.readVersion(keyOf(group), group.versionId),
      await store.read(keyOf(group)),
    ];
    const moved = movedBetween(await named(then, baseUrl), await named(now, baseUrl));
    const isLost = moved.left.length + moved.came.length > mostMoved;
    if (isLost) {
      lost.add(group.id);
      onUnfrozen(group.id);
    }
    known.set(group.id, {
      id: group.id,
      versionId: now?.versionId ?? versionId + 1,
      moved: isLost ? still : moved,
    });
    return true;
  };
  const catchUpAll = async () => {
    let changed = false;
    for (const group of watched) changed = (await catchUp(group)) || changed;
    return changed;
  };
  return async (filter, ask) => {
    await catchUpAll();
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(corrected(filter, known));
      if (!(await catchUpAll())) return answer;
      if (attempt < attempts) continue;
      for (const { id } of watched) onUnfrozen(id);
      return answer;
    }
  };
}

const still: Moved = { left: [], came: [] };

function keyOf({ id }: WatchedGroup) {
  return { type: 'Group', id } as const;
}

type Version = Awaited<ReturnType<Store['read']>>;
type Member = { readonly entity?: { readonly reference?: string } };

/** As the index has them: whoever a member is, active or not. */
async function named(version: Version, baseUrl: string): Promise<ReadonlySet<ResourceId>> {
  const ids = new Set<ResourceId>();
  if (version?.text === undefined) return ids;
  const { resource } = await parseStoredInTurns({ ...version, text: version.text }, nextTurn);
  for (const { entity } of (resource as { readonly member?: readonly Member[] }).member ?? []) {
    await nextTurn();
    const target = toLiteralReference(entity?.reference ?? '', baseUrl);
    if (target.kind === 'local' && target.type === 'Patient') ids.add(target.id);
  }
  return ids;
}

function movedBetween(then: ReadonlySet<ResourceId>, now: ReadonlySet<ResourceId>): Moved {
  return {
    left: [...then].filter((id) => !now.has(id)),
    came: [...now].filter((id) => !then.has(id)),
  };
}

/** The same question where nobody came or left. */
function corrected(filter: Filter, known: ReadonlyMap<ResourceId, Known>): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, of: filter.of.map((part) => corrected(part, known)) };
    case 'not':
    case 'chain':
      return { ...filter, of: corrected(filter.of, known) };
    case 'has':
      return isMember(filter, known);
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
    case 'lastUpdated':
    case 'value':
    case 'present':
      return filter;
  }
}

function isMember(filter: Filter & { kind: 'has' }, known: ReadonlyMap<ResourceId, Known>): Filter {
  const { type, param, of } = filter;
  const group = type === 'Group' && param === 'member' ? groupIn(of, known) : undefined;
  if (!group) return { ...filter, of: corrected(of, known) };
  const { left, came } = group.moved;
  const stayed = came.length === 0 ? filter : allOf([filter, not({ kind: 'id', anyOf: came })]);
  return left.length === 0 ? stayed : anyOf([stayed, { kind: 'id', anyOf: left }]);
}

/** The one Group that is meant, also where the caller's access is ANDed to it. */
function groupIn(of: Filter, known: ReadonlyMap<ResourceId, Known>): Known | undefined {
  if (of.kind === 'and')
    return of.of.map((part) => groupIn(part, known)).find((found) => found !== undefined);
  const [id, other] = of.kind === 'id' ? of.anyOf : [];
  return other === undefined ? known.get(id as ResourceId) : undefined;
}
