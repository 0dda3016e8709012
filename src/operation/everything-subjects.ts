import { toLiteralReference } from '../fhir/reference.ts';
import {
  type InteractionContext,
  requireAccess,
  type SearchPage,
  type StoredResource,
} from '../interaction/context.ts';
import { readStoredJson } from '../interaction/parse-stored.ts';
import { readResource } from '../interaction/read-resource.ts';
import { withKnownCursor } from '../interaction/with-known-cursor.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { unknownCursor } from './everything-request.ts';

/** A person, and where in the list of persons this one stands. */
export type Subject = { readonly patient: StoredResource; readonly place: string };

/** Whose everything is asked for. */
export type Subjects = {
  /** The URL of the operation, below the base. */
  readonly path: string;
  /** Goes before all persons: the Group. */
  readonly head?: StoredResource;
  /** The persons in their order, from the place on; '' = from the first. */
  readonly from: (place: string) => AsyncIterable<Subject>;
};

export async function onePatient(ctx: InteractionContext, id: ResourceId): Promise<Subjects> {
  const patient = await readResource(ctx, { type: 'Patient', id });
  return {
    path: `Patient/${id}/$everything`,
    from: async function* () {
      yield { patient, place: '' };
    },
  };
}

/** Every patient in the order of ids; the place of one is the store's cursor before it. */
export function allPatients(ctx: InteractionContext): Subjects {
  requireAccess(ctx, 'search-type', 'Patient');
  return {
    path: 'Patient/$everything',
    from: async function* (place) {
      let before: string | undefined = place;
      while (before !== undefined) {
        const after: string | undefined = before === '' ? undefined : before;
        const page: SearchPage = await withKnownCursor(() =>
          ctx.view.scan({ type: 'Patient', count: 1, ...(after !== undefined && { after }) }, 'persons'),
        );
        for (const patient of page.matches) yield { patient, place: before };
        before = page.next;
      }
    },
  };
}

/** So many members are read at once. */
const readTogether = 50;

/** The patients that are active members of the group, in its order; the place of one is its number. */
export async function groupMembers(ctx: InteractionContext, id: ResourceId): Promise<Subjects> {
  const group = await readResource(ctx, { type: 'Group', id });
  requireAccess(ctx, 'read', 'Patient');
  const ids = await memberIds(ctx, group);
  return {
    path: `Group/${id}/$everything`,
    head: group,
    from: async function* (place) {
      const met = new Set<string>();
      for (let at = placeOf(place); at < ids.length; at += readTogether) {
        const some = ids.slice(at, at + readTogether);
        const aliases = await ctx.view.aliasesOf(some);
        const persons = some.map((one) => aliases.get(one)?.[0] ?? one);
        const keys = [...new Set(persons)].filter((one) => !met.has(one));
        for (const one of keys) met.add(one);
        const patients = await ctx.view.readMany(keys.map((one) => ({ type: 'Patient', id: one })));
        for (const patient of patients) yield { patient, place: String(at + persons.indexOf(patient.id)) };
      }
    },
  };
}

function placeOf(text: string): number {
  if (/^[0-9]{0,9}$/.test(text)) return Number(text);
  throw unknownCursor();
}

type Member = {
  readonly entity?: { readonly reference?: string };
  readonly inactive?: boolean;
};

async function memberIds(ctx: InteractionContext, group: StoredResource): Promise<readonly ResourceId[]> {
  const { member = [] } = await readStoredJson<{ readonly member?: readonly Member[] }>(group, ctx.pace);
  const ids = new Set<ResourceId>();
  for (const { entity, inactive } of member) {
    await ctx.pace();
    if (inactive === true || entity?.reference === undefined) continue;
    const target = toLiteralReference(entity.reference, ctx.baseUrl);
    if (target.kind === 'local' && target.type === 'Patient') ids.add(target.id);
  }
  return [...ids];
}
