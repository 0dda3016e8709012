import type { Document } from 'mongodb';

/** A condition on a document; 'all' and 'none' are known without asking. */
export type Query = Document | 'all' | 'none';

export function allOfQueries(parts: readonly Query[]): Query {
  if (parts.includes('none')) return 'none';
  const real = parts.filter((part): part is Document => part !== 'all');
  const [only] = real;
  if (only === undefined) return 'all';
  return real.length === 1 ? only : { $and: real };
}

/** Alternatives on `keys` become one list, which is one walk over the index however long it is. */
export function anyOfQueries(parts: readonly Query[]): Query {
  if (parts.includes('all')) return 'all';
  const real = parts.filter((part): part is Document => part !== 'none');
  const keys = real.flatMap((part) => keysAsked(part) ?? []);
  const others = real.filter((part) => keysAsked(part) === undefined);
  const together = [...(keys.length > 0 ? [{ keys: listed(keys) }] : []), ...others];
  const [only] = together;
  if (only === undefined) return 'none';
  return together.length === 1 ? only : { $or: together };
}

type KeyPattern = string | RegExp;

/** What a query on nothing but `keys` asks for. */
function keysAsked(part: Document): readonly KeyPattern[] | undefined {
  const asked: unknown = part['keys'];
  if (Object.keys(part).length !== 1 || asked === undefined) return undefined;
  if (typeof asked === 'string' || asked instanceof RegExp) return [asked];
  return (asked as { readonly $in: readonly KeyPattern[] }).$in;
}

function listed(keys: readonly KeyPattern[]): KeyPattern | Document | undefined {
  return keys.length === 1 ? keys[0] : { $in: keys };
}

export function notQuery(part: Query): Query {
  if (part === 'all') return 'none';
  if (part === 'none') return 'all';
  const negated =
    Object.keys(part).length === 1 ? (part['$nor'] as readonly Document[] | undefined) : undefined;
  const [only] = negated ?? [];
  return only !== undefined && negated?.length === 1 ? only : { $nor: [part] };
}

/** `{ path: text }`, or one of several. */
export function oneOf(path: string, texts: readonly string[]): Query {
  if (texts.length === 0) return 'none';
  return { [path]: texts.length === 1 ? texts[0] : { $in: texts } };
}

/**
 * A text that starts with the prefix. An anchored expression without free alternatives is read by MongoDB as a range
 * of the index.
 */
export function startingWith(prefix: string): RegExp {
  return new RegExp(`^${escapePattern(prefix)}`);
}

/** Longer patterns are more than an index entry, or the pattern matcher, takes. */
const longestPattern = 200;

/** Some key starts with the prefix. */
export function keyStartingWith(prefix: string): Query {
  if (prefix.length <= longestPattern) return { keys: startingWith(prefix) };
  const start = wholeCharacters(prefix.slice(0, longestPattern));
  return { keys: startingWith(start), $expr: someKey({ $eq: [positionIn(prefix), 0] }) };
}

/** Some key that starts with the prefix, a short one, holds the part somewhere behind it; line ends count as any character. */
export function keyContaining(prefix: string, part: string): Query {
  if (part.length <= longestPattern) {
    return { keys: new RegExp(`^${escapePattern(prefix)}.*${escapePattern(part)}`, 's') };
  }
  const isOfPrefix = { $eq: [positionIn(prefix), 0] };
  return {
    keys: startingWith(prefix),
    $expr: someKey({ $and: [isOfPrefix, { $gte: [positionIn(part), prefix.length] }] }),
  };
}

/** Some key that starts with the prefix, a short one, ends with the part behind it. */
export function keyEndingWith(prefix: string, part: string): Query {
  if (part.length <= longestPattern) {
    return { keys: new RegExp(`^${escapePattern(prefix)}.*${escapePattern(part)}$`, 's') };
  }
  const length = Array.from(part).length;
  const start = { $subtract: [{ $strLenCP: '$$this' }, length] };
  const isLongEnough = { $gte: [start, prefix.length] };
  const end = { $substrCP: ['$$this', { $max: [start, 0] }, length] };
  const isOfPrefix = { $eq: [positionIn(prefix), 0] };
  const test = { $and: [isOfPrefix, isLongEnough, { $eq: [end, { $literal: part }] }] };
  return { keys: startingWith(prefix), $expr: someKey(test) };
}

function someKey(test: Document): Document {
  return { $anyElementTrue: [{ $map: { input: '$keys', in: test } }] };
}

/** -1 when the text is not in the key. */
function positionIn(text: string): Document {
  return { $indexOfCP: ['$$this', { $literal: text }] };
}

/** Without half a character at its end. */
function wholeCharacters(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}

/** Letters and digits of any script stand for themselves; a backslash before one would give it a meaning. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
