/** One stretch of bytes, both ends included. */
export type ByteRange = { readonly first: number; readonly last: number };

/** RFC 9110, 14.2: what is no range of bytes, or asks for several, is answered with the whole. */
export function readRange(header: string | undefined, bytes: number): ByteRange | 'whole' | 'outside' {
  const [, from = '', to = ''] = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return 'whole';
  if (from === '')
    return Number(to) === 0 ? 'outside' : { first: Math.max(0, bytes - Number(to)), last: bytes - 1 };
  const [first, last] = [Number(from), to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)];
  if (to !== '' && Number(to) < first) return 'whole';
  return first >= bytes ? 'outside' : { first, last };
}

/** RFC 9110, 12.5.3: named, or by a star, and not with a weight of nothing. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  const codings = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.trim().split(/\s*;\s*/));
  const found =
    codings.find(([name]) => name === 'gzip' || name === 'x-gzip') ?? codings.find(([name]) => name === '*');
  return found !== undefined && !found.some((each) => /^q=0(?:\.0*)?$/.test(each));
}

/** RFC 9110, 13.1.2: whether the tag, or `*`, is among those of If-None-Match; a weak one counts as the same. */
export function namesTag(header: string | undefined, tag: string): boolean {
  const tags = (header ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.some((each) => each === '*' || each === tag);
}
