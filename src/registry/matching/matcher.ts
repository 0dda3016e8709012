import type { Patient } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { allOf, type Filter, not } from '../../search/filter.ts';
import { isSource } from '../../search/person-link.ts';
import type { EpochMs } from '../../values/instant.ts';
import { compareRecords } from './compare-records.ts';
import { findCandidates, isReplaced, rankCandidates, sharesKey } from './find-candidates.ts';
import { matchKeys } from './match-keys.ts';
import type { MatchModel } from './match-model.ts';
import { toMatchRecord } from './to-match-record.ts';

/** The clocks of servers that share a store may be so far apart, in milliseconds. */
const clockSlack = 10_000;

/** What tells records of one person from those of two by this model. */
export function openMatcher(model: MatchModel) {
  const recordOf = (patient: Resource) => toMatchRecord(patient as unknown as Patient);
  return {
    find: (system: InteractionContext, patient: Resource, except: ReadonlySet<string>) =>
      findLikely(system, model, patient, except),
    keysOf: (patient: Resource) => matchKeys(recordOf(patient)),
    isAlike: (a: Resource, b: Resource) =>
      sayTheSame(a, b) || JSON.stringify(recordOf(a)) === JSON.stringify(recordOf(b)),
    compare: (a: Resource, b: Resource) => compareRecords(model, recordOf(a), recordOf(b)),
  };
}

/** What `toMatchRecord` looks at. */
const lookedAt = [
  'identifier',
  'name',
  'telecom',
  'gender',
  'birthDate',
  'multipleBirthBoolean',
  'multipleBirthInteger',
  'address',
  'contact',
  'extension',
] as const satisfies readonly (keyof Patient)[];

/** Whether what is looked at is there letter by letter: most updates change something else. */
function sayTheSame(a: Resource, b: Resource): boolean {
  return lookedAt.every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]));
}

async function findLikely(
  system: InteractionContext,
  model: MatchModel,
  patient: Resource,
  except: ReadonlySet<string>,
) {
  const since = (system.clock.now() - clockSlack) as EpochMs;
  const record = toMatchRecord(patient as unknown as Patient);
  const shares = isReplaced(patient as unknown as Patient) ? undefined : sharesKey(record);
  if (!shares) return { likely: [], noneNew: undefined };
  const candidates = await findCandidates(system.view, record, { except });
  const likely = rankCandidates(model, record, candidates).map(({ stored, comparison }) => ({
    id: stored.id,
    comparison,
  }));
  const compared = [...candidates.map(({ stored }) => stored.id), ...except];
  const isNew: Filter = { kind: 'lastUpdated', bounds: [{ is: '>=', at: since }] };
  // Who joins somebody meanwhile changes that person, or makes one.
  return { likely, noneNew: allOf([shares, isNew, not(isSource), not({ kind: 'id', anyOf: compared })]) };
}
