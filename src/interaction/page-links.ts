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
  const self = url(parameters);
  const isFirst = parameters.every(([name]) => name !== '_cursor');
  const first = isFirst ? parameters : parameters.filter(([name]) => name !== '_cursor');
  const links: PageLink[] = [
    { relation: 'self', url: self },
    { relation: 'first', url: isFirst ? self : url(first) },
  ];
  if (next !== undefined) links.push({ relation: 'next', url: url([...first, ['_cursor', next]]) });
  return links;
}

/** As encodeURIComponent, but what FHIR uses in almost every query stays readable. */
function encode(text: string): string {
  const encoded = encodeURIComponent(text);
  if (!encoded.includes('%')) return encoded;
  return encoded.replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%24', '$');
}
