// Asks HL7's validator (tools/oracle, see its README) for its verdict on each case of test/data/validation/cases.json,
// or of a folder below that one, and keeps it in verdicts.json there: null for a valid resource, else where its errors
// lie. Run by tsx with the class path.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyEdits } from '../test/unit/fhir/validation/apply-edits.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const [classPath, below = '.'] = process.argv.slice(2);
if (!classPath) throw new Error('usage: tsx tools/oracle-verdicts.mjs CLASSPATH [FOLDER]');
const data = join(root, 'test/data/validation', below);
const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
const [given, answered] = [join(folder, 'cases.ndjson'), join(folder, 'verdicts.ndjson')];
writeFileSync(given, `${[...readCases()].join('\n')}\n`);
const profiles = [join(root, 'profiles'), join(root, 'tools/oracle/stubs')].join(',');
const java = process.env.JAVA ?? 'java';
const run = spawnSync(java, ['-Xmx1500m', '-cp', classPath, 'Oracle', profiles, given, answered], {
  stdio: ['ignore', 'ignore', 'inherit'],
  timeout: 15 * 60 * 1000,
});
if (run.status !== 0) throw new Error(`the oracle failed: ${run.status ?? run.signal}`);
const verdicts = {};
for (const line of readFileSync(answered, 'utf8').trim().split('\n')) {
  const { id, error, messages } = JSON.parse(line);
  const [base, name] = id.split(' | ');
  const places = messages
    .filter(({ severity }) => severity === 'error')
    .map(({ location }) => location ?? '');
  verdicts[base] = { ...verdicts[base], [name]: error ? [...new Set(places)].slice(0, 3).join(' ') : null };
}
const lines = Object.entries(verdicts).map(
  ([base, group]) => `${JSON.stringify(base)}:${JSON.stringify(group)}`,
);
writeFileSync(join(data, 'verdicts.json'), `{\n${lines.join(',\n')}\n}\n`);
rmSync(folder, { recursive: true });

function* readCases() {
  const groups = JSON.parse(readFileSync(join(data, 'cases.json'), 'utf8'));
  for (const [base, { resource, cases }] of Object.entries(groups)) {
    for (const [name, edits] of Object.entries(cases)) {
      yield JSON.stringify({ id: `${base} | ${name}`, resource: applyEdits(resource, edits) });
    }
  }
}
