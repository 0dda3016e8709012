import { toLiteralReference } from '../fhir/reference.ts';
import { type EpochMs, parseMsRange } from '../values/instant.ts';
import { cleanText, foldCode, foldText } from './fold-text.ts';
import {
  endOfTime,
  type IndexValue,
  impliedSystem,
  noSystem,
  type SimpleValue,
  startOfTime,
} from './index-values.ts';
import type { SearchParamType } from './search-params.ts';

type Element = Readonly<Record<string, unknown>>;

/** Takes a value of the parameter itself, or of one of its side indexes (`c:text`, `c:identifier`, `c:of-type`). */
export type Emit = (value: IndexValue, side?: 'text' | 'identifier' | 'of-type') => void;

/** What an element is found by as a parameter of the type (R4 search.html, the table of each type). */
export function drawValues(type: SearchParamType, element: unknown, baseUrl: string, emit: Emit): void {
  let some = false;
  const noted: Emit = (value, side) => {
    if (side === undefined) some = true;
    emit(value, side);
  };
  drawers[type](element, noted, baseUrl);
  if (!some) emit({ kind: 'present' });
}

/** The values of a component of a composite: those of the element itself, without side indexes. */
export function simpleValues(
  type: SearchParamType,
  element: unknown,
  baseUrl: string,
): readonly SimpleValue[] {
  const found: SimpleValue[] = [];
  drawers[type](
    element,
    (value, side) => {
      if (side === undefined && value.kind !== 'composite') found.push(value);
    },
    baseUrl,
  );
  return found;
}

const drawers: Readonly<Record<SearchParamType, (element: unknown, emit: Emit, baseUrl: string) => void>> = {
  token: drawToken,
  string: drawString,
  reference: drawReference,
  date: drawDate,
  number: drawQuantity,
  quantity: drawQuantity,
  uri: drawUri,
  composite: () => undefined,
  special: () => undefined,
};

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function emitToken(emit: Emit, system: string, code: string, side?: 'identifier' | 'of-type'): void {
  emit({ kind: 'token', system: cleanText(system), code: foldCode(code) }, side);
}

function emitText(emit: Emit, value: unknown): void {
  const text = textOf(value);
  if (text !== undefined) emit({ kind: 'text', folded: foldText(text) }, 'text');
}

/** R4 search.html#token: Coding, CodeableConcept, Identifier, ContactPoint, code, boolean, id, uri, string. */
function drawToken(element: unknown, emit: Emit): void {
  if (typeof element === 'string' || typeof element === 'boolean' || typeof element === 'number') {
    emitToken(emit, impliedSystem, String(element));
  } else if (isElement(element)) {
    if ('coding' in element || ('text' in element && !('value' in element))) drawConcept(element, emit);
    else if ('value' in element) drawIdentifierOrContact(element, emit);
    else drawCoding(element, emit);
  }
}

function drawConcept(concept: Element, emit: Emit): void {
  for (const coding of listOf(concept['coding'])) if (isElement(coding)) drawCoding(coding, emit);
  emitText(emit, concept['text']);
}

function drawCoding({ system, code, display }: Element, emit: Emit): void {
  const codeText = textOf(code);
  if (codeText !== undefined || textOf(system) !== undefined) {
    emitToken(emit, textOf(system) ?? noSystem, codeText ?? '');
  }
  emitText(emit, display);
}

const contactSystems: ReadonlySet<unknown> = new Set([
  'phone',
  'fax',
  'email',
  'pager',
  'url',
  'sms',
  'other',
]);

function drawIdentifierOrContact(element: Element, emit: Emit): void {
  const value = textOf(element['value']);
  if (value === undefined) return;
  // Of a ContactPoint the use stands where others have a system.
  if (contactSystems.has(element['system'])) {
    emitToken(emit, textOf(element['use']) ?? noSystem, value);
    return;
  }
  emitToken(emit, textOf(element['system']) ?? noSystem, value);
  const { type } = element;
  if (!isElement(type)) return;
  emitText(emit, type['text']);
  for (const coding of listOf(type['coding'])) {
    const code = isElement(coding) ? textOf(coding['code']) : undefined;
    if (!isElement(coding) || code === undefined) continue;
    emitToken(emit, textOf(coding['system']) ?? noSystem, `${code}|${value}`, 'of-type');
    emitText(emit, coding['display']);
  }
}

/** The parts of HumanName and Address that are searched by as one. */
const stringParts = [
  ...['family', 'given', 'prefix', 'suffix', 'text'],
  ...['line', 'city', 'district', 'state', 'postalCode', 'country'],
];

