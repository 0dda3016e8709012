import type { Caller } from '../access/caller.ts';
import { individualCode, ownerCode, ownerSystem } from '../access/owner.ts';
import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import type { Meta, Resource } from '../fhir/resource.ts';
import type { StoredVersion } from '../store/contract/store.ts';

/**
 * The meta of the next version, with the tag that says which organization brought the resource in: what the first version
 * said stays, and what the bearer of a token sends in its place does not count. An operator's own writes may say it.
 */
export function withOwner(meta: Meta, caller: Caller, current: StoredVersion | undefined): Meta {
  const sent = tagsOf(meta);
  const others = sent.filter((tag) => !isOwner(tag));
  if (caller.kind !== 'token' && others.length < sent.length) return meta;
  const owners = ownersNow(caller, current);
  if (owners.length === 0 && others.length === sent.length) return meta;
  const { tag: _, ...bare } = meta;
  const tag = [...others, ...owners];
  return tag.length === 0 ? bare : { ...meta, tag };
}

/** Whether an organization for which the bearer speaks has brought the resource in, or nobody who is known. */
export function isOwnWord(
  { organizations = [] }: Extract<Caller, { kind: 'token' }>,
  { meta }: Resource,
): boolean {
  const owners = tagsOf(meta).filter(isOwner);
  const own = new Set(organizations.map(ownerCode));
  return owners.length === 0 || owners.some((tag) => own.has(String((tag as JsonObject)['code'])));
}

/** A deleted resource that is written again is a first version once more. */
function ownersNow(caller: Caller, current: StoredVersion | undefined): readonly JsonValue[] {
  if (current?.text !== undefined) return ownersIn(current.text);
  if (caller.kind !== 'token') return [];
  if (caller.isIndividual) return [{ system: ownerSystem, code: individualCode }];
  if (caller.owner === undefined) return [];
  return [{ system: ownerSystem, code: ownerCode(caller.owner) }];
}

function ownersIn(text: string): readonly JsonValue[] {
  return tagsOf(metaOf(text)).filter(isOwner);
}

/** Type, id and meta come first in what is kept: a resource of many megabytes is not parsed for its meta. */
function metaOf(text: string): Meta | undefined {
  const start = /^\{"resourceType":"\w+","id":"[\w.-]+","meta":(?=\{)/.exec(text)?.[0].length;
  if (start === undefined) return (JSON.parse(text) as Resource).meta;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at);
    else if (sign === '{') depth++;
    else if (sign === '}' && --depth === 0) return JSON.parse(text.slice(start, at + 1)) as Meta;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function tagsOf(meta: Meta | undefined): readonly JsonValue[] {
  const tag = meta?.['tag'];
  return Array.isArray(tag) ? tag : [];
}

function isOwner(tag: JsonValue): boolean {
  const isObject = typeof tag === 'object' && tag !== null && !Array.isArray(tag);
  return isObject && (tag as JsonObject)['system'] === ownerSystem;
}
