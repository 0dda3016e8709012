import type { Caller } from '../access/caller.ts';
import type { JsonValue } from '../fhir/fhir-json.ts';
import { isObject, listAt } from '../fhir/json-members.ts';
import type { Meta } from '../fhir/resource.ts';
import { trustSystem } from '../values/trust.ts';

/**
 * The meta of the next version of a Patient, with the tag that says how far its reporter is trusted: whoever reports it last. What
 * the bearer of a token sends in its place does not count. Anybody else's writes may say it.
 */
export function withTrust(resourceType: string, meta: Meta, caller: Caller): Meta {
  if (resourceType !== 'Patient' || caller.kind !== 'token') return meta;
  const sent = listAt(meta, 'tag');
  const others = sent.filter((tag) => !isTrust(tag));
  if (caller.trust === undefined && others.length === sent.length) return meta;
  const own = caller.trust === undefined ? [] : [{ system: trustSystem, code: String(caller.trust) }];
  const { tag: _, ...bare } = meta;
  const tag: readonly JsonValue[] = [...others, ...own];
  return tag.length === 0 ? bare : { ...meta, tag };
}

function isTrust(tag: JsonValue): boolean {
  return isObject(tag) && tag['system'] === trustSystem;
}
