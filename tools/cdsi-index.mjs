// Writes docs/cdsi-index.md: where in src/forecast each table, rule and chapter of the CDSi Logic Specification stands,
// as the comments and the reasons there name it.
//   node tools/cdsi-index.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sources = new URL('../src/forecast/', import.meta.url);
const target = new URL('../docs/cdsi-index.md', import.meta.url);

/** Each table, rule and chapter with the files that name it. */
function collect() {
  const found = { table: new Map(), rule: new Map(), chapter: new Map() };
  const add = (kind, name, file) => found[kind].set(name, (found[kind].get(name) ?? new Set()).add(file));
  for (const file of readdirSync(sources).sort()) {
    // What stands between double quotes is an example.
    const text = readFileSync(new URL(file, sources), 'utf8').replaceAll(/"[^"\n]*"/g, '');
    for (const name of tablesIn(text)) add('table', name, file);
    for (const name of rulesIn(text)) add('rule', name, file);
    for (const name of chaptersIn(text)) add('chapter', name, file);
  }
  return found;
}

/** "Table 6-15", "Tables 7-5 and 7-6". */
function tablesIn(text) {
  const named = text.matchAll(/\btables?\s+(\d+-\d+(?:(?:,|\s+and|\s+to)\s+\d+-\d+)*)/gi);
  return [...named].flatMap(([, list]) => list.match(/\d+-\d+/g));
}

/** "CALCDTAGE-1", "CALCDTCI-1 and -2", "FORECASTVG-2 to -6". */
function rulesIn(text) {
  const named = text.matchAll(/\b([A-Z]{5,})-(\d+)((?:(?:,|\s+and|\s+to)\s+(?:\1)?-\d+)*)/g);
  return [...named].flatMap(([, name, first, more]) => {
    const numbers = [Number(first)];
    for (const [, how, number] of more.matchAll(/(,|and|to)\s+[A-Z]*-(\d+)/g)) {
      const last = Number(number);
      const from = how === 'to' ? numbers.at(-1) + 1 : last;
      for (let next = from; next <= last; next++) numbers.push(next);
    }
    return numbers.map((number) => `${name}-${number}`);
  });
}

/** "chapter 7", and `rule: '6.2'` where a step has no rule of its own. */
function chaptersIn(text) {
  const named = [...text.matchAll(/\bchapter\s+(\d(?:\.\d+)?)/gi)].map(([, number]) => number);
  const rules = [...text.matchAll(/\brule: ([^\n]*)/g)].flatMap(
    ([, rest]) => rest.match(/(?<=')\d\.\d+(?=')/g) ?? [],
  );
  return [...named, ...rules];
}

const byNumbers = new Intl.Collator('en', { numeric: true });

function tableOf(title, names) {
  const rows = [...names].sort(([a], [b]) => byNumbers.compare(a, b));
  const lines = rows.map(([name, files]) => `| ${name} | ${[...files].map(link).join(', ')} |`);
  return [`| ${title} | in |`, '| --- | --- |', ...lines].join('\n');
}

function link(file) {
  return `[${file.replace('.ts', '')}](../src/forecast/${file})`;
}

export function cdsiIndex() {
  const { table, rule, chapter } = collect();
  return `# Where CDSi stands in the code

Tables, rules and chapters of CDC's CDSi Logic Specification 4.6, and the files of \`src/forecast\` that name them.
\`node tools/cdsi-index.mjs\` writes this page from the comments there; a test holds it to them. How the parts work
together: [forecasting.md](forecasting.md).

## Tables

${tableOf('table', table)}

## Rules

${tableOf('rule', rule)}

## Chapters

${tableOf('chapter', chapter)}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, cdsiIndex());
