import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import { consolidatePatient } from './consolidate-patient.ts';
import { doubtfulJoin } from './doubtful-join.ts';
import { isSameJoin, joinsAmong, sidesWithout } from './joins.ts';
import type { Likeness, PersonGroup } from './person-group.ts';
import type { PersonRecords } from './person-records.ts';
import {
  asAlone,
  asReplaced,
  asSource,
  type Join,
  joinsOf,
  kindOf,
  personIdOf,
  replacedIdsOf,
  replacingJoin,
  reportedIn,
  sourceIdsOf,
  trustOf,
} from './record-links.ts';
import type { Pair } from './review-task.ts';
import type { SourceRecord } from './surviving-values.ts';

/** Throws 404 where there is no such Patient. */
export async function groupOf(records: PersonRecords, id: string): Promise<PersonGroup> {
  const patient = await requirePatient(records, id);
  const kind = kindOf(patient);
  if (kind === 'alone') return { sourceIds: [id], replacedIds: [], joins: [] };
  const personId = kind === 'person' ? id : personIdOf(patient);
  if (personId === undefined) throw new Error(`Patient/${id} belongs to nobody`);
  const person = kind === 'person' ? patient : await requirePatient(records, personId);
  const sourceIds = sourceIdsOf(person);
  const { joins } = joinsAmong(joinsOf(person), (one) => sourceIds.includes(one));
  return { personId, sourceIds, replacedIds: replacedIdsOf(person), joins };
}

/** Whether a record is left of the person to whom a Patient belongs; a release before could leave one without. */
export async function hasRecord(records: PersonRecords, id: string): Promise<boolean> {
  if (!(await records.read(id))) return false;
  for (const source of (await groupOf(records, id)).sourceIds) if (await records.read(source)) return true;
  return false;
}

/** By which pair of records the person became what it is. */
export async function lastJoin(records: PersonRecords, personId: string): Promise<Join> {
  const join = (await groupOf(records, personId)).joins.at(-1);
  if (!join) throw new Error(`Patient/${personId} was joined by nothing`);
  return join;
}

/** All ids by which something may speak of the person. */
export function idsOf({ personId, sourceIds, replacedIds }: PersonGroup): readonly string[] {
  return [...(personId === undefined ? [] : [personId]), ...sourceIds, ...replacedIds];
}

/**
 * Makes one person of both, and answers its id. The person of `target` survives where it has one; that of `source` is
 * replaced then. Throws 422 where both are one already.
 */
export async function joinGroups(
  records: PersonRecords,
  ids: { readonly target: string; readonly source: string },
  { likeness, newId, now }: Means,
): Promise<string> {
  const target = await groupOf(records, ids.target);
  const source = await groupOf(records, ids.source);
  if (idsOf(target).includes(ids.source)) {
    throw new Problem(
      'business-rule',
      `Patient/${ids.source} and Patient/${ids.target} are one person already`,
    );
  }
  const [some, others] = [named(source, ids.source), named(target, ids.target)];
  const join = { ...(await mostAlike(records, some, others, likeness)), at: now() };
  const personId = target.personId ?? source.personId ?? newId();
  const [first, then] = personId === source.personId ? [source, target] : [target, source];
  const replacedIds = [...first.replacedIds, ...then.replacedIds];
  if (then.personId !== undefined) {
    records.stage(asReplaced(await requirePatient(records, then.personId), personId, join));
    replacedIds.push(then.personId);
  }
  const sourceIds = [...first.sourceIds, ...then.sourceIds];
  await settle(records, { personId, sourceIds, replacedIds, joins: [...first.joins, ...then.joins, join] });
  return personId;
}

/** The records that are meant: all of a person. */
function named({ sourceIds }: PersonGroup, id: string): readonly string[] {
  return sourceIds.includes(id) ? [id] : sourceIds;
}

async function mostAlike(
  records: PersonRecords,
  some: readonly string[],
  others: readonly string[],
  likeness: Likeness,
): Promise<Omit<Join, 'at'>> {
  let best: { readonly join: Omit<Join, 'at'>; readonly alike: number } | undefined;
  for (const record of some) {
    for (const other of others) {
      const [a, b] = [await records.read(record), await records.read(other)];
      if (!a || !b) continue;
      const alike = likeness(a, b);
      if (!best || alike > best.alike) best = { join: { record, with: other }, alike };
    }
  }
  if (!best) throw new Problem('business-rule', 'A person of whom no record is left is joined with nobody');
  return best.join;
}

/** What it takes to regroup: ids of new persons, the instant, and how alike records are. */
export type Means = {
  readonly likeness: Likeness;
  readonly newId: () => string;
  readonly now: () => string;
};

export type Parted = {
  /** A source or a replaced person. */
  readonly id: string;
  /** Another record of the person. */
  readonly from?: string | undefined;
  /** Which pair was joined by what is turned round: it is taken back where it is still there. */
  readonly made?: Pair | undefined;
};

export type Parting = {
  readonly stays: PersonGroup;
  readonly parted: PersonGroup;
  /** What was taken back. */
  readonly taken: Join;
};

/**
 * Takes back that two records are of one person, and leaves each record where it would stand if that had never been said.
 * Of several joins between them the one is taken back whose records are least alike. Throws 422 where there is none.
 */
