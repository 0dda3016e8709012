// Faults of each kind that a type has room for, and some right changes: name -> edits.
import { listed, nameOf, sample, samples, skipped, types, valueSets } from './oracle-samples.mjs';

/** Changes of a small resource of the type. */
export function faultsOf(type, resource) {
  const cases = {};
  const elements = Object.entries(types[type].elements).filter(([name]) => !skipped.has(name));
  const of = (test) => elements.find(([name, facts]) => test(facts, name, facts.types[0]));
  const makers = [
    codeFaults,
    conceptFaults,
    referenceFaults,
    listFaults,
    dateFaults,
    uriFaults,
    choiceFaults,
    presenceFaults,
  ];
  for (const maker of makers) Object.assign(cases, maker(of, resource));
  Object.assign(cases, commonFaults());
  if (types[type].elements.text) Object.assign(cases, domainFaults());
  return cases;
}

function presenceFaults(of, resource) {
  const mandatory = of(({ min }, name) => min && resource[name] !== undefined);
  const flag = of(({ types: all, max }, _, t) => t === 'boolean' && all.length === 1 && max === undefined);
  return {
    ...(mandatory && { [`without ${mandatory[0]}`]: [[[mandatory[0]]]] }),
    ...(flag && { [`string for ${flag[0]}`]: [[[flag[0]], 'true']] }),
  };
}

function choiceFaults(of, resource) {
  const isChoice = (name) => name.endsWith('[x]');
  const mandatory = of(({ min }, name) => min && isChoice(name));
  const choice = of((_, name) => isChoice(name));
  const present = mandatory && Object.keys(resource).find((key) => key.startsWith(mandatory[0].slice(0, -3)));
  const both = choice?.[1].types.slice(0, 2).map((type) => {
    const facts = { ...choice[1], types: [type] };
    return [[nameOf([choice[0], facts])], sample(type, facts, 0)];
  });
  return {
    ...(mandatory && { [`without ${mandatory[0]}`]: [[[present]]] }),
    ...(choice && { [`two of ${choice[0]}`]: both }),
  };
}

function codeFaults(of) {
  const code = of(
    ({ binding, max }, _, t) => t === 'code' && valueSets[binding?.required] && max === undefined,
  );
  if (!code) return {};
  const [name] = code;
  return {
    [`bad code ${name}`]: [[[name], 'no-such-code']],
    [`number for ${name}`]: [[[name], 7]],
    [`list for ${name}`]: [[[name], ['x']]],
  };
}

function conceptFaults(of) {
  const concept = of(({ binding }, _, t) => t === 'CodeableConcept' && valueSets[binding?.required]);
  if (!concept) return {};
  const [name, facts] = concept;
  const [system] = Object.keys(valueSets[facts.binding.required]);
  return {
    [`bad concept ${name}`]: [[[name], listed(facts, { coding: [{ system, code: 'no-such-code' }] })]],
  };
}

function referenceFaults(of) {
  const reference = of(({ targets, max }, _, t) => t === 'Reference' && targets && max === undefined);
  if (!reference) return {};
  const [name, { targets }] = reference;
  return {
    [`wrong target ${name}`]: [[[name], { reference: 'Slot/1' }]],
    [`right target ${name}`]: [[[name], { reference: `http://example.org/fhir/${targets.at(-1)}/1` }]],
    [`lost contained ${name}`]: [[[name], { reference: '#nowhere' }]],
  };
}

function listFaults(of) {
  const list = of(({ max }, _, t) => max === '*' && !t.includes('.') && typeof samples[t] === 'object');
  if (!list) return {};
  const [
    name,
    {
      types: [type],
    },
  ] = list;
  return { [`no list for ${name}`]: [[[name], samples[type]]], [`string in ${name}`]: [[[name], ['x']]] };
}

function dateFaults(of) {
  const date = of(({ max }, _, t) => /^(date|dateTime|instant)$/.test(t) && max === undefined);
  const values = ['2024-02-30', '2024-13', '24-01-01', 'yesterday'];
  return date ? Object.fromEntries(values.map((value) => [`date ${value}`, [[[nameOf(date)], value]]])) : {};
}

function uriFaults(of) {
  const uri = of(({ max }, _, t) => /^(uri|url)$/.test(t) && max === undefined);
  return uri ? { [`space in ${uri[0]}`]: [[[nameOf(uri)], 'http://example.org/a b']] } : {};
}

function commonFaults() {
  return {
    'unknown element': [[['colour'], 'red']],
    'bad id': [[['id'], 'no_underscore']],
    'long id': [[['id'], 'a'.repeat(65)]],
    'unknown profile': [[['meta'], { profile: ['http://example.org/StructureDefinition/x'] }]],
    'meta without list': [[['meta'], { tag: { code: 'x' } }]],
    'bad lastUpdated': [[['meta'], { lastUpdated: '2024-01-01' }]],
    language: [[['language'], 'en-US']],
  };
}

function domainFaults() {
  const url = 'http://example.org/StructureDefinition/x';
  return {
    'unknown element in text': [[['text', 'colour'], 'red']],
    extension: [[['extension'], [{ url, valueString: 'x' }]]],
    'extension of nothing': [[['extension'], [{ url }]]],
    'extension without url': [[['extension'], [{ valueString: 'x' }]]],
  };
}
