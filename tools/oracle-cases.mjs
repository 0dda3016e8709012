// Makes test/data/validation/cases.json: a right resource of every served type, made from the definitions, and right
// and wrong changes of each. Run by tsx after a build; tools/oracle-verdicts.mjs then asks HL7's validator.
import { readFileSync, writeFileSync } from 'node:fs';
import { applyEdits } from '../test/unit/fhir/validation/apply-edits.ts';
import { faultsOf } from './oracle-faults.mjs';
import { randomChanges } from './oracle-random.mjs';
import { fill, samples, types } from './oracle-samples.mjs';

const root = new URL('..', import.meta.url);

// What cannot be made up: values that fit together, and faults that only their rules know.
const handMade = JSON.parse(readFileSync(new URL('test/data/validation/hand-made.json', root), 'utf8'));
const source = readFileSync(new URL('src/fhir/resource-type.ts', root), 'utf8');
const served = [...source.matchAll(/^ {2}'(\w+)',$/gm)].map(([, name]) => name);
const others = ['Parameters', 'OperationOutcome', 'Basic', 'CapabilityStatement'];

const groups = {};

for (const type of [...served, ...others]) {
  const adjust = handMade.adjust[type] ?? [];
  const adjustFull = [...adjust, ...(handMade.adjustFull[type] ?? [])];
  const narrative = types[type].elements.text && { text: { status: 'generated', div: samples.xhtml } };
  const start = { resourceType: type, id: 'a1', ...narrative };
  open(`${type}-small`, applyEdits({ ...start, ...fill(type, 0) }, adjust));
  open(`${type}-full`, applyEdits({ ...start, ...fill(type, 2) }, adjustFull));
  Object.assign(groups[`${type}-small`].cases, faultsOf(type, groups[`${type}-small`].resource));
  Object.assign(groups[`${type}-full`].cases, randomChanges(groups[`${type}-full`].resource, 8));
}
for (const [name, resource] of Object.entries(handMade.bases)) {
  open(name, resource);
  Object.assign(groups[name].cases, randomChanges(resource, 16));
}
for (const [base, cases] of Object.entries(handMade.cases)) Object.assign(groups[base].cases, cases);

function open(name, resource) {
  groups[name] = { resource, cases: { right: [] } };
}

const lines = Object.entries(groups).map(
  ([name, group]) => `${JSON.stringify(name)}:${JSON.stringify(group)}`,
);
writeFileSync(new URL('test/data/validation/cases.json', root), `{\n${lines.join(',\n')}\n}\n`);
const count = Object.values(groups).reduce((sum, { cases }) => sum + Object.keys(cases).length, 0);
console.log(`${count} cases of ${lines.length} resources`);
