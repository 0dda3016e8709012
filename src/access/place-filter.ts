import type { ResourceType } from '../fhir/resource-type.ts';
import { concerningParams } from '../search/compartment.ts';
import { allOf, anyOf, everything, type Filter, not, nothing } from '../search/filter.ts';
import { foldCode, foldText } from '../search/fold-text.ts';
import { dataSharingObjection, type MarkKind, markOf } from '../search/reach.ts';
import { aboutNobody } from './about-nobody.ts';
import type { Opened } from './caller.ts';
import type { Entitlement } from './entitlement.ts';
import { ownedBy, ownWord } from './owner.ts';
import type { Place } from './roles.ts';

/** What is known of who asks, as far as it decides of whom something may be seen. */
export type Standing = Opened &
  Pick<Entitlement, 'ownPersons' | 'organizations' | 'towns' | 'isDepartment'> & {
    /** The marks of who objects to sharing today. */
    readonly objecting: readonly string[];
  };

/** Which resources of the type lie in the place, for who asks. */
export function placeFilter(place: Place, type: ResourceType, standing: Standing): Filter {
  switch (place) {
    case 'all':
      return everything;
    case 'own':
      return concerning(standing.ownPersons);
    case 'word':
      return allOf([concerning(standing.ownPersons), wordFilter(type)]);
    case 'care':
      return ofOthers(marked(['care', 'dose'], standing.organizations), standing, standing.lookedUp);
    case 'charge':
      return chargeFilter(type, standing);
    case 'roster':
      return ofOthers(marked(['roster'], standing.organizations), standing, []);
    case 'town':
      return ofOthers(livingIn(standing.towns), standing, []);
    case 'house':
      return houseFilter(type, standing);
    case 'supply':
      return suppliedBy(type, standing.organizations);
  }
}

/**
 * Persons who are in the care of somebody. The Department sees all. Of who objects to sharing an organization sees what it
 * has brought itself (M.G.L. c.111 §24M), unless the record was opened with a reason.
 */
function ofOthers(reached: Filter, standing: Standing, lookedUp: readonly string[]): Filter {
  const { isDepartment, brokenGlass } = standing;
  if (isDepartment) return everything;
  const found = lookedUp.length === 0 ? reached : anyOf([reached, concerning(lookedUp)]);
  const shared = allOf([found, sharedWith(standing)]);
  return brokenGlass.length === 0 ? shared : anyOf([shared, concerning(brokenGlass)]);
}

/** What nobody objects to, or is the organization's own. */
export function sharedWith({ isDepartment, organizations, objecting }: Standing): Filter {
  if (isDepartment) return everything;
  const shared = not({ kind: 'reach', anyOf: objecting });
  return organizations.length === 0 ? shared : anyOf([shared, ownedBy(organizations)]);
}

/** What an organization may change: to have given one dose is not to keep the record. */
function chargeFilter(type: ResourceType, standing: Standing): Filter {
  const { organizations, isDepartment } = standing;
  const given = type === 'Immunization' ? [referringTo('performer', organizations)] : [];
  const own = allOf([marked(['dose'], organizations), anyOf([ownedBy(organizations), ...given])]);
  const reached = ofOthers(anyOf([marked(['care'], organizations), own]), standing, []);
  if (type !== 'Group' || isDepartment) return reached;
  // By a roster others see who is on it.
  return allOf([reached, anyOf([not(managed), referringTo('managing-entity', organizations)])]);
}

const managed: Filter = {
  kind: 'value',
  param: 'managing-entity',
  test: { kind: 'reference', anyOf: [{ type: 'Organization' }] },
};

function wordFilter(type: ResourceType): Filter {
  if (type !== 'Consent') return ownWord;
  const objection = { system: dataSharingObjection.system, code: foldCode(dataSharingObjection.code) };
  return anyOf([ownWord, { kind: 'value', param: 'category', test: { kind: 'token', anyOf: [objection] } }]);
}

export function concerning(patients: readonly string[]): Filter {
  return patients.length === 0 ? nothing : { kind: 'concerns', anyOf: patients };
}

function marked(kinds: readonly MarkKind[], organizations: readonly string[]): Filter {
  const marks = kinds.flatMap((kind) => organizations.map((id) => markOf(kind, `Organization/${id}`)));
  return marks.length === 0 ? nothing : { kind: 'reach', anyOf: marks };
}

function livingIn(towns: readonly string[]): Filter {
  const marks = towns.map((town) => markOf('town', foldText(town)));
  return marks.length === 0 ? nothing : { kind: 'reach', anyOf: marks };
}

function houseFilter(type: ResourceType, { organizations }: Standing): Filter {
  if (organizations.length === 0) return nothing;
  if (type === 'Organization') return { kind: 'id', anyOf: organizations };
  return referringTo('organization', organizations);
}

/** Stock. What is supplied to a person is about that person, and goes by who cares for them. */
function suppliedBy(type: ResourceType, organizations: readonly string[]): Filter {
  if (organizations.length === 0) return nothing;
  const parts = ['receiver', 'requester', 'supplier'].map((param) => referringTo(param, organizations));
  return allOf([anyOf(parts), ...concerningParams(type).map(aboutNobody)]);
}

function referringTo(param: string, organizations: readonly string[]): Filter {
  const patterns = organizations.map((id) => ({ type: 'Organization', id }));
  return { kind: 'value', param, test: { kind: 'reference', anyOf: patterns } };
}
