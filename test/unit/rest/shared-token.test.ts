import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { callerByToken } from '../../../src/rest/shared-token.ts';

const callerOf = callerByToken('right');
const kindOf = async (authorization: string | undefined) =>
  (await callerOf({ headers: { authorization } } as FastifyRequest)).kind;

it.each([
  ['Bearer right', 'open'],
  ['bearer  right', 'open'],
  ['Bearer wrong', 'anonymous'],
  ['Bearer righ', 'anonymous'],
  ['Bearer right more', 'anonymous'],
  ['Basic right', 'anonymous'],
  ['right', 'anonymous'],
  ['', 'anonymous'],
  [undefined, 'anonymous'],
])('takes who sends "%s" for %s', async (authorization, kind) => {
  expect(await kindOf(authorization)).toBe(kind);
});
