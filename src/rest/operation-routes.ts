import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { requireAccess } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import { idOf, typeOf } from './path-parameters.ts';
import { optionalBody } from './request-body.ts';
import { preferredHandling, queryOf } from './request-options.ts';
import type { RestContext, Route } from './route.ts';
import { sendObject, sendText } from './send.ts';

/**
 * R4 operations.html: POST always, GET where the operation allows it. One route serves an operation on all its types:
 * a route for each would make the start of the server wait.
 */
export function operationRoutes(operations: readonly Operation[]): readonly Route[] {
  const byUrl = new Map<string, Operation[]>();
  for (const operation of operations) {
    const url = urlOf(operation);
    byUrl.set(url, [...(byUrl.get(url) ?? []), operation]);
  }
  return [...byUrl].flatMap(([url, served]) => routesOf(url, served));
}

function urlOf({ code, level }: Operation): string {
  switch (level) {
    case 'system':
      return `/$${code}`;
    case 'type':
      return `/:type/$${code}`;
    case 'instance':
      return `/:type/:id/$${code}`;
  }
}

function routesOf(url: string, operations: readonly Operation[]): readonly Route[] {
  const handle: Route['handle'] = (ctx, request, reply) => {
    const [only] = operations;
    if (only?.level === 'system') return run(only, undefined, ctx, request, reply);
    const type = typeOf(request);
    const operation = operations.find(({ types }) => types.includes(type));
    if (!operation) {
      throw new Problem('not-found', `This server has no operation "$${only?.code}" on ${type}`);
    }
    if (request.method !== 'POST' && !operation.get) {
      reply.header('allow', 'POST, OPTIONS');
      throw new Problem('method-not-allowed', `${request.method} is not possible here; POST is`);
    }
    return run(operation, type, ctx, request, reply);
  };
  const post: Route = { method: 'POST', url, handle };
  return operations.some(({ get }) => get) ? [post, { method: 'GET', url, handle }] : [post];
}

async function run(
  operation: Operation,
  type: ResourceType | undefined,
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  requireAccess(ctx, 'operation', type);
  const body = request.method === 'POST' ? optionalBody(ctx, request) : undefined;
  const result = await operation.run(ctx, {
    ...(type && { type }),
    ...(operation.level === 'instance' && { id: idOf(request) }),
    query: queryOf(request),
    ...(body && { body }),
    strict: preferredHandling(request) === 'strict',
  });
  return typeof result === 'string'
    ? sendText(ctx, request, reply, result)
    : sendObject(ctx, request, reply, result);
}
