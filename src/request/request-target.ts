import { Problem } from '../fhir/problem.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';

type OnSystem = 'capabilities' | 'bundle' | 'search-system' | 'history-system';
type OnType =
  | 'search-type'
  | 'history-type'
  | 'create'
  | 'conditional-update'
  | 'conditional-patch'
  | 'conditional-delete';
type OnInstance = 'read' | 'update' | 'patch' | 'delete' | 'history-instance';

type Key = { readonly type: ResourceType; readonly id: ResourceId };
type Named<Name extends string, Members> = Name extends unknown ? { readonly name: Name } & Members : never;

/** What a request is, and of what. The names are R4's of the restful interactions where it has one. */
export type RequestTarget =
  | Named<OnSystem, unknown>
  | Named<OnType, { readonly type: ResourceType }>
  | Named<OnInstance, Key>
  | Named<'vread', Key & { readonly version: string }>
  /** Of a Patient; absent type = all that belongs to it. */
  | Named<'compartment', { readonly id: ResourceId; readonly type?: ResourceType }>
  /** `view`: the ViewDefinition it is called on, which has no type here. */
  | Named<'operation', Partial<Key> & { readonly code: string; readonly view?: string }>;

export type RequestName = RequestTarget['name'];
export type TargetOf<Name extends RequestName> = Extract<RequestTarget, { readonly name: Name }>;

/** What the segments of a path say where the pattern has `:name`. */
export type PathParameters = Readonly<Record<string, string | undefined>>;

/** What an id that none can be is: nothing that could be read, or content that is wrong. */
export type IdFault = 'not-found' | 'invalid-content';

/** The target of a path that was matched; throws a Problem for a type that is not kept, or what is no id. */
export function toTarget(name: RequestName, path: PathParameters, fault: IdFault): RequestTarget {
  switch (name) {
    case 'capabilities':
    case 'bundle':
    case 'search-system':
    case 'history-system':
      return { name };
    case 'search-type':
    case 'history-type':
    case 'create':
    case 'conditional-update':
    case 'conditional-patch':
    case 'conditional-delete':
      // One of several names with one of many types is too wide a union for tsc to see through.
      return { name, type: requireType(path['type']) } as RequestTarget;
    case 'read':
    case 'update':
    case 'patch':
    case 'delete':
    case 'history-instance':
      return { name, ...keyOf(path, fault) } as RequestTarget;
    case 'vread':
      return { name, ...keyOf(path, fault), version: path['version'] ?? '' };
    case 'compartment':
      return toCompartment(path, fault);
    case 'operation':
      return toOperation(path, fault);
  }
}

function toCompartment(path: PathParameters, fault: IdFault): TargetOf<'compartment'> {
  const { type: owner, id } = keyOf(path, fault);
  if (owner !== 'Patient') {
    throw new Problem('not-found', `${owner} has no compartment here; only Patient has one`);
  }
  const { inner } = path;
  return { name: 'compartment', id, ...(inner !== '*' && { type: requireType(inner) }) };
}

function toOperation(path: PathParameters, fault: IdFault): TargetOf<'operation'> {
  const code = path['operation'] ?? '';
  if (path['type'] === 'ViewDefinition') return ofViews(code, path['id']);
  if (path['type'] === undefined) return { name: 'operation', code };
  if (path['id'] === undefined) return { name: 'operation', code, type: requireType(path['type']) };
  return { name: 'operation', code, ...keyOf(path, fault) };
}

/** SQL on FHIR 2.1: R4 has no such type, so that what is asked of it is asked of the system. */
function ofViews(code: string, view: string | undefined): TargetOf<'operation'> {
  const named = code.startsWith('viewdefinition-') ? code : `viewdefinition-${code}`;
  return { name: 'operation', code: named, ...(view !== undefined && { view }) };
}

function keyOf(path: PathParameters, fault: IdFault): Key {
  return { type: requireType(path['type']), id: requireId(path['id'], fault) };
}

function requireType(text = ''): ResourceType {
  if (isResourceType(text)) return text;
  const shown = text.slice(0, 80);
  throw new Problem(
    'unknown-type',
    `This server has no resource type "${shown}"; /metadata lists what it has`,
  );
}

function requireId(text = '', fault: IdFault): ResourceId {
  const id = parseResourceId(text);
  if (id !== undefined) return id;
  throw new Problem(
    fault,
    `"${text.slice(0, 80)}" is not a FHIR id: 1 to 64 letters, digits, '-' and '.' were expected`,
  );
}
