import type { JsonObject } from '../fhir-json.ts';
import { isSameJson } from '../same-json.ts';
import { checkBinding } from './binding.ts';
import { checkInvariants } from './invariant.ts';
import { isAbsoluteUri } from './primitive-rules.ts';
import type { ProfileContext } from './profile-context.ts';
import { type Content, contentOf, type Item, itemsOf, matchesPattern } from './profile-items.ts';
import { checkReferenceProfiles } from './profile-reference.ts';
import type { Profile, ProfileRule } from './profile-tree.ts';
import { isFull, isObject, openRun, quote, report, reportAt } from './run.ts';
import { findSlice } from './slice.ts';

/** Profiles may ask for each other without end; real ones stop long before. */
const deepest = 20;

/** Checks what the profile adds. The object is known to be right by its base definition. */
export function checkProfile(context: ProfileContext, object: JsonObject): void {
  const node = context.table.get(context.profile.type);
  if (node) checkContent(context, context.profile.rule, { object, node });
}

/** Does the object meet the profile? Says nothing of what is wrong. */
export function meetsProfile(context: ProfileContext, profile: Profile, object: JsonObject): boolean {
  if (context.run.path.length > deepest * 10) return true;
  const run = openRun(context.run.path);
  checkProfile({ ...context, run, profile }, object);
  return !run.issues.some(({ severity }) => severity === 'error');
}

function checkContent(context: ProfileContext, rule: ProfileRule, { object, node }: Content): void {
  for (const [name, child] of rule.children) {
    checkElement(context, child, itemsOf(object, node, name));
    if (isFull(context.run)) return;
  }
  checkInvariants(context.run, object, rule.invariants, context.scope);
}

function checkElement(context: ProfileContext, rule: ProfileRule, items: readonly Item[]): void {
  checkCount(context, rule, items.length);
  for (const item of items) checkItem(context, rule, item);
  if (rule.slices.length > 0) checkSlices(context, rule, items);
}

function checkCount({ run, profile }: ProfileContext, rule: ProfileRule, count: number): void {
  const name = rule.sliceName === undefined ? rule.name : `${rule.name} "${rule.sliceName}"`;
  const below = [rule.name.replace('[x]', '')];
  if (count < rule.min) {
    const expected = rule.min === 1 ? 'is missing' : `must stand ${rule.min} times, found ${count}`;
    reportAt(run, below, {
      severity: 'error',
      code: 'required',
      text: `${name} ${expected} (${profile.name})`,
    });
  } else if (count > rule.max) {
    const expected =
      rule.max === 0 ? 'must not stand here' : `may stand ${rule.max} times at most, found ${count}`;
    reportAt(run, below, {
      severity: 'error',
      code: 'structure',
      text: `${name} ${expected} (${profile.name})`,
    });
  }
}

function checkItem(context: ProfileContext, rule: ProfileRule, item: Item): void {
  const { run } = context;
  const length = run.path.length;
  run.path.push(item.slot.step);
  if (item.index !== undefined) run.path.push(item.index);
  if (checkType(context, rule, item)) checkValue(context, rule, item);
  run.path.length = length;
}

function checkType({ run, profile }: ProfileContext, { types }: ProfileRule, { slot }: Item): boolean {
  if (!types || slot.shape === 'resource' || slot.type.includes('.')) return true;
  const known = types.some(
    ({ code }) => code === slot.type || code === slot.facts.types[0] || isSystemType(code),
  );
  const choice = slot.element.endsWith('[x]');
  if (choice ? types.some(({ code }) => fitsType(code, slot.type)) : known) return true;
  const expected = types.map(({ code }) => code).join(' or ');
  report(run, {
    severity: 'error',
    code: 'structure',
    text: `${slot.key} must be of type ${expected} (${profile.name})`,
  });
  return false;
}

function fitsType(code: string, type: string): boolean {
  return code === type || (code === 'Quantity' && type === 'SimpleQuantity');
}

function isSystemType(code: string): boolean {
  return code.startsWith('http://hl7.org/fhirpath/');
}

function checkValue(context: ProfileContext, rule: ProfileRule, item: Item): void {
  const { run, scope, profile, table } = context;
  const { value, slot } = item;
  if (rule.fixed !== undefined && !isSameJson(value, rule.fixed)) {
    report(run, {
      severity: 'error',
      code: 'value',
      text: `${quote(value ?? 'nothing')} is not ${show(rule.fixed)} (${profile.name})`,
    });
  }
  if (rule.pattern !== undefined && !matchesPattern(value, rule.pattern)) {
    report(run, {
      severity: 'error',
      code: 'value',
      text: `${quote(value ?? 'nothing')} does not hold ${show(rule.pattern)} (${profile.name})`,
    });
  }
  if (rule.binding && value !== undefined) checkBinding(run, value, slot.type, rule.binding);
  checkTypeProfiles(context, rule, item);
  const content = contentOf(item, table.get('Element'));
  if (content) checkContent(context, rule, content);
  else if (value !== undefined) checkInvariants(run, value, rule.invariants, scope);
}

/** Profiles on the type: of a reference, on what it points at; of anything else, on the value. */
function checkTypeProfiles(context: ProfileContext, rule: ProfileRule, { value, slot }: Item): void {
  const type = rule.types?.find(({ code }) => fitsType(code, slot.type));
  if (!type || typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const object = value as JsonObject;
  if (slot.type === 'Reference') checkReferenceProfiles(context, object, type.targetProfile);
  // The definition of an extension is enforced wherever the extension stands.
  if (slot.type === 'Extension' || !type.profile) return;
  const profiles = type.profile.map((url) => context.profileOf(url));
  if (profiles.some((profile) => !profile || context.meets(context, profile, object))) return;
  const names = profiles.map((profile) => profile?.name).join(' or ');
  report(context.run, {
    severity: 'error',
    code: 'structure',
    text: `${slot.key} does not meet ${names} (${context.profile.name})`,
  });
}

function checkSlices(context: ProfileContext, rule: ProfileRule, items: readonly Item[]): void {
  const found = new Map<ProfileRule, Item[]>(rule.slices.map((slice) => [slice, []]));
  for (const item of items) {
    const slice = findSlice(context, rule, item);
    if (slice) found.get(slice)?.push(item);
    else if (rule.closed || isUndefinedPart(context, item)) reportUnsliced(context, rule, item);
  }
  for (const [slice, own] of found) {
    checkCount(context, slice, own.length);
    for (const item of own) checkItem(context, slice, item);
  }
}

/** A part of an extension with a plain name is one that its definition names. */
function isUndefinedPart({ profile }: ProfileContext, { value, slot }: Item): boolean {
  if (profile.type !== 'Extension' || slot.type !== 'Extension' || !isObject(value)) return false;
  return typeof value['url'] === 'string' && !isAbsoluteUri(value['url']);
}

function reportUnsliced({ run, profile }: ProfileContext, rule: ProfileRule, { slot, index }: Item): void {
  const names = rule.slices.map(({ sliceName }) => sliceName).join(', ');
  const text = `${slot.key} is none of the slices ${names}, and no other may stand here (${profile.name})`;
  reportAt(run, index === undefined ? [slot.step] : [slot.step, index], {
    severity: 'error',
    code: 'structure',
    text,
  });
}

function show(value: unknown): string {
  return quote(typeof value === 'string' ? value : JSON.stringify(value));
}
