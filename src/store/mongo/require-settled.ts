import type { Document } from 'mongodb';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import { homesOf, ofSeveral } from './home.ts';
import { type Reader, readOptions } from './reader.ts';
import { isPerson, type Person } from './whom.ts';

/** What a transaction reads is not drawn yet: it is to be settled outside, and the transaction tried again. */
export class UnsettledError extends Error {
  override readonly name = 'UnsettledError';
}

/** A filter that asks what people bear is answered by what is drawn: so that has to be right first. */
export async function requireSettled(
  reader: Reader,
  types: readonly ResourceType[],
  filter: Filter,
): Promise<void> {
  if (!asksReach(filter)) return;
  const persons = personsAsked(types, filter);
  if (persons?.length === 0) return;
  const near = await findNear(reader, types, persons);
  if (!near) return;
  if (reader.session) throw new UnsettledError('What people bear is being drawn.');
  // What concerns others besides bears what those bear too.
  const isAlone = near.whom !== 'listed' && persons && !(await findSeveral(reader, types, persons));
  await reader.settler.settle(isAlone ? persons : undefined);
}

function asksReach(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.some(asksReach);
    case 'not':
    case 'chain':
    case 'has':
      return asksReach(filter.of);
    case 'reach':
      return true;
    default:
      return false;
  }
}

/** Those of whom alone something is asked; undefined when it may be anybody. */
function personsAsked(types: readonly ResourceType[], filter: Filter): readonly Person[] | undefined {
  if (asksElsewhere(filter)) return undefined;
  const homes = types.map((type) => homesOf(filter, type));
  if (homes.includes(undefined)) return undefined;
  return [...new Set(homes.flatMap((some) => some ?? []))].filter(isPerson);
}

/** Whether reach is asked of other resources than those that are searched. */
function asksElsewhere(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.some(asksElsewhere);
    case 'not':
      return asksElsewhere(filter.of);
    case 'chain':
    case 'has':
      return asksReach(filter.of);
    default:
      return false;
  }
}

type Near = { readonly whom?: string };

/** Something that is open of them, or that concerns others besides. */
function findNear(
  reader: Reader,
  types: readonly ResourceType[],
  persons: readonly Person[] | undefined,
): Promise<Near | null> {
  if (!persons) return find(reader, { 'open.persons': { $exists: true } });
  const open = { 'open.persons': { $in: [...persons, ofSeveral] } };
  return find(reader, { $or: [open, several(types, persons)] });
}

function findSeveral(
  reader: Reader,
  types: readonly ResourceType[],
  persons: readonly Person[],
): Promise<Near | null> {
  return find(reader, several(types, persons));
}

function several(types: readonly ResourceType[], persons: readonly Person[]): Document {
  return { patients: { $in: persons }, type: { $in: types } };
}

function find(reader: Reader, filter: Document): Promise<Near | null> {
  return reader.resources.findOne(filter, { ...readOptions(reader), projection: { _id: 1, whom: 1 } });
}
