import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { RestOptions } from './route.ts';

/** Who sends each request: asked once, before anything is read of it, and remembered as long as the request lives. */
export type KnownCallers = {
  readonly ask: (request: FastifyRequest) => Caller | Promise<Caller>;
  /** The caller of a request that was asked for. */
  readonly of: (request: FastifyRequest) => Caller;
};

/** Of the request itself: a map of those that live costs each of them as much as its caller does. */
const slot = Symbol('caller');

type Known = FastifyRequest & { [slot]?: Caller };

export function rememberCallers(callerOf: RestOptions['callerOf']): KnownCallers {
  const remember = (request: Known, caller: Caller) => {
    request[slot] = caller;
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
    of: (request) => (request as Known)[slot] ?? { kind: 'anonymous' },
  };
}
