import type { Delimiters } from '../er7/delimiters.ts';
import { unescapeText } from '../er7/escapes.ts';
import type { Segment } from '../er7/message.ts';
import { deletes, rawField } from '../er7/piece.ts';
import type { ErrorLocation } from '../finding.ts';
import type { Scope } from './assertion.ts';
import { hasTypeFormat } from './formats.ts';
import type { Usage } from './guide-document.ts';
import type { Element, Profile, SegmentDefinition, Statement, TypeDefinition } from './profile.ts';
import type { Fault, Violation } from './violation.ts';
import { isHeaderMark, isPresent, pieceScope, segmentScope } from './walked-texts.ts';

/** Where the walk stands: what it reports, and what it needs to know of the message. */
type Walk = {
  readonly profile: Profile;
  readonly segment: Segment;
  readonly delimiters: Delimiters;
  readonly report: (violation: Violation) => void;
};

/** A place in a segment, before it is a location. */
type At = readonly [field: number, repetition: number, component?: number, subcomponent?: number];

/**
 * Goes over a segment, field by field. `usages` are those that the group decides (ORC-12), `report` takes what is found.
 */
export function walkSegment(
  profile: Profile,
  segment: Segment,
  usages: ReadonlyMap<number, Usage>,
  report: (violation: Violation) => void,
): void {
  const definition = profile.segments.get(segment.name);
  if (!definition) return;
  const walk: Walk = { profile, segment, delimiters: segment.delimiters, report };
  const scope = segmentScope(profile, segment);
  for (let at = 0; at < definition.fields.length; at++) {
    const element = definition.fields[at] as Element;
    const field = at + 1;
    const decided = usages.size > 0 ? usages.get(field) : undefined;
    // What is empty and need not be there is most of a segment.
    if (rawField(segment, field) === '' && !mayBeRequired(element, decided)) continue;
    const usage = decided ?? usageOf(element, scope);
    walkField(walk, { definition, element, field, usage }, scope);
  }
  for (const statement of definition.statements) {
    if (!statement.holds(scope)) report(statementViolation(segment, definition, statement));
  }
}

const mayBeRequired = ({ usage, condition }: Element, decided?: Usage): boolean =>
  usage === 'R' || condition !== undefined || decided !== undefined;

/**
 * What a condition makes of C; a C without one may be there or not. Of what is optional (O, and no C that comes out as O)
 * the guide says nothing, and so it is not gone into.
 */
function usageOf(element: Element, scope: Scope): Usage {
  const { usage, condition } = element;
  if (!condition) return usage === 'C' ? 'O' : usage;
  return condition.holds(scope) ? condition.then : condition.else;
}

type FieldVisit = {
  readonly definition: SegmentDefinition;
  readonly element: Element;
  readonly field: number;
  readonly usage: Usage;
};

function walkField(walk: Walk, visit: FieldVisit, scope: Scope): void {
  const { element, field, usage } = visit;
  const raw = rawField(walk.segment, field);
  if (!isPresent(raw, walk.delimiters) && !isHeaderMark(walk.segment, field)) {
    if (usage === 'R') found(walk, [field, 1], element, missing(element));
  } else if (deletes({ raw })) walkDeletion(walk, { element, usage, at: [field, 1] });
  else if (usage === 'X') found(walk, [field, 1], element, unsupported(element));
  else if (!isHeaderMark(walk.segment, field)) walkRepetitions(walk, visit, raw, scope);
}

type Deletion = { readonly element: Element; readonly usage: Usage; readonly at: At };

/** `""` is no value: where one must stand none does, and elsewhere it says that there is none (HL7 v2.5.1 §2.5.3). */
function walkDeletion(walk: Walk, { element, usage, at }: Deletion): void {
  found(walk, at, element, usage === 'R' ? missing(element) : { kind: 'deletion', value: '""' });
}

