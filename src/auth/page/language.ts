import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Language } from '../../pages/auth-pages.ts';
import { askedLanguage } from '../../pages/language.ts';
import type { AuthServer } from '../auth-server.ts';

const year = 365 * 24 * 3600;

/** The language of a page; one that was chosen is remembered. */
export function languageOf(
  { issuer }: AuthServer,
  { headers, url }: FastifyRequest,
  reply: FastifyReply,
): Language {
  const { cookie } = headers;
  const { chosen, language } = askedLanguage(url, { cookie, acceptLanguage: headers['accept-language'] });
  if (chosen) {
    const secure = issuer.startsWith('https:') ? '; Secure' : '';
    reply.header('set-cookie', `lang=${chosen}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`);
  }
  return language;
}
