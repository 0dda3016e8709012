import type { JsonObject, JsonValue } from '../../fhir/fhir-json.ts';
import { isObject, listAt, objectsAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import { foldText } from '../../search/fold-text.ts';
import type { SurvivorshipRule } from './survivorship.ts';

/** What a reporter wrote, when, and how far it is trusted: a greater number is trusted more. */
export type SourceRecord = {
  readonly id: string;
  readonly resource: Resource;
  /** Instant of the report, as FHIR writes it. */
  readonly reported: string;
  readonly trust: number;
};

/** A value of a person and the source that it came from. */
export type Surviving = { readonly value: JsonValue; readonly source: string };

/** What one member of a person becomes: a choice has its type in its name. */
export type SurvivingMember = { readonly name: string; readonly values: readonly Surviving[] };

/** The members of the element in the person; `sources` stand newest first. */
export function survivingMembers(
  rule: SurvivorshipRule,
  sources: readonly SourceRecord[],
): readonly SurvivingMember[] {
  const { element } = rule;
  switch (rule.rule) {
    case 'newest':
      return one(element, newest(element, sources));
    case 'most-agreed':
      return one(element, mostAgreed(element, sources, rule.saysNothing ?? []));
    case 'inactive-wins':
      return one(element, firstOf(sources, element, (value) => value === false) ?? newest(element, sources));
    case 'death-wins':
      return one(...choice('deceased', sources, [isText, isTrue]));
    case 'most-complete':
      return one(...choice(element, sources, [(value) => typeof value === 'number']));
    case 'all':
      return one(element, allOf(element, sources, rule.first));
    case 'by-url':
      return one(element, byUrl(element, sources));
  }
}

function one(name: string, found: readonly Surviving[] | Surviving | undefined): readonly SurvivingMember[] {
  if (found === undefined) return [];
  const values = Array.isArray(found) ? (found as readonly Surviving[]) : [found as Surviving];
  return values.length === 0 ? [] : [{ name, values }];
}

function newest(element: string, sources: readonly SourceRecord[]): Surviving | undefined {
  return firstOf(sources, element, () => true);
}

function firstOf(
  sources: readonly SourceRecord[],
  element: string,
  isWanted: (value: JsonValue) => boolean,
): Surviving | undefined {
  for (const { id, resource } of sources) {
    const value = resource[element];
    if (value !== undefined && isWanted(value) && !namesContained(value)) return { value, source: id };
  }
  return undefined;
}

/** What a source contains stays with it, so nobody else can refer to it. */
function namesContained(value: JsonValue): boolean {
  if (isObject(value)) {
    if (textAt(value, 'reference')?.startsWith('#')) return true;
    return Object.values(value).some((member) => member !== undefined && namesContained(member));
  }
  return Array.isArray(value) && value.some(namesContained);
}

function mostAgreed(
  element: string,
  sources: readonly SourceRecord[],
  saysNothing: readonly string[],
): Surviving | undefined {
  const saying = sources.filter(({ resource }) => {
    const value = resource[element];
    return value !== undefined && !saysNothing.includes(String(value));
  });
  const trusted = mostTrusted(saying);
  let best: { readonly value: Surviving; readonly count: number } | undefined;
  for (const { id, resource } of trusted) {
    const value = resource[element] as JsonValue;
    const count = trusted.filter((other) => other.resource[element] === value).length;
    if (!best || count > best.count) best = { value: { value, source: id }, count };
  }
  return best?.value ?? newest(element, sources);
}

/** Those of the greatest trust, in their order. */
function mostTrusted(sources: readonly SourceRecord[]): readonly SourceRecord[] {
  const most = sources.reduce((greatest, { trust }) => Math.max(greatest, trust), 0);
  return sources.filter(({ trust }) => trust === most);
}

type Wanted = (value: JsonValue) => boolean;

/** The form of a choice that is wanted first, of the newest source that has it; else any form. */
function choice(
  element: string,
  sources: readonly SourceRecord[],
  wanted: readonly Wanted[],
): readonly [name: string, found: Surviving | undefined] {
  for (const isWanted of [...wanted, () => true]) {
    for (const { id, resource } of sources) {
      for (const name of Object.keys(resource)) {
        const value = resource[name];
        if (!name.startsWith(element) || value === undefined || !isWanted(value)) continue;
        return [name, { value, source: id }];
      }
    }
  }
  return [element, undefined];
}

/** A date of death. */
const isText: Wanted = (value) => typeof value === 'string';

/** That there was one. */
const isTrue: Wanted = (value) => value === true;

function allOf(
  element: string,
  sources: readonly SourceRecord[],
  first: 'newest' | 'most-trusted',
): readonly Surviving[] {
  const found = new Map<string, Surviving>();
  for (const { id, resource } of sources) {
    for (const value of listAt(resource, element)) {
      if (namesContained(value)) continue;
      const key = sameness(value);
      if (!found.has(key)) found.set(key, { value, source: id });
    }
  }
  const values = [...found.values()];
  if (first === 'newest') return values;
  const current = sources.filter(({ resource }) => hasCurrent(resource, element));
  const best = fullestOf(mostTrusted(current.length > 0 ? current : sources), element, found);
  return best ? [best, ...values.filter((one) => one !== best)] : values;
}

/** So many letters more or less are a slip of the pen rather than more that is said. */
const slip = 2;

/**
 * The value that says most of those that the sources have. Of those that say as much but for a slip, the one that most of the
 * sources say: what one of them has mistyped must not be what the person is called by. Of equals the fullest, then the newest.
 */
function fullestOf(
  sources: readonly SourceRecord[],
  element: string,
  found: ReadonlyMap<string, Surviving>,
): Surviving | undefined {
  const counts = new Map<Surviving, number>();
  for (const { resource } of sources) {
    const said = listAt(resource, element).flatMap((value) => found.get(sameness(value)) ?? []);
    for (const one of new Set(said)) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  const most = Math.max(...[...counts.keys()].map(({ value }) => saysOf(value)));
  const near = [...counts].filter(([{ value }]) => saysOf(value) >= most - slip);
  const [best] = near.sort(([a, ofA], [b, ofB]) => ofB - ofA || saysOf(b.value) - saysOf(a.value));
  return best?.[0];
}

/** Who knows only a former name knows none to be called by. */
function hasCurrent(resource: Resource, element: string): boolean {
  return listAt(resource, element).some((value) => !isFormer(value));
}

/** Two values that differ in case, accents, punctuation or use alone are one. */
function sameness(value: JsonValue): string {
  if (!isObject(value)) return JSON.stringify(value);
  const { use: _use, id: _id, period: _period, rank: _rank, text, ...rest } = value;
  const said = Object.keys(rest).length === 0 ? { text } : rest;
  return foldText(JSON.stringify(sorted(said))).replaceAll(/[^\p{L}\p{N}]+/gu, ' ');
}

function sorted(value: JsonValue | undefined): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === undefined) return null;
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How much a value says: its leaves, longer ones more. An old name or a nickname is not the one to be called by. */
function saysOf(value: JsonValue | undefined): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'object') return 1000 + String(value).length;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + saysOf(one), 0);
  const object = value as JsonObject;
  const { use: _, ...rest } = object;
  const all = Object.values(rest).reduce<number>((sum, one) => sum + saysOf(one), 0);
  return isFormer(object) ? all / 1_000_000 : all;
}

function isFormer(value: JsonValue): boolean {
  const use = isObject(value) ? value['use'] : undefined;
  return use === 'old' || use === 'nickname' || use === 'temp';
}

function byUrl(element: string, sources: readonly SourceRecord[]): readonly Surviving[] {
  const taken = new Map<string, string>();
  const values: Surviving[] = [];
  for (const { id, resource } of sources) {
    for (const extension of objectsAt(resource, element)) {
      const url = String(extension['url']);
      const holder = taken.get(url) ?? id;
      taken.set(url, holder);
      if (holder === id) values.push({ value: extension, source: id });
    }
  }
  return values;
}