function walkRepetitions(walk: Walk, visit: FieldVisit, raw: string, scope: Scope): void {
  const { definition, element, field } = visit;
  const repetitions = split(raw, walk.delimiters.repetition);
  if (repetitions.length > element.max) found(walk, [field, element.max + 1], element, { kind: 'repeated' });
  if (element.usage === 'O') return;
  const type = definition.varies?.field === field ? variedType(walk, visit, scope) : element.type;
  if (type === undefined) return;
  for (let index = 0; index < repetitions.length; index++) {
    const one = repetitions[index] as string;
    if (isPresent(one, walk.delimiters)) walkValue(walk, { element, type, raw: one, at: [field, index + 1] });
  }
}

/** Most fields have one repetition, and most components one subcomponent. */
const split = (text: string, mark: string): readonly string[] =>
  text.includes(mark) ? text.split(mark) : [text];

/** The type of OBX-5, by OBX-2 and OBX-3.1. */
function variedType(
  walk: Walk,
  { definition, element, field }: FieldVisit,
  scope: Scope,
): string | undefined {
  const { by = [], cases = [] } = definition.varies ?? {};
  const [first = '', second = ''] = by.map((path) => scope.textsAt(path)[0] ?? '');
  const fits = (second: string | null) => cases.find(([value, other]) => value === first && other === second);
  const type = (fits(second) ?? fits(null))?.[2];
  if (type === undefined) found(walk, [field, 1], element, { kind: 'value-type', value: first });
  return type;
}

type Value = { readonly element: Element; readonly type: string; readonly raw: string; readonly at: At };

function walkValue(walk: Walk, value: Value): void {
  const definition = walk.profile.types.get(value.type);
  if (!definition || definition.components.length === 0) walkPrimitive(walk, value);
  else if (isCoded(definition)) walkCoded(walk, value, definition);
  else walkComponents(walk, value, definition);
}

/** How many values of an element are remembered, and how long they may be. */
const mostFit = 200;
const longestFit = 100;
const fitValues = new WeakMap<Element, Map<string, Set<string>>>();

/**
 * Codes come again in each message: one that was found fit is fit. Names and numbers are no codes, and none of them is
 * remembered.
 */
function walkCoded(walk: Walk, value: Value, definition: TypeDefinition): void {
  const { element, type, raw } = value;
  const isUsual = walk.delimiters.component === '^' && walk.delimiters.subcomponent === '&';
  if (!isUsual || raw.length > longestFit) {
    walkComponents(walk, value, definition);
    return;
  }
  const fit = fitOf(element, type);
  if (fit.has(raw)) return;
  let isFit = true;
  const report: Walk['report'] = (violation) => {
    isFit = false;
    walk.report(violation);
  };
  walkComponents({ ...walk, report }, value, definition);
  if (!isFit) return;
  if (fit.size >= mostFit) fit.clear();
  fit.add(raw);
}

function fitOf(element: Element, type: string): Set<string> {
  const byType = fitValues.get(element) ?? new Map<string, Set<string>>();
  fitValues.set(element, byType);
  const fit = byType.get(type) ?? new Set<string>();
  byType.set(type, fit);
  return fit;
}

function walkComponents(walk: Walk, value: Value, definition: TypeDefinition): void {
  const pieces = split(value.raw, partedBy(walk.delimiters, value.at));
  checkCode(walk, value, pieces);
  if (value.at.length > 3) return;
  const isOfField = value.at.length === 2;
  const scope = pieceScope(walk.profile, { pieces, delimiters: walk.delimiters, isOfField });
  const { components } = definition;
  for (let index = 0; index < components.length; index++) {
    const element = components[index] as Element;
    const raw = pieces[index] ?? '';
    if (raw !== '' || mayBeRequired(element))
      walkComponent(walk, { element, raw, scope, at: below(value.at, index + 1) });
  }
  for (const statement of definition.statements) {
    if (statement.holds(scope)) continue;
    const at = [...value.at, ...statement.target.places] as unknown as At;
    found(walk, at, value.element, { kind: 'statement', id: statement.id });
  }
}

/** Written out: a spread goes by the iterator. */
const below = ([field, repetition, component]: At, place: number): At =>
  component === undefined ? [field, repetition, place] : [field, repetition, component, place];

type ComponentVisit = {
  readonly element: Element;
  readonly raw: string;
  readonly scope: Scope;
  readonly at: At;
};

