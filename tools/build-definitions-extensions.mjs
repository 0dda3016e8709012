// The extensions that the core specification defines, as differentials that the profile compiler reads.

const kept = ['id', 'sliceName', 'min', 'max', 'binding', 'slicing', 'constraint', 'contentReference'];
const universal = new Set(['ele-1', 'ext-1']);

/** url -> StructureDefinition with the facts that are checked, and nothing else. */
export function trimExtensions(definitions) {
  const extensions = {};
  for (const definition of definitions) {
    if (definition.resourceType !== 'StructureDefinition' || definition.type !== 'Extension') continue;
    const { url, name, type, baseDefinition, context, differential } = definition;
    extensions[url] = {
      url,
      name,
      type,
      baseDefinition,
      context: contextOf(url, context),
      differential: { element: differential.element.map(trimElement) },
    };
  }
  return extensions;
}

/** R4's own StructureDefinitions carry fhir-type on the type, not on its code as the extension says. */
const fhirType = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

function contextOf(url, context) {
  const given = context?.map(({ type, expression }) => ({ type, expression }));
  return url === fhirType ? [...given, { type: 'element', expression: 'ElementDefinition.type' }] : given;
}

function trimElement(element) {
  const facts = {};
  for (const [name, value] of Object.entries(element)) {
    if (kept.includes(name) || /^(fixed|pattern)[A-Z]/.test(name)) facts[name] = value;
  }
  if (element.type)
    facts.type = element.type.map(({ code, profile, targetProfile }) => ({ code, profile, targetProfile }));
  if (element.isModifier) facts.isModifier = true;
  if (facts.binding) facts.binding = trimBinding(facts.binding);
  if (facts.constraint) {
    facts.constraint = facts.constraint
      .filter(({ key }) => !universal.has(key))
      .map(({ key, severity, human, expression }) => ({ key, severity, human, expression }));
    if (facts.constraint.length === 0) delete facts.constraint;
  }
  return facts;
}

/** `required` and `extensible` as keys too, where the expansion of value sets looks for them. */
function trimBinding({ strength, valueSet }) {
  const url = valueSet?.split('|')[0];
  return { strength, valueSet: url, [strength]: url };
}