export async function partGroup(
  records: PersonRecords,
  { id, from, made }: Parted,
  { likeness, newId }: Means,
): Promise<Parting> {
  const whole = await groupOf(records, id);
  const patient = await requirePatient(records, id);
  const join = await doubtfulJoin(records, whole, { patient, from, made }, likeness);
  const [stays, parted] = sidesWithout(whole.joins, join);
  const sides = {
    stays: await sideOf(records, whole, stays, join),
    parted: await sideOf(records, whole, parted, join),
  };
  const both = { stays: toGroup(sides.stays, newId), parted: toGroup(sides.parted, newId), taken: join };
  for (const side of [both.stays, both.parted]) await settleSide(records, side);
  return both;
}

type Side = PersonGroup & { readonly personIds: readonly string[] };

/** A person goes with the source that it had first, of those that are left; one of whom none is left with who replaced it. */
async function sideOf(
  records: PersonRecords,
  whole: PersonGroup,
  members: ReadonlySet<string>,
  taken: Join,
): Promise<Side> {
  const sourceIds = whole.sourceIds.filter((id) => members.has(id));
  const joins = whole.joins.filter((join) => members.has(join.record) && !isSameJoin(join, taken));
  const persons = [...(whole.personId === undefined ? [] : [whole.personId]), ...whole.replacedIds];
  const personIds: string[] = [];
  for (const id of persons) {
    const had = sourceIdsOf(await requirePatient(records, id));
    const first = had.find((one) => whole.sourceIds.includes(one)) ?? whole.sourceIds[0] ?? '';
    if (members.has(first)) personIds.push(id);
  }
  return { sourceIds, joins, replacedIds: [], personIds: await survivorFirst(records, personIds, joins) };
}

/** Who was replaced by a join that is left stays so, where somebody was not: as it was before what is taken back. */
async function survivorFirst(
  records: PersonRecords,
  personIds: readonly string[],
  joins: readonly Join[],
): Promise<readonly string[]> {
  const [survivors, replaced]: [string[], string[]] = [[], []];
  for (const id of personIds) {
    const own = replacingJoin(await requirePatient(records, id));
    const isReplaced = own !== undefined && joins.some((join) => isSameJoin(join, own));
    (isReplaced ? replaced : survivors).push(id);
  }
  return [...survivors, ...replaced];
}

/** The first of the persons of a side is its person; a single record that never had one stands alone. */
function toGroup({ personIds, sourceIds, joins }: Side, newId: () => string): PersonGroup {
  const [personId, ...replacedIds] = personIds;
  if (personId !== undefined) return { personId, sourceIds, replacedIds, joins };
  if (sourceIds.length === 1) return { sourceIds, replacedIds, joins };
  return { personId: newId(), sourceIds, replacedIds, joins };
}

async function settleSide(records: PersonRecords, side: PersonGroup): Promise<void> {
  const [only] = side.sourceIds;
  if (side.personId !== undefined) await settle(records, side);
  else if (only !== undefined) records.stage(asAlone(await requirePatient(records, only)));
}

/**
 * Computes the person anew after one of its sources was reported, or came or went; where nobody tells of it any more it goes with
 * the last one, and whom it has replaced.
 */
export async function settle(records: PersonRecords, group: PersonGroup): Promise<void> {
  const { personId, sourceIds, replacedIds } = group;
  if (personId === undefined) return;
  const sources = await sourceRecords(records, sourceIds);
  for (const { resource } of sources) {
    if (personIdOf(resource) !== personId) records.stage(asSource(resource, personId));
  }
  if (sources.length === 0) {
    for (const id of [personId, ...replacedIds]) await records.remove(id);
    return;
  }
  const { joins, leftOf } = joinsAmong(group.joins, (id) => sourceIds.includes(id));
  for (const id of replacedIds) {
    const replaced = await requirePatient(records, id);
    const was = replacingJoin(replaced);
    const join = was && leftOf(was);
    if (kindOf(replaced) === 'replaced' && personIdOf(replaced) === personId && join === was) continue;
    records.stage(asReplaced(replaced, personId, join));
  }
  records.stage(consolidatePatient(personId, sources, { replacedIds, joins }));
}

/** Without those that were deleted (JENNER_DELETE_REFERRED=allow). */
async function sourceRecords(
  records: PersonRecords,
  sourceIds: readonly string[],
): Promise<readonly SourceRecord[]> {
  const sources: SourceRecord[] = [];
  for (const id of sourceIds) {
    const resource = await records.read(id);
    if (!resource) continue;
    sources.push({
      id,
      resource,
      reported: await reportedAt(records, id, resource),
      trust: trustOf(resource),
    });
  }
  return sources;
}

/** The person as it would be without one of its sources; undefined where nothing is left. */
export async function restOf(
  records: PersonRecords,
  group: PersonGroup,
  without: string,
): Promise<Resource | undefined> {
  const others = await sourceRecords(
    records,
    group.sourceIds.filter((id) => id !== without),
  );
  if (group.personId === undefined || others.length === 0) return undefined;
  return consolidatePatient(group.personId, others, { replacedIds: [], joins: [] });
}

/** A source is as old as its last report: that it was joined gave it a later version. */
async function reportedAt(records: PersonRecords, id: string, resource: Resource): Promise<string> {
  const personId = records.isAdopted(id) ? undefined : personIdOf(resource);
  if (personId !== undefined) {
    // Of two who are parted the one may be settled already, without it.
    for (const person of [await records.read(personId), await records.before(personId)]) {
      const known = person && reportedIn(person, id);
      if (known !== undefined) return known;
    }
  }
  return formatInstant(records.writtenAt(id) ?? (0 as EpochMs));
}

async function requirePatient(records: PersonRecords, id: string): Promise<Resource> {
  const patient = await records.read(id);
  if (!patient) throw new Problem('not-found', `There is no Patient/${id}`);
  return patient;
}
