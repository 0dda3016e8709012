import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../src/fhir/resource.ts';
import type { Likeness } from '../../../../src/registry/identity/person-group.ts';
import {
  asReplaced,
  kindOf,
  personIdOf,
  replacedIdsOf,
  sourceIdsOf,
} from '../../../../src/registry/identity/record-links.ts';
import { groupOf, joinGroups, partGroup, settle } from '../../../../src/registry/identity/regroup.ts';
import { openKeptPatients, reported } from './kept-patients.ts';

type Kept = ReturnType<typeof openKeptPatients>;

const familyOf = (resource: Resource) => (resource['name'] as readonly { family: string }[])[0]?.family;
/** Who is of one family is of one person here. */
const likeness: Likeness = (a, b) => (familyOf(a) === familyOf(b) ? 1 : 0);

const meansOf = ({ newId }: Kept) => ({ likeness, newId, now: () => '2026-01-01T00:00:00.000Z' });

const join = (kept: Kept, target: string, source: string) =>
  kept.write((records) => joinGroups(records, { target, source }, meansOf(kept)));
const part = (kept: Kept, id: string, from?: string) =>
  kept.write((records) => partGroup(records, { id, from }, meansOf(kept)));

function keptOf(...ids: readonly string[]): Kept {
  const kept = openKeptPatients();
  for (const id of ids) kept.put(reported(id, id.slice(0, 1)));
  return kept;
}

describe('joining', () => {
  it('makes a person of two records, linked both ways, and leaves what they say', async () => {
    const kept = keptOf('a1', 'a2');
    const person = await join(kept, 'a1', 'a2');
    expect(kindOf(kept.get(person) as Resource)).toBe('person');
    expect(sourceIdsOf(kept.get(person) as Resource)).toEqual(['a1', 'a2']);
    for (const id of ['a1', 'a2']) {
      const source = kept.get(id) as Resource;
      expect([kindOf(source), personIdOf(source)]).toEqual(['source', person]);
      expect(source['name']).toEqual(reported(id, 'a')['name']);
    }
  });

  it('keeps the person of the target, also where the target is a source', async () => {
    const kept = keptOf('a1', 'a2', 'a3');
    const person = await join(kept, 'a1', 'a2');
    expect(await join(kept, 'a2', 'a3')).toBe(person);
    expect(await kept.sourcesBeside('a3')).toEqual(['a1', 'a2', 'a3']);
  });

  it('keeps the person of the source where the target has none', async () => {
    const kept = keptOf('a1', 'a2', 'a3');
    const person = await join(kept, 'a1', 'a2');
    expect(await join(kept, 'a3', 'a1')).toBe(person);
  });

  it('replaces the person of the source, which reads on, inactive', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2', 'c1', 'c2');
    const [a, b, c] = [
      await join(kept, 'a1', 'a2'),
      await join(kept, 'b1', 'b2'),
      await join(kept, 'c1', 'c2'),
    ];
    await join(kept, b, c);
    await join(kept, a, b);
    expect(kept.get(b)).toMatchObject({ active: false, link: [{ type: 'replaced-by' }, {}, {}, {}, {}, {}] });
    for (const id of [b, c, 'b1', 'c2']) expect(personIdOf(kept.get(id) as Resource)).toBe(a);
    expect(replacedIdsOf(kept.get(a) as Resource)).toEqual([c, b]);
  });

  it('refuses to join what is one, and what is not there', async () => {
    const kept = keptOf('a1', 'a2');
    const person = await join(kept, 'a1', 'a2');
    for (const [target, source] of [
      ['a1', 'a2'],
      ['a1', 'a1'],
      [person, 'a2'],
      ['a1', person],
    ] as const) {
      await expect(join(kept, target, source)).rejects.toThrow('one person already');
    }
    await expect(join(kept, 'a1', 'none')).rejects.toThrow('There is no Patient/none');
  });
});

