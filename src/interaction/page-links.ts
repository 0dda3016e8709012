import type { Cursor } from '../store/contract/store.ts';
import type { ParameterList } from './parse-query.ts';

export type PageLink = { readonly relation: 'self' | 'first' | 'next'; readonly url: string };

/** R4 bundle.html#search links. The next page is named by an opaque cursor, so that it stays put while others write. */
export function pageLinks(
  baseUrl: string,
  path: string,
  parameters: ParameterList,
  next: Cursor | undefined,
): readonly PageLink[] {
  const url = (pairs: ParameterList) => {
    const query = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
    const whole = path === '' ? baseUrl : `${baseUrl}/${path}`;
    return query === '' ? whole : `${whole}?${query}`;
  };
  const first = parameters.filter(([name]) => name !== '_cursor');
  const links: PageLink[] = [{ relation: 'self', url: url(parameters) }];
  links.push({ relation: 'first', url: url(first) });
  if (next !== undefined) links.push({ relation: 'next', url: url([...first, ['_cursor', next]]) });
  return links;
}

/** As encodeURIComponent, but what FHIR uses in almost every query stays readable. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(?:3A|2F|2C|24)/g, (code) => decodeURIComponent(code));
}
