// Changes anywhere in a resource, right and wrong: the oracle says which. The same in every run.

let state = 20240229;

const texts = [
  '2024-02-30',
  '2024',
  'no such code',
  'nosuchcode',
  'http://example.org/other',
  'Patient/1',
  'Observation/2',
  '#lost',
  ' x',
];

/** Gives the same faults in every run. */
function random(below) {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return Math.floor((state / 0x80000000) * below);
}

/** Any change anywhere, be it right or wrong: the oracle says which. An id in place of content is left out: of that
 *  HL7's validator thinks otherwise than ele-1 (a case made by hand says so), and would say it again and again. */
export function randomChanges(resource, count) {
  const cases = {};
  const isFree = ([step, next]) => step !== 'resourceType' && !(step === 'text' && next === 'div');
  const paths = [...pathsOf(resource)].filter(isFree);
  for (let n = 1; n <= count; n++) {
    const path = paths[random(paths.length)];
    const value = path.reduce((at, step) => at[step], resource);
    const possible = changes(path, value);
    cases[`random ${n}`] = possible[random(possible.length)];
  }
  return cases;
}

function* pathsOf(node, path = []) {
  if (path.length > 0) yield path;
  if (typeof node !== 'object') return;
  for (const [key, value] of Object.entries(node))
    yield* pathsOf(value, [...path, Array.isArray(node) ? Number(key) : key]);
}

function changes(path, value) {
  const parent = path.slice(0, -1);
  const last = path.at(-1);
  const double = Array.isArray(value) ? [...value, ...value] : 'x y';
  const always = [[[path]], [[path, { colour: 'red' }]], [[path, 7]], [[path, [value]]], [[path, double]]];
  const renamed = typeof last === 'string' ? [[[path], [[...parent, `${last}s`], value]]] : [];
  return [...always, ...renamed, ...changesOfKind(path, value)];
}

function changesOfKind(path, value) {
  if (typeof value === 'string') return [...texts.map((text) => [[path, text]]), [[path, true]]];
  if (typeof value === 'number') return [-1, 1.5, 0, '1'].map((other) => [[path, other]]);
  if (typeof value !== 'object' || Array.isArray(value)) return [];
  const url = 'http://example.org/StructureDefinition/x';
  return [
    [[[...path, 'id'], 'x1']],
    [[[...path, 'extension'], [{ url, valueString: 'x' }]]],
    [[[...path, 'colour'], 'red']],
  ];
}
