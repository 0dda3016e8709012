import type { Theme } from './auth-pages.ts';

/** What the request asks for by `?theme=`, to be remembered, else what was remembered (cookie `theme`). */
export function askedTheme(
  url: string,
  cookie = '',
): { readonly chosen: Theme | undefined; readonly theme: Theme | undefined } {
  const chosen = toTheme(new URLSearchParams(url.split('?')[1] ?? '').get('theme'));
  return { chosen, theme: chosen ?? toTheme(/(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(cookie)?.[1]) };
}

function toTheme(text: string | null | undefined): Theme | undefined {
  return text === 'light' || text === 'dark' ? text : undefined;
}
