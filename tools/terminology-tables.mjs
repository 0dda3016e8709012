// Code systems of messages, people and HL7, of the ImmDS guide and of this project.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as facts from './terminology-facts.mjs';
import {
  byCode,
  byNumber,
  codeSets,
  codeSystem,
  immdsFolder,
  inactive,
  oneLine,
  r4,
  readJson,
  row,
  schedule,
  stated,
} from './terminology-sources.mjs';

const { hl7, jenner, sid } = facts;
// The tables of the HL7 v2 immunization guide.
const fromCodeSet = (name) =>
  codeSets[name].codes
    .filter((code) => code['code-status']?.status === 'Valid')
    .map((code) => row(code.value, oneLine(code.label)))
    .sort(byCode);
const table = (id, url, name, title, concepts, more = {}) =>
  codeSystem(id, { url, name, title, valueSet: `${jenner}/ValueSet/${id}`, ...more }, concepts);
table(
  'nip001',
  sid.nip001,
  'NIP001',
  'Immunization information source (NIP001)',
  fromCodeSet('VACCINATION_INFORMATION_SOURCE'),
);
table(
  'nip002',
  sid.nip002,
  'NIP002',
  'Substance refusal reason (NIP002)',
  fromCodeSet('VACCINATION_REFUSAL'),
);
table(
  'financial-class',
  sid.financialClass,
  'FinancialClass',
  'Eligibility for publicly funded vaccine (HL7 table 0064)',
  Object.entries(facts.financialClass).map(([code, display]) =>
    row(code, display, { inactive: facts.retiredFinancialClass.has(code) }),
  ),
  { content: 'fragment', property: [inactive] },
);
export const isLocal = ([code]) => /^(VXC|PHC)/.test(code);
export const funding = fromCodeSet('VACCINATION_FUNDING_SOURCE');
table(
  'cdc-local',
  sid.cdcLocal,
  'CDCPHINVS',
  'CDC local codes (PHIN VS): funding sources and how eligibility was captured',
  [...funding.filter(isLocal), ...fromCodeSet('FINANCIAL_STATUS_OBS_METHOD')].sort(byCode),
  { content: 'fragment' },
);

// Race and ethnicity: HL7's v3 copies of the CDC tables, below CDC's two roots.
const withParents = (concepts, parent, rows = []) => {
  for (const { code, display, concept, property } of concepts ?? []) {
    const notSelectable = property?.some((p) => p.code === 'notSelectable' && p.valueBoolean) ?? false;
    rows.push(row(code, display, { parent, notSelectable }));
    withParents(concept, code, rows);
  }
  return rows;
};
const v3 = (name) => r4.get(`${hl7}/v3-${name}`);
const notSelectable = {
  code: 'notSelectable',
  type: 'boolean',
  uri: 'http://hl7.org/fhir/concept-properties#notSelectable',
};
codeSystem(
  'cdcrec',
  {
    url: sid.cdcrec,
    name: 'CDCREC',
    title: 'Race and ethnicity (CDC)',
    publisher: 'Centers for Disease Control and Prevention',
    hierarchyMeaning: 'is-a',
    valueSet: `${jenner}/ValueSet/cdcrec`,
    property: [notSelectable],
  },
  [
    row('1000-9', 'Race', { notSelectable: true }),
    ...withParents(v3('Race').concept, '1000-9'),
    row('2133-7', 'Ethnicity', { notSelectable: true }),
    ...withParents(v3('Ethnicity').concept, '2133-7'),
  ],
);
const v3Part = (id, name, title, concepts) =>
  codeSystem(
    id,
    {
      url: `${hl7}/${id}`,
      name,
      title,
      publisher: 'HL7 International',
      content: 'fragment',
      hierarchyMeaning: 'is-a',
      property: [notSelectable],
    },
    concepts,
  );
const pick = (name, codes) => {
  const kept = withParents(v3(name).concept).filter(([code]) => codes.includes(code));
  return kept.map(([code, display, { parent, ...rest } = {}]) =>
    row(code, display, { ...rest, parent: codes.includes(parent) ? parent : undefined }),
  );
};
v3Part(
  'v3-RouteOfAdministration',
  'RouteOfAdministration',
  'Routes by which vaccines are given',
  pick('RouteOfAdministration', ['_Injection', ...facts.v3Routes]),
);
v3Part('v3-ActSite', 'ActSite', 'Body sites where vaccines are given', withParents(v3('ActSite').concept));
v3Part(
  'v3-ActReason',
  'ActReason',
  'Reasons for not immunizing',
  pick('ActReason', ['_ActNoImmunizationReason', ...facts.v3Reasons]),
);
v3Part('v3-NullFlavor', 'NullFlavor', 'Why a value is missing', withParents(v3('NullFlavor').concept));

