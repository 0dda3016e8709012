import { parseAtOnce, type StepwiseParse } from './stepwise-parse.ts';
import { copyWritten, keepWritten } from './written-numbers.ts';

/** A JSON value as FHIR uses it. It is not written to once it is parsed. */
export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];
export type JsonObject = { readonly [name: string]: JsonValue | undefined };

export type ParsedJson =
  | {
      readonly ok: true;
      readonly value: JsonValue;
      /** Some number would lose digits if it were written from its double (1.00, 1e3); `writeJson` needs to know. */
      readonly exactNumbers: boolean;
    }
  | { readonly ok: false; readonly message: string; readonly expression: string };

/** FHIR nests extensions and QuestionnaireResponse items; nothing real comes near this. */
export const maxDepth = 100;

/**
 * Parses JSON by the rules of FHIR R4 (json.html): no duplicate names, no empty object, array or string, null only
 * inside an array, strings of well-formed Unicode without control characters other than tab, CR and LF. A leading
 * byte order mark is passed over. `deepest` is for a Bundle of ours, which nests what it holds.
 */
export function parseFhirJson(text: string, deepest = maxDepth): ParsedJson {
  return parseAtOnce(beginFhirJson(text, deepest));
}

/** So many values are read in one step: about a millisecond's work. */
const valuesPerStep = 5000;

/** The same in steps, of at most so many values in all. */
export function beginFhirJson(
  text: string,
  deepest = maxDepth,
  mostValues = Number.POSITIVE_INFINITY,
): StepwiseParse<ParsedJson> {
  const parser = new FhirJsonParser(text, deepest);
  let steps = 0;
  return {
    step: () => {
      const parsed = stepOf(parser);
      if (parsed || ++steps * valuesPerStep < mostValues) return parsed;
      return { ok: false, message: `The JSON has more than ${mostValues} values`, expression: '' };
    },
  };
}

function stepOf(parser: FhirJsonParser): ParsedJson | undefined {
  try {
    if (!parser.read(valuesPerStep)) return undefined;
    return { ok: true, value: parser.document(), exactNumbers: parser.exactNumbers };
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    return { ok: false, message: `${thrown.message} (${parser.place()})`, expression: parser.expression() };
  }
}

/** Copies the object with other members, and keeps how the numbers of the members it keeps were written. */
export function withMembers(object: JsonObject, members: JsonObject): JsonObject {
  const copy = { ...object, ...members };
  copyWritten(object, copy, (name) => !(name in members));
  return copy;
}

/** JSON that may be written into: a patch works on a copy. */
export type MutableJson =
  | string
  | number
  | boolean
  | null
  | undefined
  | MutableJson[]
  | { [name: string]: MutableJson };

/** A deep copy that keeps how every number was written. */
export function copyJson(value: JsonValue | undefined): MutableJson {
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value)
    ? value.map(copyJson)
    : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyJson(member)]));
  copyWritten(value, copy);
  return copy;
}

class JsonFault extends Error {}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const numberShape = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Holds the position in the text, what is open there, and the path for error messages. */
class FhirJsonParser {
  readonly #text: string;
  readonly #deepest: number;
  /** Then a string of it is well-formed too, unless it has escapes. */
  readonly #isWellFormed: boolean;
  #at = 0;
  #root: JsonValue | undefined;
  /** Objects and arrays that have not ended, the outermost first. */
  readonly #open: (Record<string, JsonValue> | JsonValue[])[] = [];
  /** Nothing has been read yet of the innermost of them. */
  #isFirst = false;
  readonly #path: (string | number)[] = [];
  exactNumbers = false;

  constructor(text: string, deepest: number) {
    this.#text = text;
    this.#deepest = deepest;
    this.#isWellFormed = text.isWellFormed();
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  /** Reads at most so many values on; true at the end of the document. */
  read(most: number): boolean {
    this.#root ??= this.#value(undefined, '');
    for (let count = 0; count < most; count++) {
      const open = this.#open.at(-1);
      if (!open) return true;
      this.#member(open);
    }
    return false;
  }

  /** What was read, when nothing follows it. */
  document(): JsonValue {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw new JsonFault('The JSON ends, but more text follows');
    return this.#root ?? null;
  }

  /** Line and column, counted from 1. */
  place(): string {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    return `line ${line}, column ${this.#at - before.lastIndexOf('\n')}`;
  }

  /** FHIRPath of the value being read, as far as it is known. */
  expression(): string {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    return steps.join('').replace(/^\./, '');
  }

  #value(parent: object | undefined, name: string | number): JsonValue {
    this.#skipSpace();
    const code = this.#text.charCodeAt(this.#at);
    if (code === quote) return this.#string('A string');
    if (code === openBrace) return this.#begin({});
    if (code === openBracket) return this.#begin([]);
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.#number(parent, name);
    return this.#word(parent);
  }

  #begin(container: Record<string, JsonValue> | JsonValue[]): JsonValue {
    if (this.#path.length >= this.#deepest)
      throw new JsonFault(`The JSON nests deeper than ${this.#deepest} levels`);
    this.#at++;
    this.#open.push(container);
    this.#isFirst = true;
    return container;
  }

