import { allowsGet, type Operation } from '../operation/operation.ts';
import {
  levelOf,
  performOperation,
  requireMethod,
  requireOperation,
} from '../operation/perform-operation.ts';
import { allowOf } from '../request/request-table.ts';
import { optionalBody } from './request-body.ts';
import { headerOf, preconditionsOf, preferredHandling, queryOf } from './request-options.ts';
import type { Handler } from './route.ts';
import { sendOperation } from './send-operation.ts';

/** R4 operations.html: POST always, GET where the operation allows it. */
export function operationHandler(operations: readonly Operation[]): Handler<'operation'> {
  return async (ctx, target, request, reply) => {
    const operation = requireOperation(operations, target);
    const possible = request.method === 'POST' || allowsGet(operation, levelOf(target));
    if (!possible) reply.header('allow', allowOf(['POST']));
    requireMethod(operation, target, request.method);
    const answer = await performOperation(ctx, operation, {
      query: queryOf(request),
      body: () => (request.method === 'POST' ? optionalBody(ctx, request) : undefined),
      handling: preferredHandling(request),
      preconditions: preconditionsOf(request),
      asked: {
        method: request.method,
        url: request.raw.url ?? '',
        prefer: headerOf(request, 'prefer') ?? '',
        accept: headerOf(request, 'accept') ?? '',
      },
      ...target,
    });
    return sendOperation(ctx, request, reply, answer);
  };
}
