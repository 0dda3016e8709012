import type { Language } from './translate.ts';

/** English unless the query or the browser asks for Spanish first. */
export function askedLanguage(query: URLSearchParams, acceptLanguage = ''): Language {
  const asked = query.get('lang') ?? acceptLanguage.trim().slice(0, 2).toLowerCase();
  return asked === 'es' ? 'es' : 'en';
}
