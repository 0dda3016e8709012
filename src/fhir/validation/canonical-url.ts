import type { Definitions } from './definitions.ts';

/**
 * Is it the canonical URL of a definition, which names it? A Device has a URL too, under which it is reached: only what
 * has a business version is named so.
 */
export function isCanonicalUrl(owner: string, element: string, { types }: Definitions): boolean {
  if (element !== 'url') return false;
  const { kind, elements } = types[owner] ?? {};
  return kind === 'resource' && elements?.['version']?.types[0] === 'string';
}
