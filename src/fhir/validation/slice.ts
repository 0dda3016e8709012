import type { JsonValue } from '../fhir-json.ts';
import { isSameJson } from '../same-json.ts';
import type { ProfileContext } from './profile-context.ts';
import type { Content, Item } from './profile-items.ts';
import { contentOf, itemsOf, matchesPattern } from './profile-items.ts';
import type { Discriminator, ProfileRule } from './profile-tree.ts';
import { typeReferredTo } from './reference-rules.ts';
import { isObject } from './run.ts';

/** The slice that an occurrence belongs to: the first whose discriminators it fits. */
export function findSlice(context: ProfileContext, rule: ProfileRule, item: Item): ProfileRule | undefined {
  const discriminators = discriminatorsOf(rule);
  if (discriminators.length === 0) return undefined;
  return rule.slices.find((slice) => discriminators.every((each) => fits(context, each, slice, item)));
}

/** A choice is sliced by its type where nothing else is said. */
function discriminatorsOf({ name, discriminators }: ProfileRule): readonly Discriminator[] {
  return discriminators.length === 0 && name.endsWith('[x]')
    ? [{ type: 'type', path: '$this' }]
    : discriminators;
}

function fits(
  context: ProfileContext,
  { type, path }: Discriminator,
  slice: ProfileRule,
  item: Item,
): boolean {
  if (path === 'url' && item.slot.type === 'Extension') return hasUrlOf(context, slice, item);
  const steps = path === '$this' ? [] : path.split('.').filter((step) => step !== '$this');
  if (steps.at(-1) === 'resolve()') return fitsTarget(context, slice, item, steps.slice(0, -1));
  const rule = ruleAt(slice, steps);
  const found = itemsAt(context, item, steps);
  if (type === 'exists')
    return rule !== undefined && (rule.max === 0 ? found.length === 0 : found.length > 0);
  if (!rule) return false;
  if (type === 'type')
    return found.some(
      ({ slot }) => rule.types?.some(({ code }) => code === slot.type) ?? isNamed(rule, slot.key),
    );
  if (type === 'profile') return found.some((each) => meetsOne(context, rule, each));
  return found.some(({ value }) => fitsValue(rule, value));
}

/** `value[x]:valueQuantity` names its type where it does not list it. */
function isNamed({ sliceName }: ProfileRule, key: string): boolean {
  return sliceName === key;
}

function hasUrlOf({ profileOf }: ProfileContext, slice: ProfileRule, { value }: Item): boolean {
  const url = isObject(value) ? value['url'] : undefined;
  const fixed = slice.children.get('url')?.fixed;
  if (fixed !== undefined) return url === fixed;
  const definition = slice.types?.find(({ code }) => code === 'Extension')?.profile?.[0];
  return url !== undefined && (url === definition || url === profileOf(definition ?? '')?.url);
}

function fitsValue(
  { fixed, pattern, binding, children }: ProfileRule,
  value: JsonValue | undefined,
): boolean {
  if (fixed !== undefined) return isSameJson(value, fixed);
  if (pattern !== undefined) return matchesPattern(value, pattern);
  if (binding) return hasCodeOf(binding.codes, value);
  if (!isObject(value) || children.size === 0) return false;
  // A value laid down part by part: coding.system and coding.code.
  return [...children].every(([name, child]) =>
    [value[name] ?? []].flat().some((each) => fitsValue(child, each as JsonValue)),
  );
}

function hasCodeOf(codes: ReadonlyMap<string, ReadonlySet<string>>, value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return [...codes.values()].some((list) => list.has(value));
  if (!isObject(value)) return false;
  const codings = Array.isArray(value['coding']) ? value['coding'] : [value];
  return codings.some(
    (coding) => isObject(coding) && codes.get(String(coding['system']))?.has(String(coding['code'])) === true,
  );
}

function fitsTarget(
  context: ProfileContext,
  slice: ProfileRule,
  item: Item,
  steps: readonly string[],
): boolean {
  const targets = ruleAt(slice, steps)?.types?.flatMap(({ targetProfile }) => targetProfile ?? []) ?? [];
  const types = targets.map((url) => context.profileOf(url)?.type ?? url.slice(url.lastIndexOf('/') + 1));
  return itemsAt(context, item, steps).some(({ value }) => {
    const reference = isObject(value) ? value['reference'] : undefined;
    const type = typeof reference === 'string' ? typeReferredTo(reference, context.scope) : undefined;
    return type !== undefined && types.includes(type);
  });
}

function meetsOne(context: ProfileContext, rule: ProfileRule, { value }: Item): boolean {
  const urls = rule.types?.flatMap(({ profile }) => profile ?? []) ?? [];
  return urls.some((url) => {
    const profile = context.profileOf(url);
    return profile !== undefined && isObject(value) && context.meets(context, profile, value);
  });
}

function ruleAt(slice: ProfileRule, steps: readonly string[]): ProfileRule | undefined {
  let at: ProfileRule | undefined = slice;
  for (const step of steps) at = at?.children.get(step) ?? at?.children.get(`${step}[x]`);
  return at;
}

function itemsAt({ table }: ProfileContext, item: Item, steps: readonly string[]): readonly Item[] {
  let items: readonly Item[] = [item];
  for (const step of steps) {
    items = items
      .map((each) => contentOf(each, table.get('Element')))
      .filter((content): content is Content => content !== undefined)
      .flatMap(({ object, node }) => itemsOf(object, node, node.elements.has(step) ? step : `${step}[x]`));
  }
  return items;
}
