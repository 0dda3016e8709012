import type { FastifyReply, FastifyRequest } from 'fastify';
import { allowsGet, type Operation, type OperationLevel } from '../operation/operation.ts';
import {
  levelOf,
  type OperationTarget,
  performOperation,
  requireMethod,
  requireOperation,
} from '../operation/perform-operation.ts';
import { idOf, typeOf } from './path-parameters.ts';
import { optionalBody } from './request-body.ts';
import { preferredHandling, queryOf } from './request-options.ts';
import type { RestContext, Route } from './route.ts';
import { sendOperation } from './send-operation.ts';

/**
 * R4 operations.html: POST always, GET where the operation allows it. One route serves an operation on all its types:
 * a route for each would make the start of the server wait.
 */
export function operationRoutes(operations: readonly Operation[]): readonly Route[] {
  const routes = new Map<string, Route>();
  for (const { code, levels } of operations) {
    for (const level of levels) {
      const url = urlOf(code, level);
      const handle: Route['handle'] = (ctx, request, reply) =>
        run(operations, targetOf(code, level, request), ctx, request, reply);
      routes.set(`POST ${url}`, { method: 'POST', url, handle });
      const byGet = operations.some(
        (other) => other.code === code && other.levels.includes(level) && allowsGet(other, level),
      );
      if (byGet) routes.set(`GET ${url}`, { method: 'GET', url, handle });
    }
  }
  return [...routes.values()];
}

function urlOf(code: string, level: OperationLevel): string {
  switch (level) {
    case 'system':
      return `/$${code}`;
    case 'type':
      return `/:type/$${code}`;
    case 'instance':
      return `/:type/:id/$${code}`;
  }
}

function targetOf(code: string, level: OperationLevel, request: FastifyRequest): OperationTarget {
  switch (level) {
    case 'system':
      return { code };
    case 'type':
      return { code, type: typeOf(request) };
    case 'instance':
      return { code, type: typeOf(request), id: idOf(request) };
  }
}

async function run(
  operations: readonly Operation[],
  target: OperationTarget,
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const operation = requireOperation(operations, target);
  const possible = request.method === 'POST' || allowsGet(operation, levelOf(target));
  if (!possible) reply.header('allow', 'POST, OPTIONS');
  requireMethod(operation, target, request.method);
  const answer = await performOperation(ctx, operation, {
    ...target,
    query: queryOf(request),
    body: () => (request.method === 'POST' ? optionalBody(ctx, request) : undefined),
    handling: preferredHandling(request),
  });
  return sendOperation(ctx, request, reply, answer);
}
