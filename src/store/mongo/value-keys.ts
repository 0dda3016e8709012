import type {
  DateValue,
  IndexValue,
  IndexValues,
  QuantityValue,
  SimpleValue,
} from '../../search/index-values.ts';

/**
 * The index values of a resource as its document holds them.
 * `keys`: whatever is found by equality or by its beginning, one text a way to find it. MongoDB compares texts by
 * their UTF-8 bytes, which is the order of code points.
 * `spans`: dates and quantities, found by bounds. `tuples`: composites, a value a component.
 */
export type ValueFields = {
  readonly keys: readonly string[];
  readonly spans: readonly Span[];
  readonly tuples: readonly Tuple[];
};

/** `p` is the letter of its kind and the parameter. Units stand on quantities only. */
export type Span = {
  readonly p: string;
  readonly low: number;
  readonly high: number;
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
};

/** `n` components, under x0, x1, …: paths into a document cannot count an array reliably on every engine. */
export type Tuple = { readonly p: string; readonly n: number } & Readonly<Record<`x${number}`, SimpleValue>>;

/** A date that lasts no longer is `short`, when it is the only one of its parameter in the resource. */
export const longestShortDate = 86_400_000;

/** The texts that stand in `keys`; a letter tells the ways apart. */
export const keyOf = {
  tokenCode: (param: string, code: string) => `c:${param}=${code}`,
  token: (param: string, system: string, code: string) => `t:${param}=${escapePart(system)}|${code}`,
  tokenSystem: (param: string, system: string) => `t:${param}=${escapePart(system)}|`,
  text: (param: string, folded: string) => `x:${param}=${folded}`,
  string: (param: string, folded: string) => `s:${param}=${folded}`,
  original: (param: string, original: string) => `o:${param}=${original}`,
  reference: (param: string, type: string, id: string) => `r:${param}=${type}/${id}`,
  referenceTo: (param: string, key: string) => `r:${param}=${key}`,
  uri: (param: string, uri: string) => `v:${param}=${uri}`,
  uriVersion: (param: string, uri: string, version: string) => `u:${param}=${escapePart(uri)}|${version}`,
  present: (param: string) => `e:${param}=`,
  composite: (param: string, code: string) => `m:${param}=${code}`,
} as const;

export const spanOf = {
  shortDate: (param: string) => `d:${param}`,
  /** Longer than a day, or one of several of the parameter. */
  longDate: (param: string) => `D:${param}`,
  quantity: (param: string) => `q:${param}`,
} as const;

/** A part that another follows after a '|'; each character by itself, so that what starts alike still does. */
export function escapePart(text: string): string {
  return text.replace(/[%|]/g, (char) => (char === '%' ? '%25' : '%7C'));
}

type Fields = { readonly keys: Set<string>; readonly spans: Span[]; readonly tuples: Tuple[] };

export function toValueFields(index: IndexValues): ValueFields {
  const fields: Fields = { keys: new Set(), spans: [], tuples: [] };
  for (const [param, values] of Object.entries(index)) {
    const dates = values.filter((value) => value.kind === 'date');
    for (const date of dates) fields.spans.push(dateSpan(param, date, dates.length));
    for (const value of values) addValue(fields, param, value);
  }
  return { keys: [...fields.keys], spans: fields.spans, tuples: fields.tuples };
}

function addValue({ keys, spans, tuples }: Fields, param: string, value: IndexValue): void {
  switch (value.kind) {
    case 'token':
      keys.add(keyOf.tokenCode(param, value.code)).add(keyOf.token(param, value.system, value.code));
      return;
    case 'text':
      keys.add(keyOf.text(param, value.folded));
      return;
    case 'string':
      keys.add(keyOf.string(param, value.folded)).add(keyOf.original(param, value.original));
      return;
    case 'reference':
      keys.add(keyOf.reference(param, value.type, value.id));
      return;
    case 'uri':
      keys.add(keyOf.uri(param, value.uri)).add(keyOf.uriVersion(param, value.uri, value.version));
      return;
    case 'present':
      keys.add(keyOf.present(param));
      return;
    case 'quantity':
      spans.push(quantitySpan(param, value));
      return;
    case 'composite':
      tuples.push(toTuple(param, value.parts));
      keys.add(keyOf.composite(param, codeOf(value.parts[0])));
      return;
    case 'date':
      return;
  }
}

function dateSpan(param: string, { first, last }: DateValue, ofParam: number): Span {
  const isShort = ofParam === 1 && last - first <= longestShortDate;
  return { p: isShort ? spanOf.shortDate(param) : spanOf.longDate(param), low: first, high: last };
}

function quantitySpan(param: string, { low, high, system, code, unit }: QuantityValue): Span {
  return { p: spanOf.quantity(param), low, high, system, code, unit };
}

function toTuple(param: string, parts: readonly SimpleValue[]): Tuple {
  return Object.assign({ p: param, n: parts.length }, ...parts.map((part, i) => ({ [`x${i}`]: part })));
}

/** What a composite is looked up by: the code of its first component, mostly a token. */
export function codeOf(part: SimpleValue | undefined): string {
  return part?.kind === 'token' ? part.code : '';
}

/** The targets of a reference parameter, as `Type/id`. */
export function referencesIn(keys: readonly string[], param: string): readonly string[] {
  const start = keyOf.referenceTo(param, '');
  return keys.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}
