import { expect } from 'vitest';
import type { Matcher } from '../../src/registry/identity/matcher.ts';
import { create, decide, doseFor, parametersOf, referring } from './identity-world.ts';
import {
  areOne,
  look,
  lookAtTasks,
  namedBy,
  recordsOf,
  type Seen,
  type SeenTask,
  wholeOf,
} from './joins-look.ts';
import { isSamePair, type ModelJoin, parts, touches, withoutRecord } from './joins-model.ts';
import type { TestAnswer, TestServer } from './open-test-server.ts';

/** A registry, and what it should be. */
export type JoinsWorld = {
  readonly server: TestServer;
  /** What becomes of a delete of what others refer to. */
  readonly deletes: 'allow' | 'refuse';
  readonly matcher: Matcher;
  /** What was written last of each record that is there. */
  readonly records: Map<string, object>;
  /** When each record was reported last. */
  readonly reported: Map<string, string>;
  /** Whose each dose is. */
  readonly doses: Map<string, string>;
  /** All ids of Patients that were ever there. */
  readonly ids: string[];
  readonly removed: Set<string>;
  /** Which pair was joined because of a Task, the last time. */
  readonly madeBy: Map<string, ModelJoin>;
  joins: readonly ModelJoin[];
};

export function openJoinsWorld(
  server: TestServer,
  matcher: Matcher,
  deletes: JoinsWorld['deletes'],
): JoinsWorld {
  const maps = { records: new Map(), reported: new Map(), doses: new Map(), madeBy: new Map() };
  return { server, deletes, matcher, ...maps, ids: [], removed: new Set(), joins: [] };
}

export async function put(world: JoinsWorld, id: string, resource: object): Promise<void> {
  const before = await look(world.server, id);
  const { status, body } = await world.server.send('PUT', `/fhir/Patient/${id}`, { ...resource, id });
  expect(status).toBe(world.records.has(id) ? 200 : 201);
  // What is there already is no report.
  if (before.body.meta?.versionId !== body.meta.versionId) world.reported.set(id, body.meta.lastUpdated);
  world.records.set(id, resource);
  if (!world.ids.includes(id)) world.ids.push(id);
}

export async function remove(world: JoinsWorld, id: string): Promise<void> {
  const seen = await look(world.server, id);
  const whole = await wholeOf(world.server, seen);
  const { status } = await world.server.send('DELETE', `/fhir/Patient/${id}`);
  expect(status).toBe(answerOfDelete(world, seen, whole));
  if (status !== 204) return;
  world.records.delete(id);
  world.removed.add(id);
  world.joins = withoutRecord(world.joins, id, whole.joins);
}

/** A dose keeps the Patient whom it names, and the person who would go with it. */
function answerOfDelete({ deletes, doses }: JoinsWorld, { id, kind }: Seen, whole: Seen): number {
  if (kind === 'person' || kind === 'replaced') return 422;
  if (kind === 'gone' || deletes === 'allow') return 204;
  const isLast = kind === 'source' && whole.sources.length === 1;
  const going = isLast ? [id, whole.id, ...whole.replaces] : [id];
  return [...doses.values()].some((patient) => going.includes(patient)) ? 409 : 204;
}

export async function addDose(world: JoinsWorld, patient: string): Promise<void> {
  const { body } = await create(world.server, doseFor(patient, '2025-03-01'));
  world.doses.set(body.id, patient);
}

export async function merge(world: JoinsWorld, sourceId: string, targetId: string): Promise<void> {
  const { server } = world;
  const [source, target] = [await look(server, sourceId), await look(server, targetId)];
  const named = { 'source-patient': referring(sourceId), 'target-patient': referring(targetId) };
  const send = () => server.send('POST', '/fhir/Patient/$merge', parametersOf(named));
  if (source.kind === 'gone' || target.kind === 'gone') expect((await send()).status).toBe(404);
  else if (await areOne(server, source, target)) expect((await send()).status).toBe(422);
  else await joining(world, { source, target }, send);
}

export async function unmerge(world: JoinsWorld, id: string, fromId: string | undefined): Promise<void> {
  const { server } = world;
  const seen = await look(server, id);
  const from = fromId === undefined ? undefined : await look(server, fromId);
  const body = parametersOf(fromId === undefined ? {} : { 'target-patient': referring(fromId) });
  const send = () => server.send('POST', `/fhir/Patient/${id}/$unmerge`, body);
  if (seen.kind === 'gone' || from?.kind === 'gone') expect((await send()).status).toBe(404);
  else await parting(world, await mayPart(world, seen, from), send);
}

