import type { FastifyReply, FastifyRequest } from 'fastify';
import { historyBundle } from '../interaction/history-bundle.ts';
import { type HistoryScope, readHistory } from '../interaction/read-history.ts';
import { keyOf, typeOf } from './path-parameters.ts';
import { queryOf } from './request-options.ts';
import type { RestContext, Route } from './route.ts';
import { sendText } from './send.ts';

/** R4 http.html#history on an instance, a type and the system. */
export const historyRoutes: readonly Route[] = [
  { method: 'GET', url: '/_history', handle: (...call) => sendHistory({}, '_history', ...call) },
  {
    method: 'GET',
    url: '/:type/_history',
    handle: (ctx, request, reply) => {
      const type = typeOf(request);
      return sendHistory({ type }, `${type}/_history`, ctx, request, reply);
    },
  },
  {
    method: 'GET',
    url: '/:type/:id/_history',
    handle: (ctx, request, reply) => {
      const key = keyOf(request);
      return sendHistory(key, `${key.type}/${key.id}/_history`, ctx, request, reply);
    },
  },
];

async function sendHistory(
  scope: HistoryScope,
  path: string,
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parameters = queryOf(request);
  const answer = await readHistory(ctx, scope, parameters);
  return sendText(ctx, request, reply, historyBundle(ctx, { path, parameters }, answer));
}
