import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { authPlugin } from './auth-plugin.ts';
import type { AuthServer } from './auth-server.ts';
import { originsOf } from './clients/client.ts';
import { openRegisteredOrigins } from './clients/registered-origins.ts';

/** What the app shell needs of an authorization server. */
export function toAuthorization(server: AuthServer) {
  const isRegistered = openRegisteredOrigins(server.clients, server.epoch);
  const { rates = {} } = server.settings;
  const isPerCaller = rates.client !== undefined || rates.user !== undefined;
  const routes: FastifyPluginAsync = (app) => authPlugin(app, { server });
  return {
    callerOf: (request: FastifyRequest) => server.bearer.callerOf(request),
    crossOrigin: (origin: string, caller: Caller) => {
      const client = server.bearer.clientOf(caller);
      return client ? originsOf(client).includes(origin) : isRegistered(origin);
    },
    refused: (request: FastifyRequest) => tellRefused(server, request),
    routes,
    ...(rates.address !== undefined && {
      addressLimiter: (address: string) => server.limits.take('address', address),
    }),
    ...(isPerCaller && { callerLimiter: (caller: Caller) => waitOf(server, caller) }),
  };
}

/** RFC 6750, 3.1: a request with a token that is good no more, or stands in the URL, is told of whom it was given to. */
async function tellRefused({ tell, bearer }: AuthServer, request: FastifyRequest): Promise<void> {
  const former = tell && (await bearer.formerOf(request));
  if (!former) return;
  const { client, user } = former;
  await tell({
    agent: { name: user === undefined ? `client:${client}` : `client:${client} user:${user}`, ...former },
    action: 'E',
    interaction: 'unauthorized',
    query: `${request.method} ${request.url.split('?')[0]}`.slice(0, 1000),
    outcome: 4,
    from: request.ip,
  });
}

/** How long the account or the app must wait, in seconds. */
function waitOf({ bearer, limits }: AuthServer, caller: Caller): number {
  const account = bearer.accountOf(caller);
  if (!account) return 0;
  const { client, login } = account;
  const byUser = login === undefined ? 0 : limits.take('user', login);
  // Who is refused for one reason is not counted by the other.
  return byUser > 0 ? byUser : limits.take('client', client);
}
