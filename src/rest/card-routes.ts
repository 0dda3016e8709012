import type { FastifyInstance } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import type { PublicCardKey } from '../registry/health-cards/card-keys.ts';
import type { RevocationList } from '../registry/health-cards/revocations.ts';
import { openToAll } from '../values/open-to-all.ts';

export type CardRoutes = {
  /** The path of the issuer, without a slash at the end. */
  readonly path: string;
  readonly publicKeys: () => Promise<readonly PublicCardKey[]>;
  readonly counter: (kid: string) => Promise<number>;
  readonly revoked: (kid: string) => Promise<RevocationList>;
};

/** What verifiers of health cards ask, from anywhere: the keys, and what is revoked. */
export async function cardRoutes(app: FastifyInstance, routes: CardRoutes): Promise<void> {
  const { path, publicKeys, counter, revoked } = routes;
  const openUrl = (url: string, answer: (kid: string) => Promise<object>) => {
    app.get<{ Params: { file?: string } }>(url, async ({ params }, reply) => {
      const kid = (params.file ?? '').replace(/\.json$/, '');
      const text = JSON.stringify(await answer(kid));
      return reply.headers(openToAll).type('application/json').send(text);
    });
    app.options(url, async (_request, reply) => reply.headers(openToAll).status(204).send());
  };
  openUrl(`${path}/.well-known/jwks.json`, async () => ({
    keys: await Promise.all((await publicKeys()).map((key) => withVersion(key, counter))),
  }));
  openUrl(`${path}/.well-known/crl/:file`, async (kid) => {
    if ((await publicKeys()).some((key) => key.kid === kid)) return revoked(kid);
    throw new Problem('not-found', 'No health card was signed with a key of this name');
  });
}

/** A verifier asks for the list of a key that tells its version, when it has another. */
async function withVersion(key: PublicCardKey, counter: CardRoutes['counter']): Promise<object> {
  const crlVersion = await counter(key.kid);
  return crlVersion === 0 ? key : { ...key, crlVersion };
}
