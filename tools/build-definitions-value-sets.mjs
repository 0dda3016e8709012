// Expands the value sets that required and extensible bindings name, as far as the published files can tell.

/** The published files only name ISO's list; that of Unicode has today's and former currencies. */
const currencies = 'http://hl7.org/fhir/ValueSet/currencies';

/** What more codes than this has is no list to carry along; its binding is not checked. */
const largest = 5000;

/** url -> { system: [codes] }. A value set that cannot be expanded offline is left out. */
export function expandValueSets(resources, tables) {
  const byUrl = new Map();
  for (const each of resources) {
    // v2 and v3 files come after the core's own, which win.
    const key = `${each.resourceType} ${each.url}`;
    if (!byUrl.has(key)) byUrl.set(key, each);
  }
  const expansions = {};
  for (const url of [...boundUrls(tables)].sort()) {
    const codes = expand(url, byUrl, new Set());
    const size = codes && Object.values(codes).reduce((sum, list) => sum + list.size, 0);
    if (!size || size > largest) continue;
    expansions[url] = Object.fromEntries(Object.entries(codes).map(([system, list]) => [system, [...list]]));
  }
  return expansions;
}

function boundUrls(node, urls = new Set()) {
  for (const value of Object.values(node)) {
    if (typeof value !== 'object' || value === null) continue;
    for (const url of [value.binding?.required, value.binding?.extensible]) if (url) urls.add(url);
    boundUrls(value, urls);
  }
  return urls;
}

/** system -> Set of codes; undefined where some part of the value set is not known. */
function expand(url, byUrl, seen) {
  if (url === currencies) return { 'urn:iso:std:iso:4217': new Set(Intl.supportedValuesOf('currency')) };
  const compose = byUrl.get(`ValueSet ${url}`)?.compose;
  if (!compose || seen.has(url)) return undefined;
  seen.add(url);
  const included = compose.include.map((each) => expandInclude(each, byUrl, seen));
  const excluded = (compose.exclude ?? []).map((each) => expandInclude(each, byUrl, seen));
  if (included.includes(undefined) || excluded.includes(undefined)) return undefined;
  const codes = {};
  for (const [system, list] of included.flatMap(Object.entries)) {
    codes[system] = new Set([...(codes[system] ?? []), ...list]);
  }
  for (const [system, list] of excluded.flatMap(Object.entries)) {
    for (const code of list) codes[system]?.delete(code);
  }
  return codes;
}

function expandInclude({ system, concept, filter, valueSet }, byUrl, seen) {
  if (valueSet) {
    if (system || valueSet.length !== 1) return undefined;
    return expand(valueSet[0].split('|')[0], byUrl, new Set(seen));
  }
  if (concept) return { [system]: new Set(concept.map(({ code }) => code)) };
  const codeSystem = byUrl.get(`CodeSystem ${system}`);
  if (codeSystem?.content !== 'complete') return undefined;
  // UCUM is a grammar: the published file lists a few of its codes only.
  if (system === 'http://unitsofmeasure.org') return undefined;
  const concepts = flatten(codeSystem.concept ?? []);
  const tests = (filter ?? []).map((each) => compileFilter(each, concepts));
  if (tests.includes(undefined)) return undefined;
  const chosen = concepts.filter((each) => isSelectable(each) && tests.every((test) => test(each)));
  return { [system]: new Set(chosen.map(({ code }) => code)) };
}

/** Grouping codes are no answers. */
function isSelectable({ property }) {
  return !property.some(
    ({ code, valueBoolean }) => /^(notSelectable|abstract)$/.test(code) && valueBoolean === true,
  );
}

function flatten(concepts, above = []) {
  return concepts.flatMap(({ code, concept, property = [] }) => {
    const parents = property.filter((each) => each.code === 'subsumedBy').map((each) => each.valueCode);
    const own = { code, above: [...above, ...parents], property };
    return [own, ...flatten(concept ?? [], [...own.above, code])];
  });
}

function compileFilter({ property, op, value }, concepts) {
  if (property !== 'concept' && property !== 'code') {
    if (op !== '=') return undefined;
    return (concept) =>
      concept.property.some(
        (each) =>
          each.code === property && String(each.valueCode ?? each.valueString ?? each.valueBoolean) === value,
      );
  }
  const byCode = new Map(concepts.map((concept) => [concept.code, concept]));
  const isA = (concept, depth = 0) =>
    concept !== undefined &&
    (concept.code === value ||
      (depth < 20 && concept.above.some((code) => code === value || isA(byCode.get(code), depth + 1))));
  if (op === 'is-a') return (concept) => isA(concept);
  if (op === 'descendent-of') return (concept) => concept.code !== value && isA(concept);
  if (op === 'is-not-a') return (concept) => !isA(concept);
  return undefined;
}
