// Makes hl7v2/guide/ from NIST's conformance profiles of CDC's guide: usage, lengths, tables, conditions, nothing else.
//   node tools/import-v2-guide.mjs NIST_PROFILES_FOLDER OUT
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertionOf, fieldPath, inGroup } from './v2-guide-assertions.mjs';
import { all, child, children, parseXml } from './v2-guide-xml.mjs';

const [, , source, out] = process.argv;
if (!source || !out) {
  console.error('node tools/import-v2-guide.mjs NIST_PROFILES_FOLDER OUT');
  process.exit(1);
}

const number = (text) => (text === undefined || text === '*' ? null : Number(text));
const place = (location) => {
  if (location === undefined) return undefined;
  const places = location.split(':').map(Number);
  return places.length > 1 ? places : places[0];
};

/** Rows are short: what stands at the end and says nothing is left out. */
const row = (cells) => cells.slice(0, cells.findLastIndex((cell) => cell !== undefined) + 1);

const bindingOf = ({ Binding, BindingLocation }) => [Binding, Binding ? place(BindingLocation) : undefined];

/** [name, usage, min, max, type, minLength, maxLength, table, place of the code] */
const fieldRow = ({ attributes: a }) =>
  row([
    a.Name,
    a.Usage,
    +a.Min,
    number(a.Max),
    a.Datatype,
    +a.MinLength,
    number(a.MaxLength),
    ...bindingOf(a),
  ]);

/** [name, usage, type, minLength, maxLength, table, place of the code] */
const componentRow = ({ attributes: a }) =>
  row([a.Name, a.Usage, a.Datatype, +a.MinLength, number(a.MaxLength), ...bindingOf(a)]);

/** The rules that stand under Predicates or Constraints for a kind of element: by ID or by name. */
function rulesOf(context, part, kind) {
  const found = new Map();
  const holder = child(child(context, part), kind);
  for (const by of holder ? children(holder) : []) {
    found.set(by.attributes.ID ?? by.attributes.Name, children(by));
  }
  return found;
}

/** [target, usage where it holds, usage where not, assertion] */
const conditionRow = (path) => (rule) => {
  const { Target, TrueUsage, FalseUsage } = rule.attributes;
  return [path(Target), TrueUsage, FalseUsage, assertionOf(children(child(rule, 'Condition'))[0], path)];
};

/** [id, target, assertion] */
const statementRow = (path) => (rule) => [
  rule.attributes.ID,
  path(rule.attributes.Target),
  assertionOf(children(child(rule, 'Assertion'))[0], path),
];

function withRules(context, kind, id, path) {
  const conditions = (rulesOf(context, 'Predicates', kind).get(id) ?? []).map(conditionRow(path));
  const statements = (rulesOf(context, 'Constraints', kind).get(id) ?? []).map(statementRow(path));
  return { ...(conditions.length > 0 && { conditions }), ...(statements.length > 0 && { statements }) };
}

function variesOf(segment) {
  const mapping = child(child(segment, 'DynamicMapping'), 'Mapping');
  if (!mapping) return {};
  const { Position, Reference, SecondReference } = mapping.attributes;
  const cases = children(mapping).map(({ attributes: a }) => [a.Value, a.SecondValue ?? null, a.Datatype]);
  return { varies: { field: +Position, by: row([Reference, SecondReference]), cases } };
}

