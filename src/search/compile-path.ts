/** Draws the elements that an expression means out of one element or resource. */
export type Draw = (from: unknown) => readonly unknown[];

/**
 * Compiles the part of FHIRPath that R4's search parameters use (member paths, `|`, an index, `where(x='y')`,
 * `where(url=…)`, `where(resolve() is T)`, `ofType(T)`, `as T`, `exists()`, `extension('url')`, and the one
 * `a.exists() and a != false`); undefined for anything else, which is left to a whole FHIRPath engine.
 */
export function compilePath(expression: string, types: ReadonlySet<string>): Draw | undefined {
  const tokens = tokenize(expression);
  if (!tokens) return undefined;
  const parser = new PathParser(tokens, types);
  try {
    const draw = parser.union();
    return parser.isAtEnd() ? draw : undefined;
  } catch (thrown) {
    if (thrown instanceof NotInSubset) return undefined;
    throw thrown;
  }
}

class NotInSubset extends Error {}

const tokenShape = /\s*('(?:[^'\\]|\\.)*'|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|!=|[.()[\]|=])/y;

function tokenize(expression: string): readonly string[] | undefined {
  const text = expression.trim();
  const tokens: string[] = [];
  tokenShape.lastIndex = 0;
  while (tokenShape.lastIndex < text.length) {
    const match = tokenShape.exec(text);
    if (!match?.[1]) return undefined;
    tokens.push(match[1]);
  }
  return tokens;
}

/** Elements with a type in their name; their JSON member is this and the type: occurrenceDateTime. */
const choices: ReadonlySet<string> = new Set(
  (
    'abatement allowed asNeeded bounds born content deceased defaultValue doseNumber effective entity event ' +
    'identified initialValue instantiates item legallyBinding medication multipleBirth occurred occurrence onset ' +
    'performed product scheduled seriesDoses serviced source subject target timing topic value'
  ).split(' '),
);

const choiceTypes = (
  'Address Age Annotation Attachment Base64Binary Boolean Canonical Code CodeableConcept Coding ContactPoint Count ' +
  'Date DateTime Decimal Distance Duration HumanName Id Identifier Instant Integer Markdown Meta Money Oid Period ' +
  'PositiveInt Quantity Range Ratio Reference SampledData Signature String Time Timing UnsignedInt Uri Url Uuid'
).split(' ');

class PathParser {
  readonly #tokens: readonly string[];
  readonly #types: ReadonlySet<string>;
  #at = 0;

  constructor(tokens: readonly string[], types: ReadonlySet<string>) {
    this.#tokens = tokens;
    this.#types = types;
  }

  isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  union(): Draw {
    const branches = [this.#condition()];
    while (this.#take('|')) branches.push(this.#condition());
    const [only] = branches;
    if (only && branches.length === 1) return only;
    return (from) => branches.flatMap((branch) => branch(from));
  }

  /** `a.exists() and a != false`, R4's Patient.deceased: true when there is something other than false. */
  #condition(): Draw {
    const exists = this.#path();
    if (!this.#take('and')) return exists;
    const element = this.#path();
    this.#expect('!=');
    this.#expect('false');
    return (from) => [exists(from)[0] === true && element(from)[0] !== false];
  }

  #path(): Draw {
    let draw = this.#root();
    for (;;) {
      if (this.#take('.')) draw = this.#step(draw);
      else if (this.#take('[')) draw = this.#index(draw);
      else if (this.#take('as')) this.#name();
      else return draw;
    }
  }

  #root(): Draw {
    if (this.#take('(')) {
      const inner = this.union();
      this.#expect(')');
      return inner;
    }
    const name = this.#name();
    // A path begins at the resource, named by its type, or at the element that the composite stands on.
    if (name === '$this' || this.#types.has(name) || name === 'Resource' || name === 'DomainResource') {
      return (from) => [from];
    }
    this.#at--;
    return this.#step((from) => [from]);
  }

  #index(draw: Draw): Draw {
    const place = Number(this.#next());
    this.#expect(']');
    return (from) => draw(from).slice(place, place + 1);
  }

  #step(draw: Draw): Draw {
    const name = this.#name();
    if (this.#peek() === '(') return this.#call(name, draw);
    const type = choices.has(name) ? this.#typeThatFollows() : undefined;
    if (type !== undefined) return members(draw, [name + type]);
    return members(draw, choices.has(name) ? [name, ...choiceTypes.map((each) => name + each)] : [name]);
  }

  /** `.ofType(T)` or `as T` right behind a choice names its JSON member. */
  #typeThatFollows(): string | undefined {
    const [dot, call, open, type, close] = this.#tokens.slice(this.#at, this.#at + 5);
    if (dot === '.' && (call === 'ofType' || call === 'as') && open === '(' && type && close === ')') {
      this.#at += 5;
      return capital(type);
    }
    if (dot === 'as' && call) {
      this.#at += 2;
      return capital(call);
    }
    return undefined;
  }

  #call(name: string, draw: Draw): Draw {
    this.#expect('(');
    switch (name) {
      case 'exists':
        this.#expect(')');
        return (from) => [draw(from).length > 0];
      case 'first':
        this.#expect(')');
        return (from) => draw(from).slice(0, 1);
      case 'extension': {
        const url = this.#string();
        this.#expect(')');
        return where(members(draw, ['extension']), ['url'], url);
      }
      case 'where':
        return this.#where(draw);
      default:
        throw new NotInSubset();
    }
  }

  #where(draw: Draw): Draw {
    const name = this.#name();
    if (name === 'resolve') {
      for (const token of ['(', ')', 'is']) this.#expect(token);
      const type = this.#name();
      this.#expect(')');
      return (from) => draw(from).filter((reference) => refersTo(reference, type));
    }
    const names = [name];
    while (this.#take('.')) names.push(this.#name());
    this.#expect('=');
    const value = this.#string();
    this.#expect(')');
    return where(draw, names, value);
  }

  #string(): string {
    const token = this.#next();
    if (!token.startsWith("'")) throw new NotInSubset();
    return token.slice(1, -1).replace(/\\(.)/g, '$1');
  }

  #name(): string {
    const token = this.#next();
    if (!/^[A-Za-z_]/.test(token)) throw new NotInSubset();
    return token;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new NotInSubset();
    return token;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new NotInSubset();
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function members(draw: Draw, names: readonly string[]): Draw {
  return (from) => {
    const found: unknown[] = [];
    for (const parent of draw(from)) collect(parent, names, found);
    return found;
  };
}

function collect(parent: unknown, names: readonly string[], found: unknown[]): void {
  if (typeof parent !== 'object' || parent === null) return;
  const value = firstMember(parent as Readonly<Record<string, unknown>>, names);
  if (!Array.isArray(value)) {
    if (value !== undefined) found.push(value);
    return;
  }
  for (const item of value) if (item !== null) found.push(item);
}

function firstMember(object: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  for (const name of names) {
    const value = object[name];
    if (value !== undefined) return value;
  }
  return undefined;
}

function where(draw: Draw, [name = '', ...below]: readonly string[], value: string): Draw {
  if (below.length > 0) return whereBelow(draw, [name, ...below], value);
  return (from) =>
    draw(from).filter(
      (item) =>
        typeof item === 'object' && item !== null && (item as Record<string, unknown>)[name] === value,
    );
}

/** FHIRPath has it of one value alone: of two none is equal. */
function whereBelow(draw: Draw, names: readonly string[], value: string): Draw {
  const itself: Draw = (item) => [item];
  const inner = names.reduce((from, name) => members(from, [name]), itself);
  return (from) =>
    draw(from).filter((item) => {
      const [first, ...others] = inner(item);
      return first === value && others.length === 0;
    });
}

/** Without looking the target up: by the type that the reference names. */
function refersTo(reference: unknown, type: string): boolean {
  if (typeof reference !== 'object' || reference === null) return false;
  const { reference: text, type: named } = reference as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') {
    const path = text.replace(/\/_history\/[^/]*$/, '').split('/');
    if (path.length > 1) return path[path.length - 2] === type;
    const conditional = /^([A-Za-z]+)\?/.exec(text)?.[1];
    if (conditional !== undefined) return conditional === type;
  }
  return named === type;
}
