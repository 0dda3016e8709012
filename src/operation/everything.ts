import { toOperationOutcome } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext, SearchPage, StoredResource } from '../interaction/context.ts';
import { findReferred } from '../interaction/find-referred.ts';
import { pageLinks } from '../interaction/page-links.ts';
import { mostCharacters } from '../interaction/page-room.ts';
import { requireBuilt } from '../interaction/search-request.ts';
import { searchPage } from '../interaction/search-resources.ts';
import { membersOf, type SplicedEntry, spliceBundle } from '../interaction/splice-bundle.ts';
import { withKnownCursor } from '../interaction/with-known-cursor.ts';
import { compartmentFilter, compartmentParams, compartmentTypes } from '../search/compartment.ts';
import { allOf, nothing } from '../search/filter.ts';
import type { ResourceId } from '../values/resource-id.ts';
import {
  type EverythingRequest,
  everythingParameters,
  type Place,
  toEverythingRequest,
  writePlace,
} from './everything-request.ts';
import { allPatients, groupMembers, onePatient, type Subject, type Subjects } from './everything-subjects.ts';
import { unknownIssues } from './inputs.ts';
import type { Operation, OperationCall } from './operation.ts';
import type { OperationAnswer } from './operation-answer.ts';

const shared = { code: 'everything', affectsState: false, parameters: everythingParameters } as const;

/** R4 patient- and group-operation-everything.html. */
export const everythingOperations: readonly Operation[] = [
  {
    ...shared,
    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
    description: 'Answers a person, or all, with what belongs to them and what that refers to.',
    levels: ['type', 'instance'],
    types: ['Patient'],
    run: async (ctx, call) =>
      everythingPage(ctx, call, call.id === undefined ? allPatients(ctx) : await onePatient(ctx, call.id)),
  },
  {
    ...shared,
    definition: 'http://hl7.org/fhir/OperationDefinition/Group-everything',
    description: 'Answers a group, and its members with what belongs to them.',
    levels: ['instance'],
    types: ['Group'],
    run: async (ctx, call) => everythingPage(ctx, call, await groupMembers(ctx, idOf(call))),
  },
];

function idOf({ id }: OperationCall): ResourceId {
  if (id === undefined) throw new Error('$everything of an instance was called without an id');
  return id;
}

async function everythingPage(
  ctx: InteractionContext,
  call: OperationCall,
  subjects: Subjects,
): Promise<OperationAnswer> {
  const request = toEverythingRequest(call);
  const page: Page = { found: [], names: new Set(), characters: 0 };
  const next = await fillPage(ctx, request, subjects, page);
  const { found } = page;
  const referred = await findReferred(ctx, found, supporting);
  const link = pageLinks(ctx.baseUrl, subjects.path, request.parameters, next && writePlace(next));
  const entries = [...found, ...referred].map((resource, index) => ({
    fullUrl: `${ctx.baseUrl}/${resource.type}/${resource.id}`,
    text: resource.text,
    rest: index < found.length ? asMatch : asInclude,
  }));
  const ignored = outcomeEntries(call);
  return {
    kind: 'text',
    text: spliceBundle({ resourceType: 'Bundle', type: 'searchset', link }, [...entries, ...ignored]),
  };
}

const asMatch = membersOf({ search: { mode: 'match' } });
const asInclude = membersOf({ search: { mode: 'include' } });

/** What was passed over is told as a search tells it. */
function outcomeEntries({ inputs }: OperationCall): readonly SplicedEntry[] {
  const issues = unknownIssues(inputs);
  if (issues.length === 0) return [];
  const text = JSON.stringify(toOperationOutcome(issues));
  return [{ text, rest: membersOf({ search: { mode: 'outcome' } }) }];
}

/** What the resources of a person refer to without being part of the compartment. */
const supporting: ReadonlySet<ResourceType> = new Set([
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'Location',
  'Medication',
  'Device',
]);

/** What persons share, such as a Group, stands once in a Bundle (R4 bundle.html, bdl-7). */
type Page = { readonly found: StoredResource[]; readonly names: Set<string>; characters: number };

function addTo(page: Page, resource: StoredResource): void {
  const name = `${resource.type}/${resource.id}`;
  if (page.names.has(name)) return;
  page.names.add(name);
  page.found.push(resource);
  page.characters += resource.text.length;
}

/** For how many resources more; for none where those that are there are long. */
function roomOn({ found, characters }: Page, count: number): number {
  return characters > mostCharacters ? 0 : count - found.length;
}