describe('parting', () => {
  it('lets a source stand alone again, as it was written', async () => {
    const kept = keptOf('a1', 'a2', 'b1');
    await join(kept, 'a1', 'a2');
    const person = await join(kept, 'a1', 'b1');
    await part(kept, 'b1');
    expect(kept.get('b1')).toEqual({ ...reported('b1', 'b'), meta: {} });
    expect(sourceIdsOf(kept.get(person) as Resource)).toEqual(['a1', 'a2']);
  });

  it('gives a replaced person back what it had, and those that came since and are more like it', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2', 'a3', 'b3');
    const [a, b] = [await join(kept, 'a1', 'a2'), await join(kept, 'b1', 'b2')];
    await join(kept, a, b);
    await join(kept, a, 'a3');
    await join(kept, b, 'b3');
    await part(kept, b);
    expect(await kept.sourcesBeside('b3')).toEqual(['b1', 'b2', 'b3']);
    expect(await kept.sourcesBeside(a)).toEqual(['a1', 'a2', 'a3']);
    expect(kept.get(b)).not.toHaveProperty('active');
    expect(kindOf(kept.get(b) as Resource)).toBe('person');
  });

  it('gives a person back as it was, with whom it had replaced', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2', 'c1', 'c2');
    const [a, b, c] = [
      await join(kept, 'a1', 'a2'),
      await join(kept, 'b1', 'b2'),
      await join(kept, 'c1', 'c2'),
    ];
    await join(kept, b, c);
    const before = [kept.get(b), kept.get(c)];
    await join(kept, a, b);
    await part(kept, b);
    expect([kept.get(b), kept.get(c)]).toEqual(before);
    await part(kept, c);
    expect([kindOf(kept.get(b) as Resource), kindOf(kept.get(c) as Resource)]).toEqual(['person', 'person']);
  });

  it('takes of pairs that are equally alike the later one', async () => {
    const kept = keptOf('a1', 'a2', 'a3');
    await join(kept, 'a1', 'a2');
    await join(kept, 'a1', 'a3');
    await part(kept, 'a1');
    expect(await kept.sourcesBeside('a1')).toEqual(['a1', 'a2']);
  });

  it('passes over a join that a replaced person tells of and that is no more', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2');
    const [a, b] = [await join(kept, 'a1', 'a2'), await join(kept, 'b1', 'b2')];
    await join(kept, a, b);
    kept.put(asReplaced(kept.get(b) as Resource, a, { record: 'x', with: 'y', at: '2026-01-01T00:00:00Z' }));
    await part(kept, b);
    expect(await kept.sourcesBeside('a1')).not.toContain('b1');
  });

  it('takes the records along that came because of the one', async () => {
    const kept = keptOf('a1', 'b1', 'b2');
    const person = await join(kept, 'a1', 'b1');
    await join(kept, person, 'b2');
    await part(kept, 'b1', 'a1');
    expect(await kept.sourcesBeside('b1')).toEqual(['b1', 'b2']);
    expect(await kept.sourcesBeside('a1')).toEqual(['a1']);
  });

  it('leaves with others what came with them', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2', 'd1', 'd2');
    const [a, b] = [await join(kept, 'a1', 'a2'), await join(kept, 'b1', 'b2')];
    const other = await join(kept, 'd1', 'd2');
    await join(kept, a, b);
    await join(kept, a, other);
    await part(kept, b);
    expect(await kept.sourcesBeside(b)).toEqual(['b1', 'b2']);
    expect(await kept.sourcesBeside(other)).toEqual(['a1', 'a2', 'd1', 'd2']);
  });

  it('parts from the person, or from one that was replaced, the record that is named and no other', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2', 'c1', 'd1');
    const [a, b] = [await join(kept, 'a1', 'a2'), await join(kept, 'b1', 'b2')];
    await join(kept, a, b);
    await join(kept, 'a2', 'c1');
    // The least alike of all, and last: the record that is named has nothing to do with it.
    await join(kept, 'b2', 'd1');
    await part(kept, 'c1', a);
    expect(await kept.sourcesBeside('c1')).toEqual(['c1']);
    expect(await kept.sourcesBeside('d1')).toEqual(['a1', 'a2', 'b1', 'b2', 'd1']);
    await part(kept, 'a1', b);
    expect(await kept.sourcesBeside('a1')).toEqual(['a1', 'a2']);
    expect(await kept.sourcesBeside('d1')).toEqual(['b1', 'b2', 'd1']);
  });

  it('parts a replaced person from a record that came to it since, where that is named', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2', 'd1');
    const [a, b] = [await join(kept, 'a1', 'a2'), await join(kept, 'b1', 'b2')];
    await join(kept, a, b);
    await join(kept, 'b2', 'd1');
    await expect(part(kept, b, 'b1')).rejects.toThrow('records in common');
    await part(kept, b, 'd1');
    expect(await kept.sourcesBeside('d1')).toEqual(['d1']);
    expect(await kept.sourcesBeside('b1')).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('parts from what a replaced person has left', async () => {
    const kept = keptOf('a1', 'a2', 'b1', 'b2');
    const [a, b] = [await join(kept, 'a1', 'a2'), await join(kept, 'b1', 'b2')];
    await join(kept, a, b);
    await part(kept, 'b2', 'b1');
    await part(kept, 'a1', b);
    expect(await kept.sourcesBeside('b1')).toEqual(['b1']);
    expect(await kept.sourcesBeside('a1')).toEqual(['a1', 'a2']);
  });

  it('refuses to part from a replaced person of whom nothing is left', async () => {
    const kept = keptOf('a1', 'b1', 'b2', 'c1');
    const [a, b] = [await join(kept, 'a1', 'c1'), await join(kept, 'b1', 'b2')];
    await join(kept, a, b);
    await kept.remove('b1', a);
    await kept.remove('b2', a);
    await expect(part(kept, 'a1', b)).rejects.toThrow('name the records');
  });

  it('parts from who is there, and from nobody where all others were deleted', async () => {
    const kept = keptOf('a1', 'a2', 'b1');
    const person = await join(kept, 'a1', 'b1');
    await join(kept, 'b1', 'a2');
    await kept.remove('a1', person);
    await part(kept, 'b1');
    expect(await kept.sourcesBeside('a2')).toEqual(['a2']);
    expect(await kept.sourcesBeside('b1')).toEqual(['b1']);
    const other = keptOf('a1', 'b1');
    const whole = await join(other, 'a1', 'b1');
    await other.remove('a1', whole);
    await expect(part(other, 'b1')).rejects.toThrow('is the only source of its person');
  });

  it('refuses what is joined to nobody, the person itself, and the last source', async () => {
    const kept = keptOf('a1', 'a2', 'b1');
    const person = await join(kept, 'a1', 'b1');
    await expect(part(kept, 'a2')).rejects.toThrow('was joined to nobody');
    await expect(part(kept, person)).rejects.toThrow('name the source');
    await part(kept, 'b1');
    await expect(part(kept, 'a1')).rejects.toThrow('is the only source of its person');
  });
});

