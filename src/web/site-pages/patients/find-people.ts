import type { Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import type { ParameterList } from '../../../interaction/parse-query.ts';
import { searchResources } from '../../../interaction/search-resources.ts';
import { matchKeyCode } from '../../../registry/matching/match-index.ts';
import type { PersonLike } from '../../../registry/matching/people-like.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { type Asked, type AskedName, readAsked } from './asked-person.ts';
import { datesNear } from './dates-near.ts';
import { survivorsOf } from './survivors-of.ts';

export type Found = {
  readonly people: readonly Patient[];
  readonly isMore: boolean;
  /** Where nobody is found: who is not quite what was asked for, the most alike first. */
  readonly like: readonly Patient[];
  /** Whether somebody may be missing, since the index by which they are found is drawn anew. */
  readonly isPartial: boolean;
};

export const mostShown = 50;

/** More of them help nobody. */
const mostLike = 20;

type PeopleLike = SiteServices['peopleLike'];

/**
 * People by name, birth date, number or phone, those whom the visitor cares for. Whoever is named by a number, or by whole
 * name and birth date, is looked up beside them, where the role may.
 */
export async function findPeople(
  ctx: InteractionContext,
  asked: Asked,
  peopleLike: PeopleLike,
): Promise<Found> {
  const { searches, name, phone } = readAsked(asked);
  const found = await findExact(ctx, searches);
  const alike = phone
    ? await peopleLike(ctx, [phone])
    : name && (name.isWhole || found.people.length === 0)
      ? await peopleLike(ctx, name.described)
      : [];
  const meant = alike.filter((one) => phone !== undefined || isMeant(one)).map(({ patient }) => patient);
  const people = await survivorsOf(ctx, [...found.people, ...meant]);
  const isMore = found.isMore || people.length > mostShown;
  const isPartial = ['name', matchKeyCode].some((code) => ctx.staleness('Patient', code) !== undefined);
  if (people.length > 0) return { people: people.slice(0, mostShown), isMore, isPartial, like: [] };
  const like = [...(await bornNearly(ctx, name)), ...alike.map(({ patient }) => patient)];
  return { people, isMore, isPartial, like: (await survivorsOf(ctx, like)).slice(0, mostLike) };
}

/** Nothing differs from what was typed: others than the own people are found so. */
function isMeant({ agrees }: PersonLike): boolean {
  return agrees.includes('name') && agrees.includes('birth-date');
}

async function findExact(
  ctx: InteractionContext,
  searches: readonly ParameterList[],
): Promise<Pick<Found, 'people' | 'isMore'>> {
  const found = new Map<string, Patient>();
  let isMore = false;
  for (const criteria of searches) {
    const asked: ParameterList = [...criteria, ['_count', String(mostShown + 1)]];
    const { matches, next } = await searchResources(ctx, ['Patient'], asked, 'strict');
    isMore ||= next !== undefined || matches.length > mostShown;
    for (const match of matches) found.set(match.id, JSON.parse(match.text) as Patient);
  }
  return { people: [...found.values()], isMore };
}

/** Who has the name, and a birth date that is easily written for the one that was typed. */
async function bornNearly(ctx: InteractionContext, name: AskedName | undefined): Promise<readonly Patient[]> {
  if (!name?.birthDate) return [];
  const { people } = await findExact(ctx, [
    [...name.words, ['birthdate', datesNear(name.birthDate).join(',')]],
  ]);
  return people;
}
