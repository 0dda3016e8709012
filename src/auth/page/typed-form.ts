import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EpochMs } from '../../values/instant.ts';
import type { AuthServer } from '../auth-server.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import { pathOf } from './page-route.ts';

type Typed = {
  readonly login: string;
  readonly path: string;
  readonly fields: string;
  readonly until: EpochMs;
};

/** What somebody typed into a page when their session had ended: it is there again once they have signed in. */
export type TypedForms = {
  /** False: nobody had signed in by this browser, so it is nobody's. */
  readonly keep: (
    reply: FastifyReply,
    typed: { readonly sessionKey: string; readonly path: string; readonly fields: URLSearchParams },
  ) => Promise<boolean>;
  /** Once, for who typed it, in the browser and on the page that it was typed in. */
  readonly take: (
    request: FastifyRequest,
    reply: FastifyReply,
    login: string,
  ) => Promise<URLSearchParams | undefined>;
};

const lifeMs = 15 * 60_000;

export function openTypedForms(server: AuthServer): TypedForms {
  const { store, clock, issuer, sessions } = server;
  const records = openRecords<Typed>({ store, collection: 'typed-form', expiresOf: ({ until }) => until });
  const isHttps = issuer.startsWith('https:');
  const name = isHttps ? '__Host-jenner-typed' : 'jenner-typed';
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isHttps ? '; Secure' : ''}`;
  return {
    keep: async (reply, { sessionKey, path, fields }) => {
      const login = await sessions.lastLogin(sessionKey);
      if (login === undefined) return false;
      const secret = newSecret();
      const kept = new URLSearchParams(fields);
      kept.delete('csrf');
      const until = (clock.now() + lifeMs) as EpochMs;
      await records.put(hashSecret(secret), { login, path, fields: kept.toString(), until });
      reply.header('set-cookie', `${name}=${secret}; Max-Age=${lifeMs / 1000}; ${attributes}`);
      return true;
    },
    take: async (request, reply, login) => {
      const secret = new RegExp(`(?:^|;\\s*)${name}=([\\w-]{43})(?:;|$)`).exec(
        request.headers.cookie ?? '',
      )?.[1];
      const typed = secret === undefined ? undefined : await records.take(hashSecret(secret));
      reply.header('set-cookie', `${name}=; Max-Age=0; ${attributes}`);
      const isTheirs = typed?.login === login && typed.path === pathOf(request) && typed.until > clock.now();
      return isTheirs ? new URLSearchParams(typed.fields) : undefined;
    },
  };
}
