import type { Language } from './auth-pages.ts';

type Asked = {
  /** What the request asks for by `?lang=`, to be remembered. */
  readonly chosen: Language | undefined;
  /** That, else what was remembered (cookie `lang`), else what the browser prefers. */
  readonly language: Language;
};

/** In which language a page is asked for. */
export function askedLanguage(
  url: string,
  {
    cookie = '',
    acceptLanguage = '',
  }: { readonly cookie?: string | undefined; readonly acceptLanguage?: string | undefined },
): Asked {
  const chosen = toLanguage(new URLSearchParams(url.split('?')[1] ?? '').get('lang'));
  const remembered = toLanguage(/(?:^|;\s*)lang=(en|es)(?:;|$)/.exec(cookie)?.[1]);
  return { chosen, language: chosen ?? remembered ?? preferred(acceptLanguage) };
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
