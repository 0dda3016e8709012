import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { RestOptions } from './route.ts';

/** Who sends each request: asked once, before anything is read of it, and remembered as long as the request lives. */
export type KnownCallers = {
  readonly ask: (request: FastifyRequest) => Caller | Promise<Caller>;
  /** The caller of a request that was asked for. */
  readonly of: (request: FastifyRequest) => Caller;
};

export function rememberCallers(callerOf: RestOptions['callerOf']): KnownCallers {
  const known = new WeakMap<FastifyRequest, Caller>();
  const remember = (request: FastifyRequest, caller: Caller) => {
    known.set(request, caller);
    return caller;
  };
  return {
    ask: (request) => {
      const caller = callerOf(request);
      // Nobody waits for a caller who is known at once.
      return caller instanceof Promise
        ? caller.then((one) => remember(request, one))
        : remember(request, caller);
    },
    of: (request) => known.get(request) ?? { kind: 'anonymous' },
  };
}
