// Makes hl7v2/vaccine-use.json of AIRA's code base: when, and at which ages, a vaccine has been in use, by CVX code.
//   node tools/import-vaccine-use.mjs CODEBASE.json OUT
import { readFileSync, writeFileSync } from 'node:fs';

const [, , source, out] = process.argv;
if (!source || !out) {
  console.error('node tools/import-vaccine-use.mjs CODEBASE.json OUT');
  process.exit(1);
}

// Codes that are older than CDC's table are dated with the day on which that began: MMR among them.
const firstOfTable = '20100528';
const day = (text) =>
  text && text !== firstOfTable ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : null;
const month = (text) => (text ? Number(text) : null);

const { codes } = JSON.parse(readFileSync(source, 'utf8')).codesets.VACCINATION_CVX_CODE;
const rows = codes.flatMap((code) => {
  const use = code['use-date'] ?? {};
  const age = code['use-age'] ?? {};
  const days = ['not-before', 'not-expected-before', 'not-expected-after', 'not-after'].map((name) =>
    day(use[name]),
  );
  const ages = ['not-before-month', 'not-after-month'].map((name) => month(age[name]));
  return [...days, ...ages].every((one) => one === null) ? [] : [[code.value, ...days, ...ages]];
});
rows.sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(out, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
console.log(`${rows.length} vaccines in ${out}`);
