// Changes of other kinds than those of oracle-random.mjs, anywhere in a resource: the oracle says which are right.
import { applyEdits } from '../test/unit/fhir/validation/apply-edits.ts';

let state = 19770314;

/** Gives the same changes in every run. */
function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 0x100000000) * below);
}

/** Changes that the other set does not make, right and wrong. A change that changes nothing is drawn again. */
export function moreChanges(resource, count) {
  const paths = [...pathsOf(resource)].filter(([step]) => step !== 'resourceType');
  const cases = {};
  while (Object.keys(cases).length < count) {
    const path = paths[random(paths.length)];
    const value = path.reduce((at, step) => at[step], resource);
    const possible = changesOf(resource, path, value);
    const edits = possible[random(possible.length)];
    const isSame = JSON.stringify(applyEdits(resource, edits)) === JSON.stringify(resource);
    if (!isSame) cases[`change ${Object.keys(cases).length + 1}`] = edits;
  }
  return cases;
}

function* pathsOf(node, path = []) {
  if (path.length > 0) yield path;
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node))
    yield* pathsOf(value, [...path, Array.isArray(node) ? Number(key) : key]);
}

function changesOf(resource, path, value) {
  const kind = Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
  const anyKind = [[[path, null]], [[path, kind === 'object' ? [] : {}]], ...moves(resource, path, value)];
  return [...anyKind, ...(changesByKind[kind]?.(path, value) ?? [])];
}

/** The element under the name of another, with a capital, with another type of a choice, or a level up. */
function moves(resource, path, value) {
  const last = path.at(-1);
  if (typeof last !== 'string') return [[[[...path.slice(0, -1), last + 1], value]]];
  const parent = path.slice(0, -1);
  const others = Object.keys(parent.reduce((at, step) => at[step], resource)).filter(
    (key) => key !== last && key !== 'resourceType',
  );
  const other = others[random(others.length)];
  const capital = last[0].toUpperCase() + last.slice(1);
  const choice = last.match(/^(value|occurrence|onset|effective|performed|deceased)[A-Z]/)?.[1];
  const isInside = typeof parent.at(-1) === 'string';
  return [
    [[path], [[...parent, capital], value]],
    ...(other ? [[[[...parent, other], value]]] : []),
    ...(choice ? [[[path], [[...parent, `${choice}String`], 'x']]] : []),
    ...(isInside ? [[[[...parent.slice(0, -1), last], value]]] : []),
  ];
}

const absent = {
  extension: [
    { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'asked-declined' },
  ],
};

const changesByKind = {
  string: (path, value) => [
    ...[
      value.toUpperCase(),
      `${value} `,
      `\n${value}`,
      value.slice(0, -1),
      `${value}1`,
      '',
      '2024-06-31T10:00:00Z',
    ].map((text) => [[path, text]]),
    ...siblings(path),
  ],
  number: (path, value) => [
    ...[String(value), value + 0.5, -value, 1e21, true].map((other) => [[path, other]]),
    ...siblings(path),
  ],
  boolean: (path, value) => [[[path, !value]], [[path, String(value)]], [[path, 0]], ...siblings(path)],
  list: (path, value) => [
    [[path, value[0]]],
    [[path, []]],
    [[path, value.toReversed()]],
    [[path, [...value, null]]],
    [[path, [...value, value[0]]]],
    [[path, [value]]],
  ],
  object: (path, value) => [
    [[path, absent]],
    [[path, { ...value, ...absent }]],
    [[path, { ...value, extension: [{ url: 'http://example.org/x', valueDecimal: 0.1, valueInteger: 1 }] }]],
    [[path, { ...value, display: 'words' }]],
    [[path, { ...value, code: 'x' }]],
    [[path, [value]]],
    [[path, 'words']],
  ],
};

/** Beside a primitive, or in its place, an extension or an id. */
function siblings(path) {
  const last = path.at(-1);
  if (typeof last !== 'string') return [];
  const beside = [...path.slice(0, -1), `_${last}`];
  return [
    [[beside, absent]],
    [[path], [beside, absent]],
    [[beside, { id: 'b' }]],
    [[beside, [absent]]],
    [[beside, { extension: [{ url: 'http://example.org/x', valueAge: { value: 1 } }] }]],
  ];
}