  /** The next member of what is open, or its end. */
  #member(open: Record<string, JsonValue> | JsonValue[]): void {
    const isArray = Array.isArray(open);
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (!this.#more(isArray ? closeBracket : closeBrace, isFirst)) {
      this.#open.pop();
      this.#leave();
      return;
    }
    const depth = this.#open.length;
    if (isArray) this.#item(open);
    else this.#named(open);
    if (this.#open.length === depth) this.#leave();
  }

  #item(array: JsonValue[]): void {
    this.#path.push(array.length);
    array.push(this.#value(array, array.length));
  }

  #named(object: Record<string, JsonValue>): void {
    const name = this.#name();
    this.#path.push(name);
    if (Object.hasOwn(object, name)) throw new JsonFault(`The name "${name}" stands twice in one object`);
    const value = this.#value(object, name);
    if (name !== '__proto__') object[name] = value;
  }

  /** At the end of a member. */
  #leave(): void {
    if (this.#path.at(-1) === '__proto__') throw new JsonFault('"__proto__" is not a FHIR element');
    this.#path.pop();
  }

  /** Moves to the next member of an object or array; false at its end. */
  #more(close: number, first: boolean): boolean {
    this.#skipSpace();
    const code = this.#text.charCodeAt(this.#at);
    if (code === close) {
      if (first) throw new JsonFault(`An ${close === closeBrace ? 'object' : 'array'} must not be empty`);
      this.#at++;
      return false;
    }
    if (first) return true;
    if (code !== comma) throw this.#unexpected(`',' or '${String.fromCharCode(close)}'`);
    this.#at++;
    return true;
  }

  #name(): string {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== quote) throw this.#unexpected('a name in double quotes');
    const name = this.#string('A name');
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== colon) throw this.#unexpected("':'");
    this.#at++;
    return name;
  }

  #string(what: string): string {
    const text = this.#text;
    const start = ++this.#at;
    let plain = true;
    let at = start;
    for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(++at)) {
      if (code === backslash) {
        plain = false;
        at++;
      } else if (!(code >= 0x20)) {
        throw this.#unfinished(what, at); // a control character, or NaN: the end of the text
      }
    }
    this.#at = at + 1;
    const string = plain ? text.slice(start, at) : this.#unescape(start, at, what);
    if (string === '') throw new JsonFault(`${what} must not be empty`);
    if (!(plain && this.#isWellFormed) && !string.isWellFormed())
      throw new JsonFault(`${what} holds half of a surrogate pair`);
    return string;
  }

  #unfinished(what: string, at: number): JsonFault {
    if (at >= this.#text.length) return new JsonFault(`${what} that begins here does not end`);
    this.#at = at;
    return new JsonFault(`${what} holds a control character`);
  }

  #unescape(start: number, end: number, what: string): string {
    const string = this.#unquoted(start, end);
    // R4 datatypes.html#string: nothing below U+0020 but tab, line feed and carriage return.
    if (hasControlCharacter(string)) throw new JsonFault(`${what} holds a control character`);
    return string;
  }

  #unquoted(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start - 1, end + 1)) as string;
    } catch {
      throw new JsonFault('A string holds an escape that JSON does not know');
    }
  }

  #number(parent: object | undefined, name: string | number): number {
    numberShape.lastIndex = this.#at;
    const written = numberShape.exec(this.#text)?.[0];
    if (written === undefined) throw this.#unexpected('a number');
    const next = this.#text.charCodeAt(this.#at + written.length);
    if (next >= 0x30 && next <= 0x39) throw new JsonFault('A number must not begin with 0');
    this.#at += written.length;
    const number = Number(written);
    if (!Number.isFinite(number)) throw new JsonFault(`${written.slice(0, 40)} is too large a number`);
    if (parent && keepWritten(parent, name, number, written)) this.exactNumbers = true;
    return number;
  }

  #word(parent: object | undefined): boolean | null {
    if (this.#text.startsWith('true', this.#at)) return this.#take(4, true);
    if (this.#text.startsWith('false', this.#at)) return this.#take(5, false);
    if (!this.#text.startsWith('null', this.#at)) throw this.#unexpected('a JSON value');
    // R4 json.html#primitive: null only fills the place of an element in an array that has a sibling with '_'.
    if (!Array.isArray(parent)) throw new JsonFault('null is not a value in FHIR; leave the element out');
    return this.#take(4, null);
  }

  #take<Value>(length: number, value: Value): Value {
    this.#at += length;
    return value;
  }

  #unexpected(expected: string): JsonFault {
    const found = this.#at < this.#text.length ? `'${this.#text.charAt(this.#at)}'` : 'the end of the text';
    return new JsonFault(`Expected ${expected} but found ${found}`);
  }

  #skipSpace(): void {
    const text = this.#text;
    let code = text.charCodeAt(this.#at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09)
      code = text.charCodeAt(++this.#at);
  }
}

function hasControlCharacter(string: string): boolean {
  for (let at = 0; at < string.length; at++) {
    const code = string.charCodeAt(at);
    if (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return true;
  }
  return false;
}