/** A page looks at so many persons, even when it finds little of each. */
const maxSubjects = 50;

/** Fills the page person by person; answers where the next one begins. */
async function fillPage(
  ctx: InteractionContext,
  request: EverythingRequest,
  { head, from }: Subjects,
  page: Page,
): Promise<Place | undefined> {
  const { place, count } = request;
  if (head) addHead(page, head, request);
  let visited = 0;
  for await (const subject of from(place.subject)) {
    if (roomOn(page, count) <= 0 || visited >= maxSubjects) return { subject: subject.place, step: 0 };
    // Whoever the page was to go on with may have been deleted meanwhile.
    const goesOn = visited === 0 && place.patient === subject.patient.id;
    const begin = goesOn ? place : { subject: subject.place, step: 0 };
    const next = await collect(ctx, request, subject, begin, page);
    if (next) return next;
    visited++;
    await ctx.pace();
  }
  return undefined;
}

/** The group stands on the first page, although it is in the compartment of its members too. */
function addHead(page: Page, head: StoredResource, { place, wants }: EverythingRequest): void {
  const isFirst = place.subject === '' && place.step === 0;
  if (isFirst && wants(head.type)) addTo(page, head);
  else page.names.add(`${head.type}/${head.id}`);
}

/** All of one person from the place on, as much as the page has room for; answers where that ended before the end. */
async function collect(
  ctx: InteractionContext,
  request: EverythingRequest,
  { patient, place }: Subject,
  begin: Place,
  page: Page,
): Promise<Place | undefined> {
  const { types, count, wants } = request;
  const { id } = patient;
  const records = (await ctx.view.aliasesOf([id])).get(id) ?? [id];
  if (begin.step === 0 && wants('Patient')) {
    for (const record of [patient, ...(await otherRecords(ctx, id, records))]) addTo(page, record);
  }
  for (const { step, type } of await stepsFrom(begin, ctx, records, types)) {
    const room = roomOn(page, count);
    if (room <= 0) return { subject: place, patient: id, step };
    const own = await searchOwn(ctx, id, request, type, room, afterAt(begin, step));
    for (const resource of own.matches) addTo(page, resource);
    if (own.next !== undefined) return { subject: place, patient: id, step, after: own.next };
  }
  return undefined;
}

/** The cursor is one of the step at which the page begins. */
function afterAt(begin: Place, step: number): string | undefined {
  return step === begin.step ? begin.after : undefined;
}

/** What else was written, or computed, of the same person. */
async function otherRecords(
  ctx: InteractionContext,
  id: ResourceId,
  records: readonly ResourceId[],
): Promise<readonly StoredResource[]> {
  const others = records.filter((one) => one !== id);
  return others.length === 0 ? [] : ctx.view.readMany(others.map((one) => ({ type: 'Patient', id: one })));
}

type Step = { readonly step: number; readonly type: ResourceType };

/** The steps from the place on at which there may be something of who is known by these ids: of most types there is nothing. */
async function stepsFrom(
  begin: Place,
  ctx: InteractionContext,
  records: readonly ResourceId[],
  types: readonly ResourceType[],
): Promise<readonly Step[]> {
  for (const type of types) requireBuilt(ctx, usedParams.get(type) ?? []);
  const asked = new Map(types.map((type) => [type, ownParams.get(type) ?? []]));
  const referring = await ctx.view.referringTypes(records, asked);
  const steps = types.map((type, index) => ({ step: index + 1, type }));
  return steps.filter(({ step, type }) => step >= begin.step && referring.has(type));
}

/** By what the resources of each type are found. */
const ownParams: ReadonlyMap<ResourceType, readonly string[]> = new Map(
  compartmentTypes.filter((type) => type !== 'Patient').map((type) => [type, compartmentParams(type)]),
);
const usedParams = new Map(
  [...ownParams].map(([type, codes]) => [type, codes.map((code) => ({ type, code }))] as const),
);

function searchOwn(
  ctx: InteractionContext,
  id: ResourceId,
  { filters }: EverythingRequest,
  type: ResourceType,
  count: number,
  after: string | undefined,
): Promise<SearchPage> {
  const own = compartmentFilter(id, type) ?? nothing;
  const query = { types: [type], filter: allOf([own, ...filters(type)]), sort: [], count };
  return withKnownCursor(() => searchPage(ctx, after === undefined ? query : { ...query, after }));
}
