// Prints what the MongoDB at a URL can do, as a table in Markdown.
// Usage: node tools/mongo-engine-probe.mjs URL
import { probe } from './mongo/probe.mjs';

const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error('usage: node tools/mongo-engine-probe.mjs mongodb://HOST:PORT/');
  process.exit(2);
}
const results = await probe(url);
console.log('| check | | |\n| --- | --- | --- |');
for (const { name, ok, detail } of results)
  console.log(`| ${name} | ${ok ? 'yes' : 'NO'} | ${detail.replaceAll('|', '\\|')} |`);
console.log(`\n${results.filter(({ ok }) => ok).length} of ${results.length}`);
