// The files that terminology/ is made from, as the command line names them, and how their facts are read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as facts from './terminology-facts.mjs';

const [cvxMvxPath, codeBasePath, schedulePath, ...others] = process.argv.slice(2);
const [immds, r4Folder, target] = others;
export const immdsFolder = immds;
export const out = target;
if (!out) {
  console.error(
    'usage: build-terminology CVX_MVX.json CODEBASE.json SCHEDULE.json IMMDS_FOLDER R4_FOLDER OUT',
  );
  process.exit(2);
}

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
export const codeBase = readJson(cvxMvxPath);
export const codeSets = readJson(codeBasePath).codesets;
export const schedule = readJson(schedulePath);
export const r4 = new Map();
for (const file of ['valuesets.json', 'v2-tables.json', 'v3-codesystems.json']) {
  for (const { resource } of readJson(join(r4Folder, file)).entry) {
    if (resource.resourceType === 'CodeSystem') r4.set(resource.url, resource);
    else r4.set(`${resource.resourceType}/${resource.id}`, resource);
  }
}

export const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
export const oneLine = (text) => text.replaceAll(/\s+/g, ' ').trim();
/** 20240229 as 2024-02-29; undefined when the source has a day that does not exist. */
export const isoDay = (digits) => {
  const day = digits && `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
  const exists = day && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  return exists ? day : undefined;
};
export const byCode = (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
export const byNumber = (a, b) => Number(a[0]) - Number(b[0]) || byCode(a, b);
export const linksTo = (row, codeSet) =>
  list(row.reference?.['link-to'])
    .filter((link) => link.codeset === codeSet)
    .map((link) => link.value)
    .sort();
/** Drops what is absent or empty, so that a row holds only what it says. */
export const stated = (object) =>
  Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value !== undefined && value !== false && value?.length !== 0,
    ),
  );
export const row = (code, display, more = {}) => {
  const rest = stated(more);
  return Object.keys(rest).length > 0 ? [code, display, rest] : [code, display];
};

// The CDSi schedule: the antigens of a CVX code, and the vaccine groups of an antigen.

export const groupsOfAntigen = new Map();
for (const { name, antigens } of schedule.vaccineGroups) {
  for (const antigen of antigens)
    groupsOfAntigen.set(antigen, [...(groupsOfAntigen.get(antigen) ?? []), name]);
}
export const scheduled = new Map(schedule.vaccines.map((vaccine) => [vaccine.cvx, vaccine.associations]));
export const groupsOf = (cvx) => [
  ...new Set((scheduled.get(cvx) ?? []).flatMap(({ antigen }) => groupsOfAntigen.get(antigen) ?? [])),
];
export const antigensOf = (cvx) => [...new Set((scheduled.get(cvx) ?? []).map(({ antigen }) => antigen))];
export const snomedOf = (antigen) => {
  const known = facts.antigens[antigen];
  if (!known) throw new Error(`no SNOMED CT code is known for the antigen ${antigen}`);
  return known[0];
};
export const documents = new Map();
export const codeSystem = (id, head, concepts) => {
  documents.set(`code-system-${id}`, {
    resourceType: 'CodeSystem',
    id,
    content: 'complete',
    caseSensitive: true,
    ...head,
    concepts,
  });
};
export const conceptMap = (id, head, groups) => {
  documents.set(`concept-map-${id}`, {
    resourceType: 'ConceptMap',
    id,
    url: `${facts.jenner}/ConceptMap/${id}`,
    ...head,
    groups,
  });
};

export const inactive = {
  code: 'inactive',
  type: 'boolean',
  uri: 'http://hl7.org/fhir/concept-properties#inactive',
};
