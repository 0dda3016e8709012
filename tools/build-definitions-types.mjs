// From the snapshots of StructureDefinitions to the table of types that the validator walks by.

const structureDefinition = 'http://hl7.org/fhir/StructureDefinition/';
/** Checked by code of their own on every element or resource, so they need not stand in the data. */
const universal = /^(ele-1|ext-1|dom-.*|txt-[12])$/;
/** In the published file by mistake: they are not of R4, or (EvidenceVariable) of the shape that R5 gave them. */
const notR4 = new Set(['SubscriptionStatus', 'MetadataResource', 'EvidenceVariable']);

/**
 * `types`: one entry a resource, datatype and backbone element (named by its path, `Patient.contact`).
 * `constraints`: the invariants by key; those with one key and two expressions carry the path in their key.
 */
export function trimTypes(resources) {
  const types = {};
  const constraints = {};
  for (const definition of resources) {
    if (definition.resourceType !== 'StructureDefinition' || notR4.has(definition.name)) continue;
    if (definition.derivation === 'constraint' && definition.name !== 'SimpleQuantity') continue;
    trimDefinition(definition, types, constraints);
  }
  return { types, constraints };
}

function trimDefinition({ name, kind, abstract, snapshot }, types, constraints) {
  if (kind === 'primitive-type') {
    types[name] = { kind: 'primitive' };
    return;
  }
  const [root, ...elements] = snapshot.element;
  const typeName = (path) => path.replace(root.path, name);
  const parents = new Set(elements.map(({ path }) => parentOf(path)));
  const rulesOf = (element) => list('constraints', constraintKeys(element, constraints));
  const shape = { kind: kind === 'resource' ? 'resource' : 'complex', ...(abstract && { abstract: true }) };
  types[name] = { ...shape, elements: {}, ...rulesOf(root) };
  for (const element of elements) {
    const { path, max } = element;
    // SimpleQuantity has no comparator.
    if (max === '0') continue;
    const type = parents.has(path) ? typeName(path) : undefined;
    // The rules of a backbone element stand with its type, which other elements may share.
    if (type) types[type] = { kind: 'backbone', elements: {}, ...rulesOf(element) };
    const facts = { ...trimElement(element, type), ...(!type && rulesOf(element)) };
    types[typeName(parentOf(path))].elements[path.slice(path.lastIndexOf('.') + 1)] = facts;
  }
}

function parentOf(path) {
  return path.slice(0, path.lastIndexOf('.'));
}

function constraintKeys({ constraint = [] }, constraints) {
  return constraint.filter(({ key }) => !universal.test(key)).map((each) => keep(constraints, each));
}

function trimElement(element, nestedType) {
  const { min, max, binding } = element;
  return {
    ...(min > 0 && { min }),
    ...(max !== '1' && { max: max === '*' ? '*' : Number(max) }),
    types: nestedType ? [nestedType] : typeNames(element),
    ...list('targets', targetTypes(element)),
    ...(isBound(binding) && { binding: { [binding.strength]: binding.valueSet.split('|')[0] } }),
    // An attribute in XML (Element.id, Extension.url) has no extensions, so no `_id` in JSON.
    ...(element.representation?.includes('xmlAttr') && { attribute: true }),
    ...(element.isModifier && { modifier: true }),
    ...(element.isSummary && { summary: true }),
  };
}

function isBound(binding) {
  return /^(required|extensible)$/.test(binding?.strength) && binding.valueSet !== undefined;
}

function typeNames(element) {
  const { contentReference } = element;
  if (contentReference) return [contentReference.slice(contentReference.indexOf('#') + 1)];
  return (element.type ?? []).map(typeCode(element));
}

/** Empty where the reference may point at anything. */
function targetTypes({ type = [] }) {
  const urls = type.flatMap(({ code, targetProfile = [] }) => (code === 'Reference' ? targetProfile : []));
  const targets = new Set(urls.map((url) => url.slice(structureDefinition.length)));
  return targets.has('Resource') ? [] : [...targets];
}

const typeCode = (element) => (type) => {
  if (element.path === 'Extension.url') return 'uri';
  // R4 lets any resource stand there; the published file has the type of a later release.
  if (element.path === 'Bundle.entry.response.outcome') return 'Resource';
  if (/^[A-Z]\w*\.id$/.test(element.path) && element.base.path === 'Resource.id') return 'id';
  if (type.code.startsWith('http://hl7.org/fhirpath/')) return 'string';
  return type.profile?.[0] === `${structureDefinition}SimpleQuantity` ? 'SimpleQuantity' : type.code;
};

/** Returns the key under which the constraint stands in the table. */
function keep(constraints, { key, severity, human, expression }) {
  for (let name = key; ; name += "'") {
    const known = constraints[name];
    if (known && known.expression !== expression) continue;
    constraints[name] = { severity, human, expression };
    return name;
  }
}

function list(name, values) {
  return values.length > 0 && { [name]: values };
}
