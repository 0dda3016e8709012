import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { toLiteral, withConstants } from './constants.ts';
import {
  columnsOf,
  type Each,
  isObject,
  type ViewColumn,
  type ViewDefinition,
  type ViewFault,
  type ViewSelect,
} from './view-definition.ts';

/** Our own extension: rows of what is forecast for each person. */
export const forecastExtension = 'https://jenner-iis.org/fhir/StructureDefinition/forecast-view';

/** Bounds of what a client may send to be run. */
const most = { depth: 12, columns: 500, path: 2000 } as const;
const namePattern = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
const forecastTypes: ReadonlySet<string> = new Set(['ImmunizationEvaluation', 'ImmunizationRecommendation']);

export type ReadView =
  | { readonly ok: true; readonly view: ViewDefinition }
  | { readonly ok: false; readonly faults: readonly ViewFault[] };

/** What the reading of one definition shares. */
type Reading = {
  readonly faults: ViewFault[];
  readonly constants: Map<string, string>;
};

/** SQL on FHIR 2.1, StructureDefinition-ViewDefinition: its structure and its invariants. Paths are not parsed here. */
export function readView(definition: JsonObject): ReadView {
  const reading: Reading = { faults: [], constants: new Map() };
  const { resource, name } = definition;
  const fault = (text: string, expression: string) => reading.faults.push({ text, expression });
  if (typeof resource !== 'string' || !/^[A-Z][A-Za-z]{1,63}$/.test(resource)) {
    fault('resource must be a type of resources', 'ViewDefinition.resource');
  }
  if (name !== undefined && !(typeof name === 'string' && namePattern.test(name))) {
    fault('name must be a letter and letters, digits or _, 63 at most', 'ViewDefinition.name');
  }
  readConstants(definition['constant'], reading);
  const select = readSelects(definition['select'], 'ViewDefinition.select', reading, 0);
  if (select.length === 0) fault('select must have at least one item', 'ViewDefinition.select');
  const where = listOf(definition['where'], 'ViewDefinition.where', reading).flatMap(
    ([item, at]) => readPath(item['path'], `${at}.path`, reading) ?? [],
  );
  requireColumns(select, reading);
  const isForecast = isForecastView(definition, reading);
  if (reading.faults.length > 0) return { ok: false, faults: reading.faults };
  const view = { resource: String(resource), select, where, isForecast };
  return { ok: true, view: typeof name === 'string' ? { ...view, name } : view };
}

function isForecastView({ resource, extension }: JsonObject, { faults }: Reading): boolean {
  const extensions = Array.isArray(extension) ? (extension as readonly JsonValue[]) : [];
  const isForecast = extensions.some(
    (one) => isObject(one) && one['url'] === forecastExtension && one['valueBoolean'] === true,
  );
  if (isForecast && !forecastTypes.has(String(resource))) {
    const text = `a forecast has no ${resource}; it has ${[...forecastTypes].join(' and ')}`;
    faults.push({ text, expression: 'ViewDefinition.resource' });
  }
  return isForecast;
}

/** The objects of a list, each with its place. */
function listOf(
  value: JsonValue | undefined,
  at: string,
  { faults }: Reading,
): readonly (readonly [JsonObject, string])[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isObject)) {
    return (value as readonly JsonObject[]).map((item, index) => [item, `${at}[${index}]`] as const);
  }
  faults.push({ text: 'a list of objects was expected', expression: at });
  return [];
}

function readConstants(value: JsonValue | undefined, reading: Reading): void {
  for (const [constant, at] of listOf(value, 'ViewDefinition.constant', reading)) {
    const { name } = constant;
    const literal = toLiteral(constant);
    if (typeof name !== 'string' || !namePattern.test(name)) {
      reading.faults.push({ text: 'a constant must have a name', expression: `${at}.name` });
    } else if (literal === undefined) {
      const text = `the constant ${name} must have one value of a primitive type`;
      reading.faults.push({ text, expression: at });
    } else if (reading.constants.has(name)) {
      reading.faults.push({ text: `the constant ${name} is there twice`, expression: at });
    } else {
      reading.constants.set(name, literal);
    }
  }
}

function readPath(value: JsonValue | undefined, at: string, reading: Reading): string | undefined {
  if (typeof value !== 'string' || value.trim() === '' || value.length > most.path) {
    const text = `an expression of FHIRPath was expected, ${most.path} characters at most`;
    reading.faults.push({ text, expression: at });
    return undefined;
  }
  const { path, missing } = withConstants(value, reading.constants);
  if (missing === undefined) return path;
  reading.faults.push({ text: `there is no constant %${missing}`, expression: at });
  return undefined;
}

