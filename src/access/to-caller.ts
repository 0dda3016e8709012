import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { everything, type Filter, isEverything, nothing } from '../search/filter.ts';
import { objectionMarksOn } from '../search/reach.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import type { Bearer, Caller, Grant, OfType, Opened, Opener, Permission } from './caller.ts';
import { meetingOf, unionOf } from './combine-filters.ts';
import type { Entitlement } from './entitlement.ts';
import { concerning, placeFilter, type Standing, sharedWith } from './place-filter.ts';
import {
  organizationClient,
  outsideCompartment,
  personTypes,
  type Role,
  registryClient,
  roles,
} from './roles.ts';
import type { ResourceScope } from './scope.ts';
import { queryFilter, type ScopeDefinitions } from './scope-query.ts';

const letters: readonly (readonly [permission: Permission, letter: string])[] = [
  ['create', 'c'],
  ['read', 'r'],
  ['update', 'u'],
  ['delete', 'd'],
  ['search', 's'],
];

/** What the decision rests on beside the entitlement: `today` is the registry's day, by which an objection counts. */
export type DecidedBy = ScopeDefinitions & { readonly today: EpochDay };

/**
 * The decision about a token, as one filter for each type and permission: what a scope covers, within its level and query
 * part, and of that what the role may, of the persons within reach who do not object. What no scope covers is not there;
 * what a scope covers and the role may not is `nothing`, which is answered as what never was.
 */
export function toCaller(
  entitlement: Entitlement,
  definitions: DecidedBy,
  opened: Opened = { lookedUp: [], brokenGlass: [] },
): Caller {
  const standing = { ...entitlement, ...opened, objecting: objectionMarksOn(definitions.today) };
  const deciding: Deciding = { entitlement, role: roleOf(entitlement), standing, definitions };
  const grants = onceFor((type) => {
    const grant = grantOf(type, deciding);
    return Object.keys(grant).length > 0 ? grant : undefined;
  });
  return withMore({ kind: 'token', name: entitlement.name, grants }, deciding);
}

/** A request asks for a few of some 150 types: what is never asked for is not worked out. */
function onceFor<Decided>(decide: (type: ResourceType) => Decided | undefined): OfType<Decided> {
  const known = new Map<ResourceType, Decided | undefined>();
  return {
    get: (type) => {
      if (known.has(type)) return known.get(type);
      const decided = decide(type);
      known.set(type, decided);
      return decided;
    },
  };
}

type Deciding = {
  readonly entitlement: Entitlement;
  readonly role: Role;
  readonly standing: Standing;
  readonly definitions: DecidedBy;
};

/** A client that asks for itself is what it was registered as. */
function roleOf({ user, organizations }: Entitlement): Role {
  if (user) return roles[user.role];
  return organizations.length > 0 ? organizationClient : registryClient;
}

function grantOf(type: ResourceType, deciding: Deciding): Grant {
  const grant: { [permission in Permission]?: Filter } = {};
  for (const [permission, letter] of letters) {
    const scoped = scopesFilter(type, permission, deciding);
    if (scoped) grant[permission] = meetingOf(scoped, roleFilter(type, letter, deciding));
  }
  const self = permitsSelf(type, deciding.entitlement);
  if (self) grant.read = unionOf([self, grant.read ?? nothing]);
  return grant;
}

/** Undefined when no scope covers it. */
function scopesFilter(type: ResourceType, permission: Permission, deciding: Deciding): Filter | undefined {
  const parts: Filter[] = [];
  for (const scope of deciding.entitlement.scopes) {
    if (scope.kind !== 'resource' || !scope.permissions.has(permission)) continue;
    if (scope.type !== '*' && scope.type !== type) continue;
    const asked = queryFilter(scope, type, deciding.definitions);
    if (asked) parts.push(meetingOf(levelFilter(scope, type, permission, deciding.entitlement), asked));
  }
  return parts.length === 0 ? undefined : unionOf(parts);
}

