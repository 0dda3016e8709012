import { expect } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { Problem } from '../../src/fhir/problem.ts';
import { resourceTypes } from '../../src/fhir/resource-type.ts';
import type { InteractionContext } from '../../src/interaction/context.ts';
import { drawValues } from '../../src/search/draw-values.ts';
import type { Filter } from '../../src/search/filter.ts';
import { bearsMark } from '../../src/search/reach.ts';
import type { ResourceKey, Store, StoredVersion } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { filterOf } from './test-callers.ts';

/** What is thrown as a Problem is an answer too. */
export async function answerOf(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof Problem) return { kind: thrown.kind, message: thrown.message };
    throw thrown;
  }
}

/** A server that holds only what the caller may see, and is open. */
export async function visibleWorld(server: TestServer, caller: Caller): Promise<TestServer> {
  const only = await openTestServer();
  for (const type of resourceTypes) {
    const filter = filterOf(caller, type, 'read');
    if (!filter) continue;
    const { matches } = await server.store.search({ types: [type], filter, sort: [], count: 1000 });
    for (const match of matches) await copy(only, match);
  }
  return only;
}

async function copy({ store, context }: TestServer, version: StoredVersion): Promise<void> {
  const resource = JSON.parse(version.text ?? '{}');
  const drawn = drawValues(context.indexResource, version, resource);
  const outcome = await store.write({ changes: [{ ...version, ...drawn, expectedVersion: 0 }], guards: [] });
  expect(outcome.kind).toBe('committed');
}

type Entry = { readonly fullUrl: string; readonly search: { readonly mode: string } };

/** A Bundle of a search, in which what is included stands by its name: a store may list what was named first first. */
export function withIncludesInOrder(answer: unknown): unknown {
  if (typeof answer !== 'string') return answer;
  const { entry = [], ...bundle } = JSON.parse(answer) as { readonly entry?: readonly Entry[] };
  const matches = entry.filter(({ search }) => search.mode !== 'include');
  const included = entry.filter(({ search }) => search.mode === 'include');
  return { ...bundle, matches, included: included.toSorted((a, b) => (a.fullUrl < b.fullUrl ? -1 : 1)) };
}

export async function isReadable(ctx: InteractionContext, key: ResourceKey): Promise<boolean> {
  return (await ctx.view.read(key)) !== undefined;
}

type Told = { readonly id: string; readonly patients: readonly ResourceId[] };

/** What the meaning of a filter says of a version that is known by its id and whom it concerns alone. */
async function passes(store: Store, filter: Filter, told: Told): Promise<boolean> {
  const { id, patients } = told;
  switch (filter.kind) {
    case 'and':
      return (await each(store, filter.of, told)).every(Boolean);
    case 'or':
      return (await each(store, filter.of, told)).some(Boolean);
    case 'not':
      // What only index values tell is not known of a version, whichever way it is asked.
      return filter.of.kind === 'reach' && !(await passes(store, filter.of, told));
    case 'id':
      return filter.anyOf.includes(id);
    case 'concerns':
      return patients.length > 0 && patients.every((one) => filter.anyOf.includes(one));
    case 'reach': {
      const marks = await store.marksOf(patients);
      const has = (mark: string) => (one: ResourceId) => marks.get(one)?.includes(mark) ?? false;
      return filter.anyOf.some((mark) => bearsMark(mark, patients, has(mark)));
    }
    default:
      return false;
  }
}

function each(store: Store, of: readonly Filter[], told: Told): Promise<readonly boolean[]> {
  return Promise.all(of.map((part) => passes(store, part, told)));
}

/** Every version of the whole world that the caller may see, by what each version itself says. */
export async function visibleVersions(whole: TestServer, caller: Caller): Promise<readonly StoredVersion[]> {
  const { versions } = await whole.store.history({ count: 1000 });
  const found: StoredVersion[] = [];
  for (const version of versions) {
    const filter = filterOf(caller, version.type, 'read');
    if (!filter) continue;
    const told = version.text === undefined ? versions.find((one) => isBefore(one, version)) : version;
    const { patients } = drawValues(whole.context.indexResource, version, JSON.parse(told?.text ?? '{}'));
    if (await passes(whole.store, filter, { id: version.id, patients })) found.push(version);
  }
  return found;
}

function isBefore(one: StoredVersion, { type, id, versionId }: StoredVersion): boolean {
  return one.type === type && one.id === id && one.versionId === versionId - 1;
}