function readSelects(
  value: JsonValue | undefined,
  at: string,
  reading: Reading,
  depth: number,
): readonly ViewSelect[] {
  if (depth > most.depth) {
    reading.faults.push({ text: `selects may lie ${most.depth} deep`, expression: at });
    return [];
  }
  return listOf(value, at, reading).map(([item, place]) => readSelect(item, place, reading, depth));
}

function readSelect(item: JsonObject, at: string, reading: Reading, depth: number): ViewSelect {
  const each = readEach(item, at, reading);
  const unionAll = readSelects(item['unionAll'], `${at}.unionAll`, reading, depth + 1);
  requireAlike(unionAll, at, reading);
  return {
    columns: listOf(item['column'], `${at}.column`, reading).flatMap(
      ([column, place]) => readColumn(column, place, reading) ?? [],
    ),
    select: readSelects(item['select'], `${at}.select`, reading, depth + 1),
    unionAll,
    ...(each && { each }),
  };
}

function readEach(item: JsonObject, at: string, reading: Reading): Each | undefined {
  const given = (['forEach', 'forEachOrNull', 'repeat'] as const).filter((name) => item[name] !== undefined);
  const [kind, ...others] = given;
  if (kind === undefined) return undefined;
  if (others.length > 0) {
    reading.faults.push({ text: `only one of ${given.join(', ')} may be given`, expression: at });
    return undefined;
  }
  if (kind !== 'repeat') {
    const path = readPath(item[kind], `${at}.${kind}`, reading);
    return path === undefined ? undefined : { kind, path };
  }
  const sent = item['repeat'];
  if (!Array.isArray(sent) || sent.length === 0) {
    reading.faults.push({ text: 'repeat must be a list of paths', expression: `${at}.repeat` });
    return undefined;
  }
  const paths = (sent as readonly JsonValue[]).flatMap((one) => readPath(one, `${at}.repeat`, reading) ?? []);
  return { kind, paths };
}

function readColumn(item: JsonObject, at: string, reading: Reading): ViewColumn | undefined {
  const { name, type, collection } = item;
  const path = readPath(item['path'], `${at}.path`, reading);
  const fault = (text: string, member: string) =>
    reading.faults.push({ text, expression: `${at}.${member}` });
  if (typeof name !== 'string' || !namePattern.test(name)) {
    fault('a column must have a name of a letter and letters, digits or _', 'name');
    return undefined;
  }
  if (type !== undefined && typeof type !== 'string') fault('type must be a text', 'type');
  if (collection !== undefined && typeof collection !== 'boolean')
    fault('collection must be true or false', 'collection');
  if (path === undefined) return undefined;
  const ansiType = tagOf(item['tag'], 'ansi/type');
  return {
    name,
    path,
    isCollection: collection === true,
    ...(typeof type === 'string' && { type: type.slice(type.lastIndexOf('/') + 1) }),
    ...(ansiType !== undefined && { ansiType }),
  };
}

function tagOf(value: JsonValue | undefined, name: string): string | undefined {
  const tags = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  for (const tag of tags) {
    if (isObject(tag) && tag['name'] === name && typeof tag['value'] === 'string') return tag['value'];
  }
  return undefined;
}

/** The alternatives of a unionAll have the same columns in the same order. */
function requireAlike(unionAll: readonly ViewSelect[], at: string, { faults }: Reading): void {
  const headings = unionAll.map((one) =>
    columnsOf([one])
      .map(({ name, type = '', isCollection }) => `${name} ${type} ${isCollection}`)
      .join('\n'),
  );
  if (headings.every((heading) => heading === headings[0])) return;
  const text = 'all items of unionAll must have the same columns, of the same types, in the same order';
  faults.push({ text, expression: `${at}.unionAll` });
}

function requireColumns(select: readonly ViewSelect[], { faults }: Reading): void {
  const names = columnsOf(select).map(({ name }) => name);
  const fault = (text: string) => faults.push({ text, expression: 'ViewDefinition.select' });
  if (names.length > most.columns) fault(`a view may have ${most.columns} columns`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) fault(`the column ${twice} is there twice`);
  if (names.length === 0 && faults.length === 0) fault('a view must have a column');
}
