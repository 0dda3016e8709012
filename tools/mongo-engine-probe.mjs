// Prints what the MongoDB at a URL can do and how fast it is, as a table in Markdown.
// Usage: node tools/mongo-engine-probe.mjs URL [--slow] [CHECK…]
import { measure, probe } from './mongo/probe.mjs';

const [url, ...rest] = process.argv.slice(2);
if (url === undefined) {
  console.error('usage: node tools/mongo-engine-probe.mjs mongodb://HOST:PORT/ [--slow] [CHECK…]');
  process.exit(2);
}
const only = rest.filter((word) => word !== '--slow');
const results = await probe(url, { only: only.length > 0 ? only : undefined, slow: rest.includes('--slow') });
console.log('| check | | |\n| --- | --- | --- |');
for (const { name, ok, detail } of results)
  console.log(`| ${name} | ${ok ? 'yes' : 'NO'} | ${detail.replaceAll('|', '\\|')} |`);
console.log(`\n${results.filter(({ ok }) => ok).length} of ${results.length}`);
if (only.length === 0)
  for (const [what, value] of Object.entries(await measure(url))) console.log(`${what}: ${value}`);
