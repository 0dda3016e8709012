import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OperationAnswer } from '../operation/operation-answer.ts';
import type { RestContext } from './route.ts';
import { sendAnswered, sendObject, sendText } from './send.ts';

export function sendOperation(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: OperationAnswer,
): FastifyReply | Promise<FastifyReply> {
  switch (answer.kind) {
    case 'resource':
      return sendAnswered(ctx, request, reply, answer);
    case 'text':
      return sendText(ctx, request, reply, answer.text);
    case 'accepted': {
      reply.status(202).headers(answer.headers);
      return answer.outcome ? sendObject(ctx, request, reply, answer.outcome) : reply.send();
    }
    case 'stream':
      if (answer.fileName !== undefined) {
        reply.header('content-disposition', `attachment; filename="${answer.fileName}"`);
      }
      return reply.header('content-type', answer.mediaType).send(Readable.from(answer.chunks));
    case 'nothing':
      return reply.status(204).send();
  }
}
