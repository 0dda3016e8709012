// Makes test/data/validation/held-out/cases.json: resources and changes that the cases of oracle-cases.mjs do not have,
// to see what the validator does with input it was not corrected by. Run by tsx, then ask as tools/oracle/README.md says.
import { readFileSync, writeFileSync } from 'node:fs';
import { moreChanges } from './oracle-more-changes.mjs';

const folder = new URL('../test/data/validation/held-out/', import.meta.url);
const handMade = JSON.parse(readFileSync(new URL('hand-made.json', folder), 'utf8'));

const groups = {};
for (const [name, resource] of Object.entries(handMade.bases)) {
  groups[name] = { resource, cases: { ...handMade.cases[name], ...moreChanges(resource, 3) } };
}
const lines = Object.entries(groups).map(
  ([name, group]) => `${JSON.stringify(name)}:${JSON.stringify(group)}`,
);
writeFileSync(new URL('cases.json', folder), `{\n${lines.join(',\n')}\n}\n`);
const count = Object.values(groups).reduce((sum, { cases }) => sum + Object.keys(cases).length, 0);
console.log(`${count} cases of ${lines.length} resources`);