function walkComponent(walk: Walk, { element, raw, scope, at }: ComponentVisit): void {
  const usage = usageOf(element, scope);
  if (!isPresent(raw, walk.delimiters) || deletes({ raw })) {
    if (usage === 'R') found(walk, at, element, missing(element));
  } else if (usage === 'X') found(walk, at, element, unsupported(element));
  else if (element.usage !== 'O') walkValue(walk, { element, type: element.type, raw, at });
}

/** Components part a field, subcomponents a component; deeper than that nothing can be parted. */
const partedBy = (delimiters: Delimiters, at: At): string =>
  at.length === 2 ? delimiters.component : delimiters.subcomponent;

function walkPrimitive(walk: Walk, { element, type, raw, at }: Value): void {
  const { delimiters } = walk;
  if (raw.includes(delimiters.component) || raw.includes(delimiters.subcomponent)) {
    found(walk, at, element, { kind: 'unescaped', value: raw });
    return;
  }
  const text = unescapeText(raw, delimiters);
  if (text.length < element.minLength || text.length > element.maxLength) {
    found(walk, at, element, { kind: 'length', value: text, min: element.minLength, max: element.maxLength });
  }
  if (!hasTypeFormat(type, text)) found(walk, at, element, { kind: 'format', value: text, type });
  const table = element.table && element.codeAt.length === 0 ? element.table : undefined;
  if (table) checkTable(walk, { element, at, code: text, table });
}

type Coded = { readonly element: Element; readonly at: At; readonly code: string; readonly table: string };

/** Whether the table has the code; the code systems that hold it, where it has. */
function checkTable(walk: Walk, { element, at, code, table: id }: Coded): readonly string[] {
  const table = walk.profile.tables.get(id);
  if (!table || table.takesAll) return [];
  const systems = table.systemsOf(code);
  if (systems.length === 0) found(walk, at, element, { kind: 'code', value: code, table: id });
  return systems;
}

const codedTypes: ReadonlySet<string> = new Set(['CE', 'CWE', 'CNE']);
const isCoded = ({ name }: TypeDefinition): boolean => codedTypes.has(name);

/** The code of a composite, and that it says which code system it is of (CE.1 and CE.3, or CE.4 and CE.6). */
function checkCode(walk: Walk, { element, type, at }: Value, pieces: readonly string[]): void {
  const { table, codeAt } = element;
  if (table === undefined) return;
  const place = codeAt.find((one) => (pieces[one - 1] ?? '') !== '');
  if (place === undefined) return;
  const code = unescapeText(pieces[place - 1] ?? '', walk.delimiters);
  const systems = checkTable(walk, { element, at: below(at, place), code, table });
  const definition = walk.profile.types.get(type);
  const system = pieces[place + 1] ?? '';
  if (
    !definition ||
    !isCoded(definition) ||
    systems.length === 0 ||
    system === '' ||
    systems.includes(system)
  )
    return;
  found(walk, below(at, place + 2), element, { kind: 'code-system', value: system, expected: systems });
}

const missing = (element: Element): Fault =>
  element.condition ? { kind: 'missing', conditional: true } : { kind: 'missing' };
const unsupported = (element: Element): Fault =>
  element.condition ? { kind: 'unsupported', conditional: true } : { kind: 'unsupported' };

function found({ segment, report }: Walk, at: At, { name }: Element, fault: Fault): void {
  report({ location: locate(segment, at), name, fault });
}

function locate(
  { name, occurrence }: Segment,
  [field, repetition, component, subcomponent]: At,
): ErrorLocation {
  return {
    segment: name,
    occurrence,
    field,
    repetition,
    ...(component !== undefined && { component }),
    ...(subcomponent !== undefined && { subcomponent }),
  };
}

function statementViolation(
  segment: Segment,
  definition: SegmentDefinition,
  { id, target }: Statement,
): Violation {
  const [field = 1, component] = target.places;
  const at: At = component === undefined ? [field, 1] : [field, 1, component];
  const name = definition.fields[field - 1]?.name ?? definition.title;
  return { location: locate(segment, at), name, fault: { kind: 'statement', id } };
}
