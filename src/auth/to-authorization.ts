import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { authPlugin } from './auth-plugin.ts';
import type { AuthServer } from './auth-server.ts';
import { originsOf } from './clients/client.ts';
import { openRegisteredOrigins } from './clients/registered-origins.ts';

/** What the app shell needs of an authorization server. */
export function toAuthorization(server: AuthServer) {
  const isRegistered = openRegisteredOrigins(server.clients, server.epoch);
  const routes: FastifyPluginAsync = (app) => authPlugin(app, { server });
  return {
    callerOf: (request: FastifyRequest) => server.bearer.callerOf(request),
    crossOrigin: (origin: string, caller: Caller) => {
      const client = server.bearer.clientOf(caller);
      return client ? originsOf(client).includes(origin) : isRegistered(origin);
    },
    routes,
  };
}