function drawString(element: unknown, emit: Emit): void {
  if (typeof element === 'string') {
    emitString(element, emit);
  } else if (isElement(element)) {
    for (const name of stringParts) {
      for (const part of listOf(element[name])) if (typeof part === 'string') emitString(part, emit);
    }
  }
}

function emitString(text: string, emit: Emit): void {
  emit({ kind: 'string', folded: foldText(text), original: cleanText(text) });
}

function drawReference(element: unknown, emit: Emit, baseUrl: string): void {
  if (typeof element === 'string') {
    drawTarget(element, emit, baseUrl);
    return;
  }
  if (!isElement(element)) return;
  const reference = textOf(element['reference']);
  if (reference !== undefined) drawTarget(reference, emit, baseUrl);
  const { identifier } = element;
  const value = isElement(identifier) ? textOf(identifier['value']) : undefined;
  if (isElement(identifier) && value !== undefined) {
    emitToken(emit, textOf(identifier['system']) ?? noSystem, value, 'identifier');
  }
}

function drawTarget(text: string, emit: Emit, baseUrl: string): void {
  const target = toLiteralReference(text, baseUrl);
  if (target.kind === 'local') emit({ kind: 'reference', type: target.type, id: target.id });
  if (target.kind === 'elsewhere') drawUri(target.url, emit);
}

function drawUri(element: unknown, emit: Emit): void {
  if (typeof element !== 'string') return;
  const bar = element.indexOf('|');
  const uri = bar < 0 ? element : element.slice(0, bar);
  emit({ kind: 'uri', uri: cleanText(uri), version: cleanText(bar < 0 ? '' : element.slice(bar + 1)) });
}

/** R4 search.html#date: date, dateTime, instant, Period with open ends, Timing from its first event to its last. */
function drawDate(element: unknown, emit: Emit): void {
  if (typeof element === 'string') {
    const range = parseMsRange(element);
    if (range) emit({ kind: 'date', ...range });
  } else if (isElement(element)) {
    if ('event' in element || 'repeat' in element) drawTiming(element, emit);
    else drawPeriod(element, emit);
  }
}

function drawPeriod({ start, end }: Element, emit: Emit): void {
  const from = typeof start === 'string' ? parseMsRange(start) : undefined;
  const to = typeof end === 'string' ? parseMsRange(end) : undefined;
  if (!from && !to) return;
  emit({ kind: 'date', first: from?.first ?? startOfTime, last: to?.last ?? endOfTime });
}

function drawTiming({ event, repeat }: Element, emit: Emit): void {
  const ranges = listOf(event)
    .map((text) => (typeof text === 'string' ? parseMsRange(text) : undefined))
    .filter((range) => range !== undefined)
    .sort((a, b) => a.first - b.first);
  const [first] = ranges;
  if (first) {
    const last = Math.max(...ranges.map((range) => range.last)) as EpochMs;
    emit({ kind: 'date', first: first.first, last });
  } else if (isElement(repeat) && isElement(repeat['boundsPeriod'])) {
    drawPeriod(repeat['boundsPeriod'], emit);
  }
}

function drawQuantity(element: unknown, emit: Emit): void {
  if (typeof element === 'number') {
    emit({ kind: 'quantity', low: element, high: element, system: '', code: '', unit: '' });
  } else if (isElement(element)) {
    if ('low' in element || 'high' in element) drawRange(element, emit);
    else drawOneQuantity(element, emit);
  }
}

function drawOneQuantity(element: Element, emit: Emit): void {
  const { value, comparator, currency } = element;
  if (typeof value !== 'number') return;
  const open = String(comparator ?? '');
  const money = textOf(currency);
  emit({
    kind: 'quantity',
    low: open.startsWith('<') ? Number.NEGATIVE_INFINITY : value,
    high: open.startsWith('>') ? Number.POSITIVE_INFINITY : value,
    ...(money === undefined ? unitOf(element) : { system: 'urn:iso:std:iso:4217', code: money, unit: money }),
  });
}

function drawRange({ low, high }: Element, emit: Emit): void {
  const from = isElement(low) ? low : undefined;
  const to = isElement(high) ? high : undefined;
  emit({
    kind: 'quantity',
    low: typeof from?.['value'] === 'number' ? from['value'] : Number.NEGATIVE_INFINITY,
    high: typeof to?.['value'] === 'number' ? to['value'] : Number.POSITIVE_INFINITY,
    ...unitOf(from ?? to ?? {}),
  });
}

function unitOf({ system, code, unit }: Element) {
  return {
    system: cleanText(textOf(system) ?? ''),
    code: cleanText(textOf(code) ?? ''),
    unit: cleanText(textOf(unit) ?? ''),
  };
}
