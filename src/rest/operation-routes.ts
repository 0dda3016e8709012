import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ResourceType } from '../fhir/resource-type.ts';
import { type Operation, requireAccess } from '../interaction/context.ts';
import { idOf } from './path-parameters.ts';
import { optionalBody } from './request-body.ts';
import { preferredHandling, queryOf } from './request-options.ts';
import type { RestContext, Route } from './route.ts';
import { sendObject, sendText } from './send.ts';

/** R4 operations.html: POST always, GET where the operation allows it. */
export function operationRoutes(operations: readonly Operation[]): readonly Route[] {
  return operations.flatMap((operation) => pathsOf(operation).flatMap((path) => routesOf(operation, path)));
}

type OperationPath = { readonly url: string; readonly type?: ResourceType };

function pathsOf({ code, level, types }: Operation): readonly OperationPath[] {
  switch (level) {
    case 'system':
      return [{ url: `/$${code}` }];
    case 'type':
      return types.map((type) => ({ url: `/${type}/$${code}`, type }));
    case 'instance':
      return types.map((type) => ({ url: `/${type}/:id/$${code}`, type }));
  }
}

function routesOf(operation: Operation, { url, type }: OperationPath): readonly Route[] {
  const handle: Route['handle'] = (ctx, request, reply) => run(operation, type, ctx, request, reply);
  const post: Route = { method: 'POST', url, handle };
  return operation.get ? [post, { method: 'GET', url, handle }] : [post];
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
