import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { tableOf } from '../values/table-of.ts';
import type { Permission } from './caller.ts';

/** At whose patients a scope looks: the one in context, those of the user, or those of the client itself. */
export type ScopeLevel = 'patient' | 'user' | 'system';

export type ResourceScope = {
  readonly kind: 'resource';
  readonly text: string;
  /** The form that was asked for, and is answered: `.read` or `.rs`. */
  readonly version: 1 | 2;
  readonly level: ScopeLevel;
  readonly type: ResourceType | '*';
  readonly permissions: ReadonlySet<Permission>;
  /** All must hold of a resource; an ordinary search of the type. */
  readonly query: readonly (readonly [name: string, value: string])[];
};

/** One scope of SMART App Launch 2.2 that this server knows. */
export type Scope =
  | ResourceScope
  | { readonly kind: 'launch'; readonly text: string; readonly of?: 'patient' | 'encounter' }
  | { readonly kind: 'identity'; readonly text: 'openid' | 'fhirUser' | 'profile' }
  | { readonly kind: 'refresh'; readonly text: 'offline_access' | 'online_access' }
  | { readonly kind: 'own'; readonly text: string };

/** More than any app has use for. */
export const maxScopes = 300;
const longestScope = 500;
const maxQueryParts = 10;

/** What a scope of this server's own begins with. */
export const ownScopeBase = 'https://jenner-iis.org/scope/';

const plainScopes: ReadonlyMap<string, Scope> = new Map(
  (
    [
      { kind: 'launch', text: 'launch' },
      { kind: 'launch', text: 'launch/patient', of: 'patient' },
      { kind: 'launch', text: 'launch/encounter', of: 'encounter' },
      { kind: 'identity', text: 'openid' },
      { kind: 'identity', text: 'fhirUser' },
      { kind: 'identity', text: 'profile' },
      { kind: 'refresh', text: 'offline_access' },
      { kind: 'refresh', text: 'online_access' },
    ] as const satisfies readonly Scope[]
  ).map((scope) => [scope.text, scope]),
);

/** Undefined when it is none that this server knows: such a scope grants nothing. */
export function parseScope(text: string): Scope | undefined {
  // RFC 6749, 3.3: of what characters a scope is made.
  if (text.length > longestScope || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) return undefined;
  const plain = plainScopes.get(text);
  if (plain) return plain;
  if (text.startsWith(ownScopeBase)) return parseOwn(text);
  return parseResourceScope(text);
}

/** The scopes of a space separated list that this server knows, each once; undefined when it is too long to be honest. */
export function parseScopes(text: string): readonly Scope[] | undefined {
  if (text.length > longestScope * maxScopes) return undefined;
  const names = new Set(text.split(' '));
  names.delete('');
  if (names.size > maxScopes) return undefined;
  return [...names].flatMap((name) => parseScope(name) ?? []);
}

function parseOwn(text: string): Scope | undefined {
  return /^[a-z]+(?:-[a-z]+)*$/.test(text.slice(ownScopeBase.length)) ? { kind: 'own', text } : undefined;
}

function parseResourceScope(text: string): Scope | undefined {
  const match = /^(patient|user|system)\/(\*|[A-Za-z]+)\.([a-z]+|\*)(?:\?(.+))?$/.exec(text);
  if (!match) return undefined;
  const [, level, type = '', suffix = '', asked] = match;
  const said = parseSuffix(suffix);
  if (!said || (type !== '*' && !isResourceType(type))) return undefined;
  if (asked !== undefined && said.version === 1) return undefined;
  const query = asked === undefined ? [] : parseQueryPart(asked);
  if (!query) return undefined;
  return { kind: 'resource', text, level: level as ScopeLevel, type, ...said, query };
}

const byLetter: readonly (readonly [letter: string, permission: Permission])[] = [
  ['c', 'create'],
  ['r', 'read'],
  ['u', 'update'],
  ['d', 'delete'],
  ['s', 'search'],
];

/** SMART App Launch 2.2, scopes for requesting FHIR resources: what the suffixes of version 1 stand for. */
const lettersOfVersion1: Readonly<Record<string, string>> = tableOf({
  read: 'rs',
  write: 'cud',
  '*': 'cruds',
});

