import type { FastifyReply } from 'fastify';

/** RFC 9110, 12.5.5: what else the answer depends on; what an earlier hook named stays named. */
export function varyBy(reply: FastifyReply, names: string): void {
  const there = reply.getHeader('vary');
  reply.header('vary', there === undefined ? names : `${there}, ${names}`);
}
