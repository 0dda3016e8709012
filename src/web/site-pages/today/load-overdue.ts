import type { Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import { searchResources } from '../../../interaction/search-resources.ts';
import type { GroupState } from '../../../registry/forecasting/group-states.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import type { ListQuery } from '../../parts/list-query.ts';
import type { Visit } from '../../site/page-door.ts';
import type { SiteServices } from '../../site/site-services.ts';

/** Somebody of the clinic, with the vaccine groups that wait for the next visit. */
export type OverdueRow = {
  readonly patient: Patient;
  readonly overdue: readonly string[];
  readonly due: readonly string[];
};

export type Overdue = {
  readonly rows: readonly OverdueRow[];
  readonly next?: string | undefined;
  readonly isCut: boolean;
  /** How many people were looked at. */
  readonly looked: number;
};

/** What is due is worked out person by person, so a page looks at so many and no more; a file at more. */
const lookedAt = { page: 20, file: 200 };

/** Those of the organizations of the visitor who are behind with a vaccine, the youngest first. */
export async function loadOverdue(
  { ctx, visitor }: Visit,
  query: ListQuery,
  { groupStates }: SiteServices,
): Promise<Overdue> {
  const most = query.isCsv ? lookedAt.file : lookedAt.page;
  const { people, next } = await peopleOf(ctx, visitor.organizations, query, most);
  const rows: OverdueRow[] = [];
  const ids = people.flatMap(({ id = '' }) => parseResourceId(id) ?? []);
  for await (const { patient, groups } of groupStates(ctx, ids)) {
    const overdue = groupsThatAre(groups, 'overdue');
    if (overdue.length > 0) rows.push({ patient, overdue, due: groupsThatAre(groups, 'due') });
  }
  const isCut = query.isCsv && next !== undefined;
  return { rows, looked: people.length, isCut, ...(!query.isCsv && { next }) };
}

async function peopleOf(
  ctx: InteractionContext,
  organizations: readonly string[],
  { after, isCsv, sort }: ListQuery,
  most: number,
): Promise<{ readonly people: readonly Patient[]; readonly next: string | undefined }> {
  if (organizations.length === 0) return { people: [], next: undefined };
  const { matches, next } = await searchResources(
    ctx,
    ['Patient'],
    [
      ['organization', organizations.map((id) => `Organization/${id}`).join(',')],
      ['_sort', sort === 'age' ? 'birthdate' : '-birthdate'],
      ['_count', String(most)],
      ...(after === undefined || isCsv ? [] : [['_cursor', after] as const]),
    ],
    'strict',
  );
  const people = matches.map(({ text }) => JSON.parse(text) as Patient).filter(isThere);
  return { people, next };
}

function isThere({ active, deceasedBoolean, deceasedDateTime }: Patient): boolean {
  return active !== false && deceasedBoolean !== true && deceasedDateTime === undefined;
}

function groupsThatAre(groups: readonly GroupState[], asked: 'overdue' | 'due'): readonly string[] {
  return groups.flatMap(({ group, status }) => (status === asked ? [group] : []));
}
