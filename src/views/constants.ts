import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { tableOf } from '../values/table-of.ts';

/** Texts, and what else FHIRPath has no literal of its own for. */
const textTypes: ReadonlySet<string> = new Set(
  'Base64Binary Canonical Code Id Markdown Oid String Uri Url Uuid'.split(' '),
);
const numberTypes: ReadonlySet<string> = new Set(
  'Decimal Integer Integer64 PositiveInt UnsignedInt'.split(' '),
);

/** A constant of a view as a literal of FHIRPath; undefined where it has no value, several, or none of a known type. */
export function toLiteral(constant: JsonObject): string | undefined {
  const values = Object.entries(constant).filter(([member]) => /^value[A-Z]/.test(member));
  const [only, ...others] = values;
  if (!only || others.length > 0) return undefined;
  return literalOf(only[0].slice('value'.length), only[1]);
}

function literalOf(type: string, value: JsonValue | undefined): string | undefined {
  if (type === 'Boolean') return typeof value === 'boolean' ? String(value) : undefined;
  if (numberTypes.has(type)) return numberLiteral(value);
  if (typeof value !== 'string') return undefined;
  if (textTypes.has(type)) return quote(value);
  const shape = temporal[type];
  if (!shape?.test(value)) return undefined;
  if (type === 'Time') return `@T${value}`;
  // FHIRPath: a dateTime that stops at the day has the T all the same.
  return type === 'DateTime' && !value.includes('T') ? `@${value}T` : `@${value}`;
}

const temporal: Readonly<Record<string, RegExp>> = tableOf({
  Date: /^\d{4}(-\d\d(-\d\d)?)?$/,
  DateTime: /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?$/,
  Instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  Time: /^\d\d:\d\d:\d\d(\.\d+)?$/,
});

/** FHIRPath has no exponents. */
function numberLiteral(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  return text.startsWith('-') ? `(${text})` : text;
}

function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `'${escaped}'`;
}

/** A literal, a name in quotes, a comment, or an environment variable. */
const tokens =
  /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*|%(?:`([^`]*)`|'([^']*)'|([A-Za-z_][A-Za-z0-9_-]*))/g;

/** What SQL on FHIR and FHIRPath have for every expression. */
const known: ReadonlySet<string> = new Set([
  'context',
  'loinc',
  'resource',
  'rootResource',
  'rowIndex',
  'sct',
  'ucum',
]);

/** The path with its constants written out; undefined with the name of the first that there is none of. */
export function withConstants(
  path: string,
  constants: ReadonlyMap<string, string>,
): { readonly path: string; readonly missing?: string } {
  let missing: string | undefined;
  const written = path.replaceAll(tokens, (token, back?: string, quoted?: string, plain?: string) => {
    const name = back ?? quoted ?? plain;
    if (name === undefined) return token;
    const literal = constants.get(name);
    if (literal !== undefined) return literal;
    if (!known.has(name)) missing ??= name;
    return token;
  });
  return missing === undefined ? { path: written } : { path: written, missing };
}
