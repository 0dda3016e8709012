import { objectAt, objectsAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { taskSystem } from '../../interaction/task-system.ts';
import { allOf, type Filter, not } from '../../search/filter.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { parseMsRange, writtenDayOf } from '../../values/instant.ts';
import { daysMeantBy, parsePartialDate } from '../../values/partial-date.ts';
import { dayIn } from '../../values/time-zone.ts';
import type { PersonGroup } from './person-group.ts';
import { idsOf } from './regroup.ts';
import { checkCode } from './review-task.ts';

/** More doses are given by few people after a merge that was wrong. */
const mostChecks = 100;

type Unmerge = {
  readonly whole: PersonGroup;
  /** When they were joined. */
  readonly since: string;
  /** When they were parted. */
  readonly at: string;
};

/**
 * A Task for each dose that was given while two people had one record: who gave it may have acted on a forecast that was
 * another's. A dose that is asked of already, after another un-merge, is asked of once.
 */
export async function checksAfter(
  system: InteractionContext,
  { whole, since, at }: Unmerge,
): Promise<readonly Resource[]> {
  const joined = parseMsRange(since)?.first;
  if (joined === undefined) return [];
  const patients = idsOf(whole).map((id) => ({ type: 'Patient', id }));
  const filter: Filter = allOf([
    { kind: 'value', param: 'patient', test: { kind: 'reference', anyOf: patients } },
    { kind: 'value', param: 'status', test: { kind: 'token', anyOf: [{ code: 'completed' }] } },
    { kind: 'lastUpdated', bounds: [{ is: '>=', at: joined }] },
  ]);
  const query = { types: ['Immunization'], filter, sort: [], count: mostChecks } as const;
  const { matches } = await system.view.search(query);
  const day = dayIn(system.clock.zone, joined);
  const doses = matches
    .map((match) => parseStored(match).resource)
    .filter((dose) => (lastDayOf(textAt(dose, 'occurrenceDateTime') ?? '') ?? day - 1) >= day);
  const asked = await askedOf(system, doses);
  return doses
    .filter(({ id }) => !asked.has(`Immunization/${id}`))
    .map((dose) => toCheck(system.newId(), dose, at));
}

/** The doses of which people are asked and have not answered. */
async function askedOf(system: InteractionContext, doses: readonly Resource[]): Promise<ReadonlySet<string>> {
  const asked = new Set<string>();
  if (doses.length === 0) return asked;
  const anyOf = doses.map(({ id }) => ({ type: 'Immunization', id: String(id) }));
  const filter = allOf([
    {
      kind: 'value',
      param: 'code',
      test: { kind: 'token', anyOf: [{ system: taskSystem, code: checkCode }] },
    },
    { kind: 'value', param: 'focus', test: { kind: 'reference', anyOf } },
    not({ kind: 'value', param: 'status', test: { kind: 'token', anyOf: ended } }),
  ]);
  const query = { types: ['Task'], filter, sort: [], count: mostChecks } as const;
  for (const match of (await system.view.search(query, 'records')).matches) {
    asked.add(textAt(objectAt(parseStored(match).resource, 'focus'), 'reference') ?? '');
  }
  return asked;
}

/** R4 task.html: it is worked at no more. */
const ended = ['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error'].map((code) => ({ code }));

/** The day that was written where the dose was given; of a month or a year the last one, since it may have been that. */
function lastDayOf(text: string): EpochDay | undefined {
  const written = writtenDayOf(text);
  const partial = parsePartialDate(text);
  return written ?? (partial && daysMeantBy(partial).last);
}

function toCheck(id: string, dose: Resource, at: string): Resource {
  const performer = objectsAt(dose, 'performer').map((one) => objectAt(one, 'actor'));
  const owner = performer.find((actor) => textAt(actor, 'reference')?.startsWith('Organization/'));
  return {
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'proposal',
    code: { coding: [{ system: taskSystem, code: checkCode }] },
    description:
      'This dose was given while the record held the doses of two people; look whether it was due by the record of this one',
    for: objectAt(dose, 'patient') ?? {},
    focus: { reference: `Immunization/${dose.id}` },
    ...(owner && { owner }),
    authoredOn: at,
    lastModified: at,
  } as Resource;
}
