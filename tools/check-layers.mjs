// Runs dependency-cruiser and fails also when it saw fewer modules than there are source files:
// with a TypeScript it cannot use it cruises nothing and exits green.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const sources = readdirSync('src', { recursive: true }).filter((file) => /\.tsx?$/.test(String(file)));
const run = spawnSync(
  process.execPath,
  ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', 'src', '--output-type', 'json'],
  { encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 },
);
if (run.stdout.trim() === '') {
  console.error(run.stderr);
  process.exit(1);
}
const { modules, summary } = JSON.parse(run.stdout);
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
const seen = new Set(modules.map((module) => module.source));
const missed = sources.filter((file) => !seen.has(`src/${file}`));
for (const file of missed) console.error(`not seen by the layer check: src/${file}`);
if (summary.violations.length + missed.length > 0) process.exit(1);
console.log(`layers: ${sources.length} files, no violation`);
