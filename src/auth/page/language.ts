import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Language, Theme } from '../../pages/auth-pages.ts';
import { askedLanguage } from '../../pages/language.ts';
import { askedTheme } from '../../pages/theme.ts';
import type { AuthServer } from '../auth-server.ts';

const year = 365 * 24 * 3600;

/** The language of a page; one that was chosen is remembered. */
export function languageOf(
  server: AuthServer,
  { headers, url }: FastifyRequest,
  reply: FastifyReply,
): Language {
  const { cookie } = headers;
  const { chosen, language } = askedLanguage(url, { cookie, acceptLanguage: headers['accept-language'] });
  if (chosen) remember(server, reply, `lang=${chosen}`);
  return language;
}

/** Light or dark where somebody has chosen, which is remembered. */
export function themeOf(
  server: AuthServer,
  { headers, url }: FastifyRequest,
  reply: FastifyReply,
): Theme | undefined {
  const { chosen, theme } = askedTheme(url, headers.cookie);
  if (chosen) remember(server, reply, `theme=${chosen}`);
  return theme;
}

function remember({ issuer }: AuthServer, reply: FastifyReply, pair: string): void {
  const secure = issuer.startsWith('https:') ? '; Secure' : '';
  reply.header('set-cookie', `${pair}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`);
}