const hl7Table = (url, id) => {
  const { name, title, concept, valueSet } = r4.get(url);
  const flat = withParents(concept);
  codeSystem(
    id,
    stated({
      url,
      name: name.replaceAll(/[^A-Za-z0-9_]/g, '').replace(/^[a-z]/, (letter) => letter.toUpperCase()),
      title: title ?? name,
      publisher: 'HL7 International',
      valueSet,
      hierarchyMeaning: flat.some(([, , more]) => more?.parent) ? 'is-a' : undefined,
    }),
    flat,
  );
};
for (const id of ['0162', '0163', '0203', '0443']) hl7Table(`${hl7}/v2-${id}`, `v2-${id}`);
for (const url of [...r4.keys()].filter((key) => key.startsWith(`${hl7}/immunization-`)).sort()) {
  hl7Table(url, url.slice(hl7.length + 1));
}
hl7Table(`${hl7}/medication-admin-status`, 'medication-admin-status');
for (const id of ['event-status', 'administrative-gender']) hl7Table(`http://hl7.org/fhir/${id}`, id);
codeSystem(
  'ncit-route',
  { url: sid.ncit, name: 'NCIT', title: 'Routes of administration (NCI Thesaurus)', content: 'fragment' },
  Object.entries(facts.routes.ncit).map(([code, [, display]]) => row(code, display)),
);

// The ImmDS guide and this project.
for (const file of readdirSync(immdsFolder).sort()) {
  if (!file.startsWith('CodeSystem-')) continue;
  const { id, url, version, name, title, concept } = readJson(join(immdsFolder, file));
  codeSystem(
    id,
    { url, version, name, title, publisher: 'HL7 International', valueSet: `${facts.immds}/ValueSet/${id}` },
    concept.map(({ code, display }) => row(code, display)),
  );
}
codeSystem(
  'cdsi-observation',
  {
    url: `${jenner}/CodeSystem/cdsi-observation`,
    version: schedule.version,
    name: 'CdsiObservation',
    title: 'Coded observations of the CDSi schedule',
    valueSet: `${jenner}/ValueSet/cdsi-observation`,
  },
  schedule.observations.map(({ code, title }) => row(code, oneLine(title))).sort(byCode),
);
codeSystem(
  'dose-status',
  {
    url: `${jenner}/CodeSystem/dose-status`,
    name: 'DoseStatus',
    title: 'Status of a dose',
    valueSet: `${jenner}/ValueSet/dose-status`,
  },
  facts.doseStatus.map(([code, display, definition]) => row(code, display, { definition })),
);
codeSystem(
  'forecast-reason',
  {
    url: `${jenner}/CodeSystem/forecast-reason`,
    name: 'JennerForecastReason',
    title: 'Reasons of a forecast beside those of ImmDS',
    valueSet: `${jenner}/ValueSet/forecast-reason`,
  },
  facts.forecastReason.map(([code, display, definition]) => row(code, display, { definition })),
);

// The parts of SNOMED CT and LOINC that the value sets name.
export const targetDisease = readJson(join(immdsFolder, 'ValueSet-targetDisease.json')).compose.include[0]
  .concept;
const snomed = new Map(Object.entries(facts.snomedOthers));
for (const { code, display } of targetDisease) snomed.set(code, display);
for (const [code, display] of Object.values(facts.antigens)) snomed.set(code, display);
codeSystem(
  'snomed-immunization',
  {
    url: sid.snomed,
    name: 'SnomedImmunization',
    title: 'SNOMED CT concepts of immunization',
    content: 'fragment',
    copyright: 'SNOMED CT is a trademark and its terms are the property of SNOMED International.',
  },
  [...snomed].map(([code, display]) => row(code, display)).sort(byNumber),
);
const loinc = new Map(Object.entries(facts.loincOthers));
for (const { value, label } of codeSets.OBSERVATION_IDENTIFIER.codes)
  if (!loinc.has(value)) loinc.set(value, label);
codeSystem(
  'loinc-immunization',
  {
    url: sid.loinc,
    name: 'LoincImmunization',
    title: 'LOINC codes of immunization',
    content: 'fragment',
    copyright: 'LOINC is copyright Regenstrief Institute, Inc. and available at no cost under its licence.',
  },
  [...loinc].map(([code, display]) => row(code, display)).sort(byCode),
);
