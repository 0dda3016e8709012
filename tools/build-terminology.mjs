// Makes terminology/ from what CDC, AIRA and HL7 publish: codes, names, dates and relations, nothing else.
//   npm run build && node tools/build-terminology.mjs CVX_MVX.json CODEBASE.json SCHEDULE.json IMMDS_FOLDER R4_FOLDER OUT
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import './terminology-concept-maps.mjs';
import { documents, out, r4, schedule } from './terminology-sources.mjs';
import { funding, isLocal, targetDisease } from './terminology-tables.mjs';
import { valueSets } from './terminology-value-sets.mjs';

documents.set(
  'value-sets',
  valueSets({ schedule, targetDisease: targetDisease.map(({ code }) => code), r4, funding, isLocal }),
);

/** One concept, row or value set a line: short, and a new release shows as a short diff. */
function format(document) {
  if (Array.isArray(document)) return `[\n${document.map((item) => JSON.stringify(item)).join(',\n')}\n]\n`;
  const { concepts, groups, ...head } = document;
  const start = JSON.stringify(head).slice(0, -1);
  const lines = (rows) => rows.map((item) => JSON.stringify(item)).join(',\n');
  if (concepts) return `${start},"concepts":[\n${lines(concepts)}\n]}\n`;
  const parts = groups.map(
    ({ rows, ...group }) => `${JSON.stringify(group).slice(0, -1)},"rows":[\n${lines(rows)}\n]}`,
  );
  return `${start},"groups":[\n${parts.join(',\n')}\n]}\n`;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const [name, document] of documents) writeFileSync(join(out, `${name}.json`), format(document));
console.log(`${documents.size} files in ${out}`);
