import type { Document } from 'mongodb';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import { homesOf, ofSeveral } from './home.ts';
import { isPerson, type Person } from './person.ts';
import { type Reader, readOptions } from './reader.ts';
import { anythingOpen, isThere } from './settler.ts';

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
  if (!asksReach(filter) || !(await isAnythingOpen(reader))) return;
  const persons = personsAsked(types, filter);
  // What concerns others besides bears what those bear too.
  const isAlone =
    persons &&
    !(await find(reader, { patients: { $in: persons }, patient: ofSeveral, type: { $in: types } }));
  if (isAlone && !(await find(reader, { 'open.persons': { $in: persons } }))) return;
  if (reader.session) throw new UnsettledError('What people bear is being drawn.');
  await reader.settler.settle(isAlone ? persons : undefined);
}

/** Of everybody. */
export async function requireAllSettled(reader: Reader): Promise<void> {
  if (await isAnythingOpen(reader)) await reader.settler.settle();
}

/** Mostly nothing is. */
export function isAnythingOpen(reader: Reader): Promise<boolean> {
  return reader.session ? find(reader, anythingOpen) : reader.settler.isAnythingOpen();
}

function find(reader: Reader, filter: Document): Promise<boolean> {
  return isThere(reader.resources, filter, readOptions(reader));
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
