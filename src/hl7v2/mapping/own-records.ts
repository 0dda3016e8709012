import type { Condition, Consent, Identifier, Immunization, Observation, RelatedPerson } from 'fhir/r4.js';
import { ownedBy, ownerCode, ownerSystem } from '../../access/owner.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext, StoredResource } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { allOf, type Filter, not } from '../../search/filter.ts';
import { foldCode } from '../../search/fold-text.ts';
import { isComputed } from '../../search/person-link.ts';
import { personNumbers, typeOf } from './authority.ts';

/** Whose is what a message brings: the organization of the account, else of the sender; undefined where nobody is known. */
export function ownerOf(
  { caller }: InteractionContext,
  organization: string | undefined,
): string | undefined {
  return caller.kind === 'token' ? caller.owner : organization;
}

/** The tag by which a resource tells it. */
export const ownerTag = (owner: string) => ({ system: ownerSystem, code: ownerCode(owner) });

export function isOwned({ meta }: Resource, owner: string | undefined): boolean {
  const tags = (meta?.['tag'] ?? []) as readonly { system?: string; code?: string }[];
  const owners = tags.filter(({ system }) => system === ownerSystem);
  return owner === undefined ? owners.length === 0 : owners.some(({ code }) => code === ownerCode(owner));
}

/** So many are looked for: nobody has more, and each costs a look. */
const mostNumbers = 20;

/** Those by which a sender's own record is found: numbers of records, and others only where there are none. */
export function recordNumbers(identifiers: readonly Identifier[]): readonly Identifier[] {
  const own = identifiers.filter((one) => !personNumbers.has(typeOf(one) ?? ''));
  return (own.length > 0 ? own : identifiers).slice(0, mostNumbers);
}

/** What of the sender's is kept of one person. */
export type OwnRecord = {
  readonly patient: Resource;
  readonly doses: readonly (Resource & Immunization)[];
  readonly facts: readonly (Resource & (Observation | Condition))[];
  readonly kin: readonly (Resource & RelatedPerson)[];
  readonly consents: readonly (Resource & Consent)[];
};

/** The sender's own records that have one of the numbers, as the caller sees them. */
export async function findOwnPatients(
  ctx: InteractionContext,
  identifiers: readonly Identifier[],
  owner: string | undefined,
): Promise<readonly Resource[]> {
  const anyOf = identifiers.flatMap(({ system, value }) =>
    value === undefined ? [] : [{ code: foldCode(value), ...(system !== undefined && { system }) }],
  );
  if (anyOf.length === 0) return [];
  const named: Filter = { kind: 'value', param: 'identifier', test: { kind: 'token', anyOf } };
  const filter = allOf([named, ...(owner === undefined ? [] : [ownedBy([owner])]), not(isComputed)]);
  const query = { types: ['Patient'], filter, sort: [], count: mostRecords } as const;
  const { matches } = await ctx.view.search(query, 'records');
  return matches.map(read).filter((patient) => isOwned(patient, owner) && hasNumber(patient, identifiers));
}

/** More records of one sender with one number are no numbers of records. */
const mostRecords = 50;

function hasNumber(patient: Resource, identifiers: readonly Identifier[]): boolean {
  const kept = (patient['identifier'] ?? []) as unknown as readonly Identifier[];
  return kept.some((one) => identifiers.some((other) => isSameNumber(one, other)));
}

/** As a search has it, by which a condition is asked: capitals are no difference. */
export function isSameNumber(a: Identifier, b: Identifier): boolean {
  return a.system === b.system && foldCode(a.value ?? '') === foldCode(b.value ?? '');
}

const read = (stored: StoredResource): Resource => parseStored(stored).resource;

const recordTypes = ['Immunization', 'Observation', 'Condition', 'RelatedPerson', 'Consent'] as const;
const pageSize = 500;

/** All that a message may change of a record, in one search. */
export async function readOwnRecord(
  ctx: InteractionContext,
  patient: Resource,
  owner: string | undefined,
): Promise<OwnRecord> {
  const id = patient.id ?? '';
  const found: Resource[] = [];
  let after: string | undefined;
  do {
    const filter: Filter = { kind: 'concerns', anyOf: [id] };
    const query = { types: recordTypes, filter, sort: [], count: pageSize };
    const page = await ctx.view.search(after === undefined ? query : { ...query, after }, 'records');
    found.push(...page.matches.map(read));
    after = page.next;
    await ctx.pace();
  } while (after !== undefined);
  const own = found.filter((one) => isOwned(one, owner) && isAbout(one, `Patient/${id}`));
  const ofType = <Kind>(...types: readonly string[]) =>
    own.filter(({ resourceType }) => types.includes(resourceType)) as unknown as readonly (Resource & Kind)[];
  return {
    patient,
    doses: ofType<Immunization>('Immunization'),
    facts: ofType<Observation | Condition>('Observation', 'Condition'),
    kin: ofType<RelatedPerson>('RelatedPerson'),
    consents: ofType<Consent>('Consent'),
  };
}

function isAbout(resource: Resource, patient: string): boolean {
  const named = (resource['patient'] ?? resource['subject']) as { readonly reference?: string } | undefined;
  return named?.reference === patient;
}
