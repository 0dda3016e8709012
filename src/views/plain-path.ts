import { compilePath } from '../search/compile-path.ts';
import { keyOfReference, keyOfResource } from './keys.ts';
import type { Draw } from './view-path.ts';

/** Elements that are codes and texts in every type of R4, so that `=` compares texts. */
const comparable = 'code|display|family|language|linkId|status|system|type|url|use';
/** Elements that are choices of types wherever R4 has them. */
const choices = 'abatement|deceased|doseNumber|effective|multipleBirth|occurrence|onset|seriesDoses';
const type = '\\.ofType\\([A-Za-z]+\\)';
const extension = "extension\\('[^'\\\\]*'\\)";
const where = `\\.where\\(\\s*(?:[a-z][A-Za-z0-9]*\\.)*(?:${comparable})\\s*=\\s*'[^'\\\\]*'\\s*\\)`;
const step = `(?:\\.first\\(\\)|\\[\\d+\\]|${where})`;
/** `value` is a choice of an extension, and no choice elsewhere (ContactPoint). */
const part = [
  `${extension}${step}*\\.value${type}`,
  `${extension}`,
  `(?:${choices})${type}`,
  '\\$this',
  '[a-z][A-Za-z0-9]*',
]
  .map((each) => `${each}${step}*`)
  .join('|');
const path = `(?:${part})(?:\\.(?:${part}))*`;

const plainPath = new RegExp(`^${path}(?:\\.exists\\(\\))?$`);
const emptyPath = new RegExp(`^(${path})\\.empty\\(\\)$`);
const joinedPath = new RegExp(`^(${path})\\.join\\(\\s*(?:'([^'\\\\]*)')?\\s*\\)$`);
const referenceKey = new RegExp(`^(${path})\\.getReferenceKey\\(\\s*([A-Z][A-Za-z]*)?\\s*\\)$`);
const textLiteral = /^'([^'\\]*)'$/;
const noTypes: ReadonlySet<string> = new Set();

/**
 * Compiles the paths that most columns have to plain functions: members, choices by `ofType`, `first()`, an index,
 * `where` by a code, `extension`, `exists()`, `empty()`, `join`, the keys, a text, `%rowIndex`. Each answers what
 * FHIRPath's library answers, some hundred times as fast. Undefined for any other path, which the library is for.
 */
export function compilePlainPath(expression: string, baseUrl: string): Draw | undefined {
  const text = expression.trim();
  const literal = textLiteral.exec(text)?.[1];
  if (literal !== undefined) return () => [literal];
  if (text === '%rowIndex') return (_focus, { rowIndex }) => [rowIndex];
  if (text === 'getResourceKey()') return keyOfResource;
  const key = referenceKey.exec(text);
  if (key?.[1]) return mapped(key[1], (references) => keysOf(references, key[2], baseUrl));
  const joined = joinedPath.exec(text);
  if (joined?.[1]) {
    const separator = joined[2] ?? '';
    return mapped(joined[1], (values) => (values.every(isText) ? [values.join(separator)] : undefined));
  }
  const empty = emptyPath.exec(text);
  if (empty?.[1]) return mapped(empty[1], (values) => [values.length === 0]);
  return plainPath.test(text) ? mapped(text, (values) => values) : undefined;
}

function keysOf(
  references: readonly unknown[],
  type: string | undefined,
  baseUrl: string,
): readonly string[] {
  return references.flatMap((reference) => keyOfReference(reference, type, baseUrl) ?? []);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Undefined where the search's compiler does not know the path either. */
function mapped(
  text: string,
  map: (values: readonly unknown[]) => readonly unknown[] | undefined,
): Draw | undefined {
  const draw = compilePath(text, noTypes);
  return draw && ((focus) => map(draw(focus)) ?? []);
}
