import { expect } from 'vitest';
import { parseMsRange } from '../../src/values/instant.ts';
import { idsFound, recordTag } from './identity-world.ts';
import { areOne, look, lookAtTasks, type Seen, wholeOf } from './joins-look.ts';
import { besideIn, type ModelJoin } from './joins-model.ts';
import type { JoinsWorld } from './joins-world.ts';

/** Everything stands where the model says: records, persons, doses and what was answered. */
export async function checkJoins(world: JoinsWorld): Promise<void> {
  const persons = new Set<string>();
  for (const id of world.records.keys()) {
    const seen = await look(world.server, id);
    const whole = await wholeOf(world.server, seen);
    persons.add(whole.id);
    checkRecord(world, seen);
    if (seen.kind === 'source') await checkPerson(world, whole, besideIn(world.joins, id));
    await checkDoses(world, id, whole);
  }
  await checkIds(world, persons);
  await checkAnswers(world);
}

/** As it was written, and alone where nobody is beside it. */
function checkRecord({ records, joins, reported }: JoinsWorld, { id, kind, body }: Seen): void {
  const { id: _id, meta: _meta, link: _link, ...said } = body;
  expect(said).toEqual(records.get(id));
  expect(kind).toBe(kind === 'alone' ? 'alone' : 'source');
  if (kind !== 'alone') return;
  expect(besideIn(joins, id)).toEqual([id]);
  // A record that stands alone tells only when it was written, be it by being parted.
  reported.set(id, String(body.meta?.['lastUpdated']));
}

async function checkPerson(
  { server, joins, records, reported }: JoinsWorld,
  person: Seen,
  beside: readonly string[],
): Promise<void> {
  expect(person.kind).toBe('person');
  expect([...person.sources].sort()).toEqual(beside);
  for (const id of beside) {
    const apart = instantOf(reported.get(id)) - instantOf(person.reported.get(id));
    // A write is stamped once more where a rule adds to it: the clock of the tests moves at each reading.
    expect(apart, id).toBeGreaterThanOrEqual(0);
    expect(apart, id).toBeLessThanOrEqual(50);
  }
  const told = ({ record, with: other }: ModelJoin) => `${record} ${other}`;
  const pairs = joins.filter(({ record }) => beside.includes(record));
  expect(person.joins.map(told).sort()).toEqual(pairs.map(told).sort());
  const all = beside.flatMap((id) => numbersIn(records.get(id)));
  expect([...numbersIn(person.body)].sort()).toEqual(all.sort());
  for (const id of person.replaces)
    expect(await look(server, id)).toMatchObject({ kind: 'replaced', person: person.id });
}

function instantOf(text = ''): number {
  return parseMsRange(text)?.first ?? Number.NaN;
}

function numbersIn(patient: object | undefined): readonly string[] {
  const { identifier = [] } = patient as { readonly identifier?: readonly { readonly value: string }[] };
  return identifier.map(({ value }) => value);
}

/** By any record those of all, and of whoever was given to the person. */
async function checkDoses({ server, joins, doses }: JoinsWorld, id: string, whole: Seen): Promise<void> {
  const known = new Set([...besideIn(joins, id), whole.id, ...whole.replaces]);
  const given = [...doses].filter(([, patient]) => known.has(patient)).map(([dose]) => dose);
  expect(await idsFound(server, `Immunization?patient=${id}&_count=100`)).toEqual(given.sort());
}

/** Nobody is found but who has a record, and who was replaced is told of by its person. */
async function checkIds({ server, ids }: JoinsWorld, persons: ReadonlySet<string>): Promise<void> {
  expect(await idsFound(server, 'Patient?_count=100')).toEqual([...persons].sort());
  const tags = `${recordTag('person')},${recordTag('replaced')}`;
  for (const id of await idsFound(server, `Patient?_tag=${tags}&_count=100`)) {
    if (!ids.includes(id)) ids.push(id);
    const seen = await look(server, id);
    const whole = await wholeOf(server, seen);
    expect(persons).toContain(whole.id);
    if (seen.kind === 'replaced') expect(whole.replaces).toContain(id);
  }
}

/** Who was deleted comes back as nobody's, whatever was said before. */
async function checkAnswers({ server, removed }: JoinsWorld): Promise<void> {
  for (const { id, record, with: other, status, decision } of await lookAtTasks(server)) {
    if (status !== 'completed') continue;
    const [a, b] = [await look(server, record), await look(server, other)];
    if (a.kind === 'gone' || b.kind === 'gone') continue;
    const isOne = await areOne(server, a, b);
    if (!isOne && (removed.has(record) || removed.has(other))) continue;
    expect([id, record, other, decision]).toEqual([id, record, other, isOne ? 'same' : 'not-same']);
  }
}
