import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import type { Frame } from '../pages.ts';

type Language = Frame['language'];

const year = 365 * 24 * 3600;

/** `?lang=`, which is remembered, else what was remembered, else what the browser prefers. */
export function languageOf({ issuer }: AuthServer, request: FastifyRequest, reply: FastifyReply): Language {
  const query = request.url.split('?')[1] ?? '';
  const asked = toLanguage(new URLSearchParams(query).get('lang'));
  if (asked) {
    const secure = issuer.startsWith('https:') ? '; Secure' : '';
    reply.header('set-cookie', `lang=${asked}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`);
    return asked;
  }
  const remembered = /(?:^|;\s*)lang=(en|es)(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
  return toLanguage(remembered) ?? preferred(request.headers['accept-language'] ?? '');
}

/** RFC 9110, 12.5.4. */
function preferred(header: string): Language {
  let best: { readonly language: Language; readonly weight: number } = { language: 'en', weight: 0 };
  for (const range of header.slice(0, 500).split(',')) {
    const [tag = '', quality] = range.split(';');
    const language = toLanguage(tag.trim().toLowerCase().split('-')[0]);
    const weight = Number(/q=([0-9.]+)/.exec(quality ?? '')?.[1] ?? 1);
    if (language && weight > best.weight) best = { language, weight };
  }
  return best.language;
}

function toLanguage(text: string | null | undefined): Language | undefined {
  return text === 'en' || text === 'es' ? text : undefined;
}