function parseSuffix(suffix: string): Pick<ResourceScope, 'version' | 'permissions'> | undefined {
  const letters = Object.hasOwn(lettersOfVersion1, suffix) ? lettersOfVersion1[suffix] : undefined;
  const version = letters === undefined ? 2 : 1;
  // Letters out of order are no scope; they are not put into order, since that could widen what was meant.
  if (!/^c?r?u?d?s?$/.test(letters ?? suffix) || suffix === '') return undefined;
  const asked = letters ?? suffix;
  const permissions = byLetter.flatMap(([letter, permission]) =>
    asked.includes(letter) ? [permission] : [],
  );
  return { version, permissions: new Set(permissions) };
}

/** Parameters with a plain name: no modifier, no chain, no `_filter`, and nothing that shapes a result. */
function parseQueryPart(text: string): ResourceScope['query'] | undefined {
  const parts = text.split('&');
  if (parts.length > maxQueryParts) return undefined;
  const pairs: (readonly [string, string])[] = [];
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = decoded(part.slice(0, Math.max(equals, 0)));
    const value = decoded(part.slice(equals + 1));
    if (name === undefined || !isPlainName(name) || !value) return undefined;
    pairs.push([name, value]);
  }
  return pairs;
}

const commonNames: ReadonlySet<string> = new Set([
  '_id',
  '_lastUpdated',
  '_profile',
  '_security',
  '_source',
  '_tag',
]);

function isPlainName(name: string): boolean {
  return commonNames.has(name) || /^[A-Za-z][A-Za-z0-9-]*$/.test(name);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** May it be granted to whom all of `allowed` may be granted? What it covers must not be wider than theirs together. */
export function isWithin(asked: Scope, allowed: readonly Scope[]): boolean {
  if (asked.kind !== 'resource') return allowed.some(({ text }) => text === asked.text);
  const wider = allowed.filter((scope) => scope.kind === 'resource' && covers(scope, asked));
  return [...asked.permissions].every((permission) =>
    wider.some((scope) => scope.kind === 'resource' && scope.permissions.has(permission)),
  );
}

/** Whether all that the narrow one looks at is looked at by the wide one; permissions apart. */
function covers(wide: ResourceScope, narrow: ResourceScope): boolean {
  if (wide.level !== narrow.level) return false;
  if (wide.type !== '*' && wide.type !== narrow.type) return false;
  return wide.query.every(([name, value]) =>
    narrow.query.some(([ownName, ownValue]) => ownName === name && ownValue === value),
  );
}

/**
 * What may be granted in the place of a scope, the whole first: of a wildcard one scope for each of the types, of any in
 * version 2 also those that a query part of `finerQueries` narrows. All in the version that was asked for.
 */
export function narrowings(scope: Scope, types: readonly ResourceType[]): readonly Scope[] {
  if (scope.kind !== 'resource') return [scope];
  const each = scope.type === '*' ? types.map((type) => ofType(scope, type)) : [scope];
  return each.flatMap((one) => [one, ...finerOf(one)]);
}

function ofType(scope: ResourceScope, type: ResourceType): ResourceScope {
  return { ...scope, type, text: scope.text.replace('/*.', `/${type}.`) };
}

const observationCategory = 'http://terminology.hl7.org/CodeSystem/observation-category';
const conditionCategory = 'http://terminology.hl7.org/CodeSystem/condition-category';
const usCoreCategory = 'http://hl7.org/fhir/us/core/CodeSystem/condition-category';

/** The parts of a type that people may want to give apart: those that US Core 7 names, and doses that were given. */
const finerQueries: Partial<Record<ResourceType, readonly (readonly [name: string, value: string])[]>> = {
  Condition: [
    ['category', `${usCoreCategory}|health-concern`],
    ['category', `${conditionCategory}|encounter-diagnosis`],
    ['category', `${conditionCategory}|problem-list-item`],
  ],
  Immunization: [['status', 'completed']],
  Observation: [
    ['category', `${observationCategory}|laboratory`],
    ['category', `${observationCategory}|social-history`],
    ['category', `${observationCategory}|survey`],
    ['category', `${observationCategory}|vital-signs`],
  ],
};

function finerOf(scope: ResourceScope): readonly ResourceScope[] {
  if (scope.version === 1 || scope.type === '*' || scope.query.length > 0) return [];
  return (finerQueries[scope.type] ?? []).map((pair) => ({
    ...scope,
    text: `${scope.text}?${pair.join('=')}`,
    query: [pair],
  }));
}
