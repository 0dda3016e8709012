// From the table of types to standalone JavaScript: a file for the datatypes, a file for each resource type.
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { transform } from 'esbuild';
import { fhirKeywords } from './build-definitions-keywords.mjs';

const jsonTypes = {
  boolean: 'boolean',
  decimal: 'number',
  integer: 'integer',
  unsignedInt: 'integer',
  positiveInt: 'integer',
};

/** Pairs of file name and code. */
export async function compileStructure(types, valueSets) {
  const groups = groupByFile(types);
  const files = [['codes', codesFile(types, valueSets)]];
  for (const [file, names] of groups) {
    const schemas = names.map((name) => ({ $id: name, ...toSchema(name, types, valueSets) }));
    files.push([file, compileFile(file, schemas)]);
  }
  const minified = files.map(async ([name, code]) => {
    const { code: small } = await transform(code, {
      minify: true,
      treeShaking: true,
      format: 'cjs',
      target: 'node20',
    });
    return [name, small];
  });
  return Promise.all(minified);
}

/** 'types' holds the datatypes; a resource's file holds its backbone elements too. */
function groupByFile(types) {
  const groups = new Map([['types', []]]);
  for (const [name, { kind, abstract }] of Object.entries(types)) {
    const [owner] = name.split('.');
    if (kind === 'primitive' || (abstract && types[owner].kind === 'resource')) continue;
    const file = types[owner].kind === 'resource' ? owner : 'types';
    groups.set(file, [...(groups.get(file) ?? []), name]);
  }
  return groups;
}

function codesFile(types, valueSets) {
  const bound = Object.values(types).flatMap(({ elements = {} }) =>
    Object.values(elements).map(({ binding }) => binding?.required),
  );
  const lists = [...new Set(bound)]
    .filter((url) => valueSets[url])
    .map((url) => {
      const codes = Object.values(valueSets[url]).flat();
      return `${JSON.stringify(url)}: new Set(${JSON.stringify(codes)})`;
    });
  return `module.exports = {${lists.join(',\n')}};`;
}

function compileFile(file, schemas) {
  const ajv = new Ajv({
    schemas,
    keywords: fhirKeywords,
    allErrors: true,
    messages: false,
    allowUnionTypes: true,
    strictTypes: false,
    code: { source: true, esm: false, optimize: 1 },
  });
  const code = standaloneCode(ajv, Object.fromEntries(schemas.map(({ $id }) => [$id, $id])));
  const datatypes = file === 'types' ? 'exports' : "require('./types.cjs')";
  const lines = [
    "const codes = require('./codes.cjs');",
    `const types = ${datatypes};`,
    'const own = exports;',
  ];
  // Nobody reads where in the schema an error comes from.
  return `${lines.join('\n')}\n${code.replaceAll(/schemaPath:"[^"]*",/g, '')}`;
}

function toSchema(name, types, valueSets) {
  const { kind, elements } = types[name];
  const properties = kind === 'resource' ? { resourceType: { type: 'string' } } : {};
  const all = Object.entries(elements).map(([element, facts]) => ({
    element,
    facts,
    keys: keysOf(element, facts, types),
  }));
  for (const { facts, keys } of all) {
    for (const { key, type, primitive } of keys) {
      properties[key] = arrayOf(facts, valueSchema(type, facts, types, valueSets));
      if (primitive) properties[`_${key}`] = arrayOf(facts, siblingSchema(facts));
    }
  }
  const isChoice = ({ element }) => element.endsWith('[x]');
  const choices = all
    .filter(isChoice)
    .map(({ element, facts, keys }) => ({ element, min: facts.min ?? 0, keys }));
  const mandatory = all.filter((each) => !isChoice(each) && each.facts.min).map(({ keys }) => keys[0]);
  return { type: 'object', elements: Object.keys(properties), properties, mandatory, choices };
}

/** The names under which an element may stand in JSON. */
function keysOf(element, { types: codes, attribute = false }, types) {
  return codes.map((type) => {
    const suffix = type === 'SimpleQuantity' ? 'Quantity' : type[0].toUpperCase() + type.slice(1);
    const key = element.endsWith('[x]') ? element.slice(0, -3) + suffix : element;
    return { key, type, primitive: types[type].kind === 'primitive' && type !== 'xhtml' && !attribute };
  });
}

function valueSchema(type, { max, binding }, types, valueSets) {
  if (types[type].kind === 'primitive') {
    const jsonType = jsonTypes[type] ?? 'string';
    const bound = type === 'code' && valueSets[binding?.required] && { code: binding.required };
    return { type: max === undefined ? jsonType : [jsonType, 'null'], ...bound };
  }
  if (types[type].kind === 'resource') {
    // Its check would lie in another file, and R4 has no element of one resource type.
    if (!types[type].abstract) throw new Error(`an element of the type ${type}: expected Resource`);
    return { type: 'object' };
  }
  return { is: type };
}

function siblingSchema({ max }) {
  return { is: 'Element', ...(max !== undefined && { orNull: true }) };
}

function arrayOf({ max }, items) {
  if (max === undefined) return items;
  return { type: 'array', items, minItems: 1, ...(max !== '*' && { maxItems: max }) };
}
