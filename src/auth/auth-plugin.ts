import type { FastifyInstance } from 'fastify';
import type { AuthServer } from './auth-server.ts';
import { oauthRoutes } from './oauth/oauth-routes.ts';
import { pageRoutes } from './page/page-routes.ts';

/** Forms of this server's pages and of clients; a token and a list of scopes fit into far less. */
const maxForm = 64 * 1024;

/** The authorization server: `/auth/…`, `/.well-known/…`, and the pages that people see of it. */
export async function authPlugin(
  app: FastifyInstance,
  { server }: { readonly server: AuthServer },
): Promise<void> {
  acceptForms(app);
  await app.register(oauthRoutes, { server });
  await app.register(pageRoutes, { server });
  app.addHook('onClose', () => server.passwords.close());
}

function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const options = { parseAs: 'string', bodyLimit: maxForm } as const;
  app.addContentTypeParser(
    ['application/x-www-form-urlencoded', 'application/json'],
    options,
    (_request, body, done) => done(null, body),
  );
}