function importProfile(name) {
  const profile = parseXml(readFileSync(join(source, `${name}_Profile.xml`), 'utf8'));
  const context = parseXml(readFileSync(join(source, `${name}_Constraints.xml`), 'utf8'));
  const message = child(child(profile, 'Messages'), 'Message');
  const nameOf = new Map(
    children(child(profile, 'Segments')).map((one) => [one.attributes.ID, one.attributes.Name]),
  );
  const structure = (node) => {
    const { Ref, Name, ID, Usage, Min, Max } = node.attributes;
    const bounds = { usage: Usage, min: +Min, max: number(Max) };
    if (Ref) return { segment: nameOf.get(Ref), ...bounds };
    const path = inGroup(node, nameOf);
    const rules = [ID, Name]
      .map((id) => withRules(context, 'Group', id, path))
      .find((r) => Object.keys(r).length > 0);
    return { group: Name.split('.').at(-1), ...bounds, of: children(node).map(structure), ...rules };
  };
  const segments = {};
  for (const segment of children(child(profile, 'Segments'))) {
    const { ID, Name, Description } = segment.attributes;
    if (segments[Name]) throw new Error(`${name}: two definitions of ${Name}`);
    const fields = all(segment, 'Field').map(fieldRow);
    const rules = withRules(context, 'Segment', ID, fieldPath);
    segments[Name] = { title: Description, fields, ...variesOf(segment), ...rules };
  }
  const types = {};
  for (const type of children(child(profile, 'Datatypes'))) {
    const { ID, Name } = type.attributes;
    types[ID] = {
      name: Name,
      components: all(type, 'Component').map(componentRow),
      ...withRules(context, 'Datatype', ID, fieldPath),
    };
  }
  const { Type, Event, StructID, Identifier } = message.attributes;
  const messageRules = withRules(context, 'Message', message.attributes.ID, inGroup(message, nameOf));
  const statements = messageRules.statements ? { statements: messageRules.statements } : {};
  return {
    id: Identifier,
    type: row([Type, Type === Event ? undefined : Event, Type === Event ? undefined : StructID]),
    structure: children(message).map(structure),
    ...statements,
    segments: pick(segments, segmentNames(children(message).map(structure))),
    types: pick(types, reachableTypes(segments, types)),
  };
}

const segmentNames = (nodes) =>
  nodes.flatMap((node) => (node.segment ? [node.segment] : segmentNames(node.of)));

const pick = (record, names) => Object.fromEntries([...new Set(names)].map((name) => [name, record[name]]));

function reachableTypes(segments, types) {
  const reached = new Set();
  const reach = (id) => {
    if (id === 'varies' || reached.has(id)) return;
    if (!types[id]) throw new Error(`no type ${id}`);
    reached.add(id);
    for (const [, , type] of types[id].components) reach(type);
  };
  for (const { fields, varies } of Object.values(segments)) {
    for (const [, , , , type] of fields) reach(type);
    for (const [, , type] of varies?.cases ?? []) reach(type);
  }
  return [...reached].sort();
}

/** The tables of all profiles, which agree: codes by the name of their code system. */
function importTables(names) {
  const tables = {};
  for (const name of names) {
    const library = parseXml(readFileSync(join(source, `${name}_ValueSetLibrary.xml`), 'utf8'));
    const unchecked = new Set(
      all(child(library, 'NoValidation'), 'BindingIdentifier').map(({ text }) => text),
    );
    for (const set of children(library).flatMap((group) => all(group, 'ValueSetDefinition'))) {
      const id = set.attributes.BindingIdentifier;
      const table = tableOf(set);
      if (tables[id] && JSON.stringify(tables[id].codes) !== JSON.stringify(table.codes)) {
        throw new Error(`${name}: ${id} differs`);
      }
      tables[id] = { ...(unchecked.has(id) && { unchecked: true }), ...tables[id], ...table };
    }
  }
  return Object.fromEntries(Object.entries(tables).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tableOf(set) {
  const codes = {};
  for (const { attributes } of children(set)) {
    codes[attributes.CodeSystem] = [...(codes[attributes.CodeSystem] ?? []), attributes.Value];
  }
  return { ...(set.attributes.Extensibility === 'Open' && { open: true }), codes };
}

/** One table, segment or type a line. */
function format(document) {
  const lines = Object.entries(document).map(([key, value]) => {
    const nested = key === 'segments' || key === 'types';
    if (!nested) return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    const inner = Object.entries(value).map(
      ([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`,
    );
    return `${JSON.stringify(key)}:{\n${inner.join(',\n')}}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

const names = readdirSync(source)
  .filter((file) => file.endsWith('_Profile.xml'))
  .map((file) => file.slice(0, -'_Profile.xml'.length))
  .sort();
mkdirSync(out, { recursive: true });
for (const name of names) {
  const profile = importProfile(name);
  writeFileSync(join(out, `${profile.id.toLowerCase()}.json`), format(profile));
}
writeFileSync(join(out, 'tables.json'), format(importTables(names)));
console.log(`${names.length} profiles and their tables in ${out}`);
