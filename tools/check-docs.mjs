// Holds the documents to what can be checked: lines of at most 120 characters, links that lead somewhere, an index of
// CDSi that says what the comments say.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cdsiIndex } from './cdsi-index.mjs';

const widest = 120;

const files = [
  ...['.', 'docs', 'docs/adr'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
];

const faults = files.flatMap((file) => [...widthFaults(file), ...linkFaults(file)]);
if (readFileSync('docs/cdsi-index.md', 'utf8') !== cdsiIndex()) {
  faults.push('docs/cdsi-index.md: not what the comments say; node tools/cdsi-index.mjs writes it');
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`docs: ${files.length} files, no fault`);

/** Lines of prose that are too long: rows of tables and code are let be, and so is what a link leads to. */
function widthFaults(file) {
  return proseOf(file).flatMap(({ line, number }) => {
    const { length } = line.replaceAll(/\]\([^)]*\)/g, ']').replaceAll(/https?:\/\/\S+/g, '');
    return length > widest ? [`${file}:${number}: ${length} characters, ${widest} are allowed`] : [];
  });
}

function proseOf(file) {
  return outsideCode(file).filter(({ line }) => !/^\s*\|/.test(line));
}

function outsideCode(file) {
  let isCode = false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) isCode = !isCode;
    return isCode || isFence ? [] : [{ line, number: index + 1 }];
  });
}

function isThere(path) {
  return existsSync(path);
}

function linkFaults(file) {
  return outsideCode(file).flatMap(({ line, number }) =>
    [...line.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, to]) => to)
      .filter((to) => !/^[a-z]+:/.test(to) && !isThere(join(dirname(file), to)))
      .map((to) => `${file}:${number}: there is no ${to}`),
  );
}
