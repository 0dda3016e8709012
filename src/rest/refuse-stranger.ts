import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';

/** The 401 of who has no token, or one that is not good (RFC 6750, 3). */
export function refuseStranger({ headers }: FastifyRequest, reply: FastifyReply): Problem {
  const hasSent = headers.authorization !== undefined;
  reply.header('www-authenticate', hasSent ? challengeOf('invalid_token') : challenge);
  return new Problem(
    'unauthenticated',
    hasSent
      ? 'The access token is unknown, has expired or was revoked'
      : 'This server answers only with an access token (Authorization: Bearer …)',
  );
}

/** Says of a 403 that no retry helps but with another token (RFC 6750, 3.1). */
export function challengeScope(thrown: Error, reply: FastifyReply): void {
  if (thrown instanceof Problem && thrown.isOutsideScopes)
    reply.header('www-authenticate', challengeOf('insufficient_scope'));
}

const challenge = 'Bearer realm="jenner"';

function challengeOf(error: string): string {
  return `${challenge}, error="${error}"`;
}
