import type { FastifyReply } from 'fastify';
import { Problem } from '../fhir/problem.ts';

/** The 401 of who has no token. */
export function refuseStranger(reply: FastifyReply): Problem {
  reply.header('www-authenticate', 'Bearer');
  return new Problem(
    'unauthenticated',
    'This server answers only with an access token (Authorization: Bearer …)',
  );
}
