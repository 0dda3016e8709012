import type { FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';

function pathParameter(request: FastifyRequest, name: string): string {
  const parameters = request.params as Readonly<Record<string, string | undefined>>;
  return parameters[name] ?? '';
}

export function typeOf(request: FastifyRequest): ResourceType {
  return requireType(pathParameter(request, 'type'));
}

function requireType(text: string): ResourceType {
  if (isResourceType(text)) return text;
  const what = text.startsWith('$') ? `operation "${text}"` : `resource type "${text}"`;
  throw new Problem('unknown-type', `This server has no ${what}; /metadata lists what it has`);
}

/** The id of the path, which must be one that a resource can have; with 404 for a read, as nothing can be there. */
export function idOf(request: FastifyRequest): ResourceId {
  const text = pathParameter(request, 'id');
  const id = parseResourceId(text);
  if (id !== undefined) return id;
  if (text.startsWith('$')) {
    throw new Problem(
      'not-found',
      `This server has no operation "${text}" on ${pathParameter(request, 'type')}`,
    );
  }
  const reads = request.method === 'GET' || request.method === 'HEAD';
  throw new Problem(
    reads ? 'not-found' : 'invalid-content',
    `"${text}" is not a FHIR id: 1 to 64 letters, digits, '-' and '.' were expected`,
  );
}

export function versionOf(request: FastifyRequest): string {
  return pathParameter(request, 'vid');
}

export function keyOf(request: FastifyRequest): { readonly type: ResourceType; readonly id: ResourceId } {
  return { type: typeOf(request), id: idOf(request) };
}

/** What of a compartment is asked for: one type, or (undefined, `*`) all. */
export function innerTypeOf(request: FastifyRequest): ResourceType | undefined {
  const text = pathParameter(request, 'inner');
  return text === '*' ? undefined : requireType(text);
}
