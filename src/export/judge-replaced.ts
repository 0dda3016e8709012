import { isResourceType } from '../fhir/resource-type.ts';
import { parseStoredInTurns } from '../interaction/parse-stored.ts';
import { drawWithPauses } from '../search/draw-values.ts';
import { allOf, type Filter, isEverything } from '../search/filter.ts';
import type { IndexResource } from '../search/index-resource.ts';
import type { Indexed } from '../search/index-values.ts';
import { matches, type World } from '../search/matches.ts';
import type { Store, StoredResource } from '../store/contract/store.ts';
import { nextTurn } from '../values/turns.ts';

type Ground = {
  readonly store: Pick<Store, 'marksOf' | 'aliasesOf' | 'count'>;
  readonly indexResource: IndexResource;
};

/**
 * Those of the versions that match: they are no longer current, so their values are drawn anew. What others say of them
 * (marks, chains) is asked as it is now.
 */
export async function matchingReplaced(
  ground: Ground,
  filter: Filter,
  replaced: readonly StoredResource[],
): Promise<readonly StoredResource[]> {
  if (isEverything(filter)) return replaced;
  const matching: StoredResource[] = [];
  for (const version of replaced) {
    const { resource } = await parseStoredInTurns(version, nextTurn);
    const drawn = await drawWithPauses(ground.indexResource, version, resource, nextTurn);
    if (await holds(ground, filter, { ...version, ...drawn })) matching.push(version);
  }
  return matching;
}

/** Whom they are about. */
export async function patientsOfReplaced(
  { indexResource }: Pick<Ground, 'indexResource'>,
  replaced: readonly StoredResource[],
): Promise<readonly string[]> {
  const persons = new Set<string>();
  for (const version of replaced) {
    const { resource } = await parseStoredInTurns(version, nextTurn);
    const { patients } = await drawWithPauses(indexResource, version, resource, nextTurn);
    for (const id of patients) persons.add(id);
  }
  return [...persons];
}

async function holds(ground: Ground, filter: Filter, version: Indexed): Promise<boolean> {
  switch (filter.kind) {
    case 'and':
      for (const part of filter.of) if (!(await holds(ground, part, version))) return false;
      return true;
    case 'or':
      for (const part of filter.of) if (await holds(ground, part, version)) return true;
      return false;
    case 'not':
      return !(await holds(ground, filter.of, version));
    case 'reach': {
      const marks = await ground.store.marksOf(version.patients as never);
      return matches(filter, version, { ...emptyWorld, marksOf: (one) => new Set(marks.get(one) ?? []) });
    }
    case 'concerns': {
      const aliases = await ground.store.aliasesOf(version.patients as never);
      return matches(filter, version, { ...emptyWorld, aliasesOf: (one) => aliases.get(one) ?? [] });
    }
    case 'chain':
      return refersTo(ground, filter, version);
    case 'has':
      return isReferredTo(ground, filter, version);
    case 'id':
    case 'type':
    case 'lastUpdated':
    case 'value':
    case 'present':
      return matches(filter, version, emptyWorld);
  }
}

const emptyWorld: World = {
  find: () => undefined,
  all: () => [],
  marksOf: () => new Set(),
  aliasesOf: () => [],
};

async function refersTo(
  { store }: Ground,
  { param, type, of }: Filter & { kind: 'chain' },
  { index }: Indexed,
): Promise<boolean> {
  const ids = (index[param] ?? []).flatMap((value) =>
    value.kind === 'reference' && value.type === type ? [value.id] : [],
  );
  if (ids.length === 0 || !isResourceType(type)) return false;
  return (await store.count([type], allOf([{ kind: 'id', anyOf: ids }, of]))) > 0;
}

async function isReferredTo(
  { store }: Ground,
  { param, type, of }: Filter & { kind: 'has' },
  version: Indexed,
): Promise<boolean> {
  if (!isResourceType(type)) return false;
  const anyOf = [{ type: version.type, id: version.id }];
  const toThis: Filter = { kind: 'value', param, test: { kind: 'reference', anyOf } };
  return (await store.count([type], allOf([toThis, of]))) > 0;
}