/** At whose resources the level of the scope looks, whatever the role. */
function levelFilter(
  { level }: ResourceScope,
  type: ResourceType,
  permission: Permission,
  { user, patient }: Entitlement,
): Filter {
  switch (level) {
    case 'patient':
      return patient === undefined ? nothing : compartment(patient, type, permission);
    case 'user':
      return user ? everything : nothing;
    case 'system':
      return user ? nothing : everything;
  }
}

function compartment(patient: string, type: ResourceType, permission: Permission): Filter {
  if (personTypes.includes(type) || type === 'AuditEvent') return concerning([patient]);
  const isRead = permission === 'read' || permission === 'search';
  return isRead && outsideCompartment.includes(type) ? everything : nothing;
}

const nothingOpened: Opened = { lookedUp: [], brokenGlass: [] };

function roleFilter(type: ResourceType, letter: string, { role, standing }: Deciding): Filter {
  const rows = role.rows.filter(({ types, may }) => may.includes(letter) && types.includes(type));
  // A record that was opened can be read, and added to; what others keep there stays as it is.
  const stands = isLasting(type, letter) ? { ...standing, ...nothingOpened } : standing;
  const places = rows.map((row) => (row.of === 'care' && isLasting(type, letter) ? 'charge' : row.of));
  return unionOf(places.map((place) => placeFilter(place, type, stands)));
}

/** What changes what others keep, or who sees it: a new objection, a new roster. */
function isLasting(type: ResourceType, letter: string): boolean {
  return letter === 'u' || letter === 'd' || (letter === 'c' && (type === 'Consent' || type === 'Group'));
}

/** SMART App Launch 2.2, scopes for requesting identity data: who may know who the user is may read it. */
function permitsSelf(type: ResourceType, { scopes, user }: Entitlement): Filter | undefined {
  const [ownType = '', id] = user?.fhirUser?.split('/') ?? [];
  if (id === undefined || !isResourceType(ownType) || ownType !== type) return undefined;
  const isAsked = scopes.some(({ text }) => text === 'fhirUser' || text === 'profile');
  return isAsked ? { kind: 'id', anyOf: [id] } : undefined;
}

/** Whose what it writes will be, and which records it may open. */
function withMore(caller: Extract<Caller, { kind: 'token' }>, deciding: Deciding): Caller {
  const { entitlement, role, standing } = deciding;
  const [owner] = entitlement.organizations;
  const search = scopesFilter('Patient', 'search', deciding);
  const opener = openerOf(deciding);
  const { brokenGlass } = standing;
  return {
    ...caller,
    bearer: bearerOf(entitlement),
    ...(brokenGlass.length > 0 && { brokenGlass }),
    mentions: onceFor((type) =>
      outsideCompartment.includes(type) ? roleFilter(type, 'r', deciding) : undefined,
    ),
    ...(owner !== undefined && { owner, organizations: entitlement.organizations }),
    ...(entitlement.groups && { groups: entitlement.groups }),
    ...(entitlement.matching && { matching: entitlement.matching }),
    ...(entitlement.trust !== undefined && { trust: entitlement.trust }),
    ...(entitlement.user?.role === 'individual' && { isIndividual: true as const }),
    ...(role.looksUp && search && { lookUp: meetingOf(search, sharedWith(standing)) }),
    ...(opener && { opener }),
  };
}

function bearerOf({ client, user }: Entitlement): Bearer {
  if (!user) return { client };
  const { login, role, fhirUser } = user;
  return { client, user: login, role, ...(fhirUser !== undefined && { fhirUser }) };
}

function openerOf(deciding: Deciding): Opener | undefined {
  const { entitlement, role, definitions } = deciding;
  const { user } = entitlement;
  if (!user || !(role.looksUp || role.breaksGlass)) return undefined;
  // An app that was given one person, or some, opens none beside them.
  const isOfAll = isEverything(scopesFilter('Patient', 'read', deciding) ?? nothing);
  return {
    login: user.login,
    breaksGlass: role.breaksGlass && isOfAll,
    withOpened: (opened) => toCaller(entitlement, definitions, opened),
  };
}