async function mayPart(world: JoinsWorld, seen: Seen, from: Seen | undefined): Promise<readonly ModelJoin[]> {
  if (seen.kind === 'alone' || seen.kind === 'person' || from?.id === seen.id) return [];
  if (from && !(await areOne(world.server, seen, from))) return [];
  return doubted(world, seen, from);
}

export async function answer(
  world: JoinsWorld,
  { id, record, with: other }: SeenTask,
  decision: 'same' | 'not-same' | 'later',
): Promise<void> {
  const { server } = world;
  const send = () => decide(server, id, decision);
  const [source, target] = [await look(server, record), await look(server, other)];
  const isGone = source.kind === 'gone' || target.kind === 'gone';
  if (isGone || decision === 'later') {
    expect((await send()).status).toBe(isGone && decision !== 'later' ? 404 : 200);
    return;
  }
  const isOne = await areOne(server, source, target);
  if (isOne === (decision === 'same')) expect((await send()).status).toBe(200);
  else if (!isOne) await joining(world, { source, target }, send);
  else await parting(world, await turned(world, id, { source, target }), send);
}

/** Of what a Task has joined that pair; else one of those between the two. */
async function turned(
  world: JoinsWorld,
  task: string,
  { source, target }: { readonly source: Seen; readonly target: Seen },
): Promise<readonly ModelJoin[]> {
  const made = world.madeBy.get(task);
  const own = world.joins.filter((join) => made && isSamePair(join, made));
  if (own.length > 0) return own;
  return source.kind === 'person' ? doubted(world, target, source) : doubted(world, source, target);
}

/** Of all pairs of those that were named one is joined that is as much alike as any. */
async function joining(
  world: JoinsWorld,
  { source, target }: { readonly source: Seen; readonly target: Seen },
  send: () => Promise<TestAnswer>,
): Promise<void> {
  const { server, madeBy } = world;
  const [some, others] = [await recordsOf(server, source), await recordsOf(server, target)];
  const [ofSource, ofTarget] = [await wholeOf(server, source), await wholeOf(server, target)];
  const before = new Map((await lookAtTasks(server)).map(({ id, version }) => [id, version]));
  expect((await send()).status).toBe(200);
  const whole = await wholeOf(server, await look(server, some[0] ?? ''));
  const fresh = whole.joins.filter((join) => !world.joins.some((known) => isSamePair(known, join)));
  expect(fresh).toHaveLength(1);
  const [join] = fresh as [ModelJoin];
  expect([some.includes(join.record), others.includes(join.with)]).toEqual([true, true]);
  const best = await likeness(world, join);
  for (const record of some)
    for (const other of others)
      expect(await likeness(world, { record, with: other })).toBeLessThanOrEqual(best);
  const replaced = ofSource.kind === 'person' && ofTarget.kind === 'person' ? ofSource.id : undefined;
  world.joins = [...world.joins, { ...join, replaced }];
  for (const { id, version } of await lookAtTasks(server))
    if (before.get(id) !== version) madeBy.set(id, join);
}

/** One of the pairs that may be doubted is taken out; where there is none it is refused. */
async function parting(
  world: JoinsWorld,
  doubts: readonly ModelJoin[],
  send: () => Promise<TestAnswer>,
): Promise<void> {
  expect((await send()).status).toBe(doubts.length === 0 ? 422 : 200);
  if (doubts.length === 0) return;
  const taken: ModelJoin[] = [];
  for (const join of doubts) {
    const { joins } = await wholeOf(world.server, await look(world.server, join.record));
    if (!joins.some((left) => isSamePair(left, join))) taken.push(join);
  }
  expect(taken).toHaveLength(1);
  world.joins = world.joins.filter((join) => join !== taken[0]);
}

/** The least alike of the pairs between what is named; of a replaced person the one by which it was. */
async function doubted(world: JoinsWorld, seen: Seen, from: Seen | undefined): Promise<readonly ModelJoin[]> {
  const { server, joins } = world;
  const whole = await wholeOf(server, seen);
  const some = namedBy(seen, whole);
  const others = !from || from.id === whole.id ? undefined : namedBy(from, whole);
  const isBetween = (join: ModelJoin) =>
    others ? parts(joins, join, some, others) : some.some((id) => touches(join, id));
  const own = joins.find(({ replaced }) => seen.kind === 'replaced' && replaced === seen.id);
  if (own && (!others || isBetween(own))) return [own];
  const between = joins.filter(isBetween);
  const alike: number[] = [];
  for (const join of between) alike.push(await likeness(world, join));
  return between.filter((_, place) => alike[place] === Math.min(...alike));
}

async function likeness(
  { server, matcher }: JoinsWorld,
  { record, with: other }: ModelJoin,
): Promise<number> {
  return matcher.compare((await look(server, record)).body, (await look(server, other)).body).points;
}
