import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import { isSameJoin, partsThem, sidesWithout, weakestBetween } from './joins.ts';
import type { Likeness, PersonGroup } from './person-group.ts';
import type { PersonRecords } from './person-records.ts';
import { type Join, kindOf, replacingJoin, sourceIdsOf } from './record-links.ts';
import type { Pair } from './review-task.ts';

type Parted = {
  readonly patient: Resource;
  readonly from: string | undefined;
  /** Which pair was joined by what is turned round. */
  readonly made: Pair | undefined;
};

/**
 * Which join is taken back where `patient`, a source or a replaced person, is to be parted from its person, or from the record
 * `from` of it. Throws 422 where there is none.
 */
export async function doubtfulJoin(
  records: PersonRecords,
  whole: PersonGroup,
  { patient, from, made }: Parted,
  likeness: Likeness,
): Promise<Join> {
  const turned = whole.joins.find(
    ({ record, with: other }) => record === made?.record && other === made.with,
  );
  if (turned) return turned;
  requireParted(patient, whole, from);
  const some = await recordsOf(records, whole, String(patient.id));
  // From the person is from whomever it was joined to.
  const others =
    from === undefined || from === whole.personId ? undefined : await recordsOf(records, whole, from);
  const own = replacingJoin(patient);
  if (own && whole.joins.some((join) => isSameJoin(join, own)) && isBetween(whole.joins, own, some, others)) {
    return own;
  }
  const join = weakestBetween(await likenesses(records, whole, likeness), some, others);
  if (!join) throw notJoined(whole, String(patient.id), from);
  return join;
}

/** A record is itself; of a replaced person those are meant that it had. */
async function recordsOf(records: PersonRecords, whole: PersonGroup, id: string): Promise<readonly string[]> {
  if (whole.sourceIds.includes(id)) return [id];
  const replaced = await records.read(id);
  return replaced ? sourceIdsOf(replaced).filter((one) => whole.sourceIds.includes(one)) : [];
}

function isBetween(
  joins: readonly Join[],
  join: Join,
  some: readonly string[],
  others: readonly string[] | undefined,
): boolean {
  return others === undefined || partsThem(joins, join, some, others);
}

/** How alike the records of each join are; without those that part nothing but what was deleted. */
async function likenesses(
  records: PersonRecords,
  { joins, sourceIds }: PersonGroup,
  likeness: Likeness,
): Promise<ReadonlyMap<Join, number>> {
  const alike = new Map<Join, number>();
  for (const join of joins) {
    const isLeft = (side: ReadonlySet<string>) => sourceIds.some((id) => side.has(id));
    if (!sidesWithout(joins, join).every(isLeft)) continue;
    const [a, b] = [await records.read(join.record), await records.read(join.with)];
    alike.set(join, a && b ? likeness(a, b) : 0);
  }
  return alike;
}

/** Throws 422 where it is not said what is to be parted from what. */
function requireParted(patient: Resource, whole: PersonGroup, from: string | undefined): void {
  const id = String(patient.id);
  const kind = kindOf(patient);
  if (kind === 'alone') throw new Problem('business-rule', `Patient/${id} was joined to nobody`);
  if (kind === 'person') {
    const told = `Patient/${id} is the person: name the source or the replaced person that is to be parted from it`;
    throw new Problem('business-rule', told);
  }
  if (from === id) throw new Problem('business-rule', `Patient/${id} cannot be parted from itself`);
  if (from !== undefined && ![whole.personId, ...whole.sourceIds, ...whole.replacedIds].includes(from)) {
    throw new Problem('business-rule', `Patient/${id} and Patient/${from} are not one person`);
  }
}

function notJoined({ sourceIds }: PersonGroup, id: string, from: string | undefined): Problem {
  const told =
    sourceIds.length > 1 && from !== undefined
      ? `Patient/${id} and Patient/${from} have records in common: name the records that are to be parted`
      : `Patient/${id} is the only source of its person`;
  return new Problem('business-rule', told);
}
