import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { isResourceType } from '../fhir/resource-type.ts';
import { type InteractionContext, type StoredResource, withCaller } from '../interaction/context.ts';
import { parseCriteria } from '../interaction/find-matches.ts';
import { parseQuery } from '../interaction/parse-query.ts';
import { parseStoredInTurns } from '../interaction/parse-stored.ts';
import { updateResource } from '../interaction/update-resource.ts';
import { compartmentParams } from '../search/compartment.ts';
import { allOf, anyOf, type Filter } from '../search/filter.ts';
import { formatInstant } from '../values/instant.ts';

const definitions = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition';
const memberFilter = `${definitions}/member-filter`;
const membersRefreshed = `${definitions}/members-refreshed`;
const queryLanguage = 'application/x-fhir-query';

/** A Group of more is too large to be one resource. */
const mostMembers = 100_000;
const pageSize = 1000;

type Extension = {
  readonly url: string;
  readonly valueExpression?: { readonly language?: string; readonly expression?: string };
};

/**
 * Of a Group with criteria (Bulk Cohort Group) its members are looked for anew and kept with it; any other is answered as
 * it is. All criteria must hold; one on another type than Patient holds of whom such a resource is about. What the
 * caller may not see is no member.
 */
export async function refreshMembers(
  ctx: InteractionContext,
  stored: StoredResource,
): Promise<StoredResource> {
  const { resource, exactNumbers } = await parseStoredInTurns(stored, ctx.pace);
  const extensions = (resource['modifierExtension'] ?? []) as unknown as readonly Extension[];
  const criteria = extensions.filter(({ url }) => url === memberFilter);
  if (criteria.length === 0) return stored;
  const filters: Filter[] = [];
  for (const one of criteria) filters.push(await personsMeeting(ctx, one));
  const member = await findMembers(ctx, allOf(filters));
  const others = ((resource['extension'] ?? []) as unknown as readonly Extension[]).filter(
    ({ url }) => url !== membersRefreshed,
  );
  const refreshed = { url: membersRefreshed, valueDateTime: formatInstant(ctx.clock.now()) };
  const { member: _, quantity: __, ...rest } = resource;
  const next = {
    ...rest,
    extension: [...others, refreshed],
    quantity: member.length,
    ...(member.length > 0 && { member }),
  } as unknown as Resource;
  // To be refreshed is no right of its own: who may read the Group may have it made anew.
  const own = withCaller(ctx, { kind: 'system', name: 'server' });
  const { version } = await updateResource(own, stored, { resource: next, exactNumbers });
  return version;
}

async function personsMeeting(ctx: InteractionContext, { valueExpression = {} }: Extension): Promise<Filter> {
  const { language = '', expression = '' } = valueExpression;
  if (language !== queryLanguage) {
    throw new Problem(
      'not-supported',
      `member-filter: the language ${language.slice(0, 80)} is not ${queryLanguage}`,
    );
  }
  const question = expression.indexOf('?');
  const type = expression.slice(0, Math.max(question, 0));
  if (!isResourceType(type)) {
    throw new Problem(
      'not-supported',
      `member-filter: expected Type?search, not ${expression.slice(0, 200)}`,
    );
  }
  const of = await parseCriteria(ctx, type, parseQuery(expression.slice(question + 1)));
  if (type === 'Patient') return of;
  const params = compartmentParams(type);
  return anyOf(params.map((param) => ({ kind: 'has', type, param, of })));
}

async function findMembers(ctx: InteractionContext, filter: Filter) {
  const members: { readonly entity: { readonly reference: string } }[] = [];
  let after: string | undefined;
  do {
    await ctx.pace();
    const query = { types: ['Patient'] as const, filter, sort: [], count: pageSize };
    const page = await ctx.view.search(after === undefined ? query : { ...query, after });
    for (const { id } of page.matches) members.push({ entity: { reference: `Patient/${id}` } });
    if (members.length > mostMembers) {
      throw new Problem(
        'not-supported',
        `The criteria of the Group are met by more than ${mostMembers} people`,
      );
    }
    after = page.next;
  } while (after !== undefined);
  return members;
}
