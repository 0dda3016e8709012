import type { FastifyReply, FastifyRequest } from 'fastify';
import { historyBundle } from '../interaction/history-bundle.ts';
import { type HistoryScope, readHistory } from '../interaction/read-history.ts';
import { queryOf } from './request-options.ts';
import type { Handlers, RestContext } from './route.ts';
import { sendText } from './send.ts';

/** R4 http.html#history on an instance, a type and the system. */
export const historyHandlers: Pick<Handlers, 'history-system' | 'history-type' | 'history-instance'> = {
  'history-system': (ctx, _target, ...call) => sendHistory(ctx, {}, '_history', ...call),
  'history-type': (ctx, { type }, ...call) => sendHistory(ctx, { type }, `${type}/_history`, ...call),
  'history-instance': (ctx, { type, id }, ...call) =>
    sendHistory(ctx, { type, id }, `${type}/${id}/_history`, ...call),
};

async function sendHistory(
  ctx: RestContext,
  scope: HistoryScope,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parameters = queryOf(request);
  const answer = await readHistory(ctx, scope, parameters);
  return sendText(ctx, request, reply, await historyBundle(ctx, { path, parameters }, answer));
}
