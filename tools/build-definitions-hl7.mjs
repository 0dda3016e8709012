// The package of StructureDefinitions carries elements that R4 does not have (its publisher's own, and some of R5).
// HL7's JSON schema is the second witness: what it does not know goes, and a difference in shape stops the build.

/** Changes `types`. The schema is of 4.0.0; that a `Meta` may stand in any open choice came with 4.0.1. */
export function alignWithHl7(types, { definitions }) {
  const seen = new Map();
  for (const [name, { kind, abstract }] of Object.entries(types)) {
    const known = kind !== 'primitive' && definitions[name] && !(kind === 'resource' && abstract);
    if (known) alignType(name, name, { types, definitions, seen });
  }
  for (const name of Object.keys(types)) if (name.includes('.') && !seen.has(name)) delete types[name];
}

function alignType(name, theirName, context) {
  const { types, definitions, seen } = context;
  if (seen.has(name)) return;
  seen.set(name, theirName);
  const { elements } = types[name];
  const { properties, required = [] } = definitions[theirName];
  for (const [element, definition] of Object.entries(elements)) {
    const keys = keysOf(element, definition);
    const known = keys.filter((key) => properties[key] || key.endsWith('Meta'));
    if (!properties[keys[0]]) delete elements[element];
    else if (known.length < keys.length) throw new Error(`HL7's schema lacks a type of ${name}.${element}`);
    else alignElement(name, element, properties[keys[0]], context);
  }
  for (const element of required) if (elements[element]) elements[element].min = 1;
  const ours = new Set(
    Object.entries(elements).flatMap(([element, definition]) => keysOf(element, definition)),
  );
  // Its schema gives backbones inside of datatypes a modifierExtension; they are Elements and have none.
  const isOurs = (key) =>
    ours.has(key) || key.startsWith('_') || /^(resourceType|modifierExtension)$/.test(key);
  const missing = Object.keys(properties).filter((key) => !isOurs(key));
  if (missing.length > 0) throw new Error(`${name} lacks ${missing.join(', ')} of HL7's schema`);
}

function alignElement(name, element, property, context) {
  const definition = context.types[name].elements[element];
  if ((property.type === 'array') !== (definition.max !== undefined)) {
    throw new Error(`${name}.${element}: HL7's schema differs in whether it repeats`);
  }
  const theirType = (property.$ref ?? property.items?.$ref)?.slice('#/definitions/'.length);
  if (!theirType || element.endsWith('[x]')) return;
  if (definition.types[0] === `${name}.${element}`) alignType(definition.types[0], theirType, context);
  else if (context.types[theirType]?.kind === 'primitive') definition.types = [theirType];
}

function keysOf(element, { types }) {
  if (!element.endsWith('[x]')) return [element];
  const suffix = (type) => (type === 'SimpleQuantity' ? 'Quantity' : type[0].toUpperCase() + type.slice(1));
  return types.map((type) => element.slice(0, -3) + suffix(type));
}