it('counts a source as old as its last report, and not as its joining', async () => {
  const kept = openKeptPatients();
  kept.put({ ...reported('a1', 'a'), maritalStatus: { text: 'old' } });
  kept.put({ ...reported('a2', 'a'), maritalStatus: { text: 'new' } });
  const person = await join(kept, 'a2', 'a1');
  expect(kept.get(person)).toMatchObject({ maritalStatus: { text: 'new' } });
  const again = { ...(kept.get('a1') as Resource), maritalStatus: { text: 'newest' } };
  await kept.write(async (records) => settle(records, await groupOf(records, 'a1')), [again]);
  expect(kept.get(person)).toMatchObject({ maritalStatus: { text: 'newest' } });
});

describe('a wrong merge that is taken back', () => {
  /** Truth: the first letter of a record. Right joins are of one letter, wrong ones of two. */
  const letters = ['a', 'b', 'c'];
  const records = letters.flatMap((letter) => [1, 2, 3, 4].map((number) => `${letter}${number}`));
  const joinOf = fc.record({ letter: fc.constantFrom(...letters), from: fc.nat(3), to: fc.nat(3) });
  const sequence = fc.record({
    before: fc.array(joinOf, { maxLength: 6 }),
    wrong: fc.record({ target: fc.constantFrom(...records), source: fc.constantFrom(...records) }),
    between: fc.array(joinOf, { maxLength: 6 }),
  });
  const rightJoin = async (
    kept: Kept,
    { letter, from, to }: { letter: string; from: number; to: number },
  ) => {
    const [target, source] = [`${letter}${from + 1}`, `${letter}${to + 1}`];
    const beside = await kept.sourcesBeside(target);
    if (!beside.includes(source)) await join(kept, target, source);
  };

  /** A record that joins a person is parted by itself; of two persons the replaced one. */
  const joinedWrongly = (kept: Kept, { target, source }: { target: string; source: string }): string => {
    const personOf = (id: string) => personIdOf(kept.get(id) as Resource);
    const own = personOf(source);
    if (own === undefined) return source;
    return personOf(target) === undefined ? target : own;
  };
  const run = async (kept: Kept, joins: readonly { letter: string; from: number; to: number }[]) => {
    for (const one of joins) await rightJoin(kept, one);
  };

  it('leaves every record where it would stand without it', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async ({ before, wrong, between }) => {
        fc.pre(wrong.target.slice(0, 1) !== wrong.source.slice(0, 1));
        const [kept, straight] = [keptOf(...records), keptOf(...records)];
        await run(straight, [...before, ...between]);
        await run(kept, before);
        const taken = joinedWrongly(kept, wrong);
        await join(kept, wrong.target, wrong.source);
        await run(kept, between);
        await part(kept, taken);
        for (const id of records) {
          expect(await kept.sourcesBeside(id)).toEqual(await straight.sourcesBeside(id));
        }
      }),
      { numRuns: 300 },
    );
  });
});
