// The value sets of terminology/: a head and an R4 `compose` each.
import {
  antigens,
  hl7,
  immds,
  jenner,
  sid,
  usCore,
  v3Routes,
  vaccineGroups,
  vsac,
} from './terminology-facts.mjs';

const r4Sets = [
  'immunization-status',
  'immunization-evaluation-status',
  'immunization-evaluation-dose-status',
  'immunization-evaluation-dose-status-reason',
  'immunization-recommendation-status',
  'immunization-recommendation-reason',
  'immunization-recommendation-date-criterion',
  'immunization-recommendation-target-disease',
  'immunization-evaluation-target-disease',
  'immunization-target-disease',
  'immunization-origin',
  'immunization-program-eligibility',
  'immunization-funding-source',
  'immunization-subpotent-reason',
  'immunization-status-reason',
  'immunization-reason',
  'immunization-function',
  'immunization-site',
  'immunization-route',
];

const ombRaces = ['1002-5', '2028-9', '2054-5', '2076-8', '2106-3'];
const ombEthnicities = ['2135-2', '2186-5'];
const codes = (system, list) => ({ system, concept: list.map((code) => ({ code })) });
const where = (system, property, op, value) => ({ system, filter: [{ property, op, value }] });
const set = (id, url, name, title, include, more = {}) => ({
  resourceType: 'ValueSet',
  id,
  url,
  name,
  title,
  compose: { include, ...more },
});
const ours = (id, name, title, include) => set(id, `${jenner}/ValueSet/${id}`, name, title, include);
const idOf = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
const nameOf = (name) => name.replaceAll(/[^A-Za-z0-9]/g, '');

/** Everything that the source tables name, and one set a vaccine group and a disease for `vaccine-code:in=`. */
export function valueSets({ schedule, targetDisease, r4, funding, isLocal }) {
  return [
    ...wholeSystems(),
    ...vaccineSets(schedule),
    ...personSets(),
    ...hl7Sets(r4),
    set(
      'targetDisease',
      `${immds}/ValueSet/targetDisease`,
      'TargetDisease',
      'Diseases vaccines protect from',
      [codes(sid.snomed, targetDisease)],
    ),
    ours('antigen', 'Antigen', 'Diseases of the CDSi schedule', [
      codes(
        sid.snomed,
        Object.values(antigens).map(([code]) => code),
      ),
    ]),
    ours('vaccine-group-cvx', 'VaccineGroupCvx', 'CVX codes that stand for a vaccine group', [
      codes(sid.cvx, Object.values(vaccineGroups)),
    ]),
    ours('immunization-funding', 'ImmunizationFunding', 'Funding sources of vaccine doses', [
      codes(
        sid.cdcLocal,
        funding.filter(isLocal).map(([code]) => code),
      ),
      codes(`${hl7}/v3-NullFlavor`, ['OTH', 'UNK']),
    ]),
    ours('message-route', 'MessageRoute', 'Routes in HL7 v2 messages', [
      { system: `${hl7}/v2-0162` },
      { system: sid.ncit },
    ]),
  ];
}

function wholeSystems() {
  const whole = [
    ['nip001', sid.nip001, 'InformationSource', 'Immunization information sources'],
    ['nip002', sid.nip002, 'RefusalReason', 'Reasons for refusing a substance'],
    ['financial-class', sid.financialClass, 'FinancialClass', 'Eligibility for publicly funded vaccine'],
    ['cdc-local', sid.cdcLocal, 'CdcLocal', 'CDC local codes'],
    ['cdcrec', sid.cdcrec, 'RaceAndEthnicity', 'Race and ethnicity'],
    ['vaccine-group', `${jenner}/CodeSystem/vaccine-group`, 'VaccineGroups', 'Vaccine groups'],
    ['cdsi-observation', `${jenner}/CodeSystem/cdsi-observation`, 'CdsiObservations', 'CDSi observations'],
    ['dose-status', `${jenner}/CodeSystem/dose-status`, 'DoseStatuses', 'Status of a dose'],
    ['forecast-reason', `${jenner}/CodeSystem/forecast-reason`, 'ForecastReasons', 'Reasons of a forecast'],
  ];
  const immdsSets = ['ForecastReason', 'ForecastStatus', 'StatusReason'].map((id) =>
    set(id, `${immds}/ValueSet/${id}`, id, id, [{ system: `${immds}/CodeSystem/${id}` }]),
  );
  const sids = ['cvx', 'mvx', 'ndc'].map((id) =>
    set(id, `${sid[id]}/vs`, `All${id.toUpperCase()}`, `All ${id.toUpperCase()} codes`, [
      { system: sid[id] },
    ]),
  );
  return [
    ...sids,
    ...whole.map(([id, system, name, title]) => ours(id, name, title, [{ system }])),
    ...immdsSets,
  ];
}

function vaccineSets(schedule) {
  // Histories hold vaccines of all times and countries: all of CVX but its reserved code.
  const administered = [{ system: sid.cvx }];
  const reserved = { exclude: [codes(sid.cvx, ['99'])] };
  return [
    set(
      'us-core-vaccines-cvx',
      `${usCore}/ValueSet/us-core-vaccines-cvx`,
      'USCoreVaccineAdministered',
      'Vaccines administered (US Core)',
      administered,
      reserved,
    ),
    set(
      '2.16.840.1.113762.1.4.1010.6',
      `${vsac}/2.16.840.1.113762.1.4.1010.6`,
      'CVXVaccinesAdministered',
      'Vaccines administered (VSAC)',
      administered,
      reserved,
    ),
    set(
      'vaccine-code',
      'http://hl7.org/fhir/ValueSet/vaccine-code',
      'VaccineCode',
      'Vaccines (R4), the CVX part',
      [{ system: sid.cvx }],
    ),
    ours('vaccines-unspecified', 'VaccinesUnspecified', 'Vaccines of unspecified formulation', [
      where(sid.cvx, 'type', '=', 'unspecified'),
    ]),
    ...schedule.vaccineGroups.map(({ name }) =>
      ours(`vaccines-of-${idOf(name)}`, `VaccinesOf${nameOf(name)}`, `Vaccines of the group ${name}`, [
        where(sid.cvx, 'vaccineGroup', '=', name),
      ]),
    ),
    ...Object.entries(antigens).map(([name, [code]]) =>
      ours(`vaccines-against-${idOf(name)}`, `VaccinesAgainst${nameOf(name)}`, `Vaccines against ${name}`, [
        where(sid.cvx, 'antigen', '=', code),
      ]),
    ),
  ];
}

function personSets() {
  const unknown = codes(`${hl7}/v3-NullFlavor`, ['UNK', 'ASKU']);
  const race = [codes(sid.cdcrec, ombRaces), unknown];
  const ethnicity = [codes(sid.cdcrec, ombEthnicities), unknown];
  const detailedRace = [where(sid.cdcrec, 'concept', 'is-a', '1000-9')];
  const notRoots = { exclude: [codes(sid.cdcrec, ['1000-9', ...ombRaces])] };
  const detailedEthnicity = [where(sid.cdcrec, 'concept', 'descendent-of', '2135-2')];
  const both = (oid, id, name, title, include, more) => [
    set(id, `${usCore}/ValueSet/${id}`, name, title, include, more),
    set(oid, `${vsac}/${oid}`, `${name}VSAC`, `${title} (VSAC)`, include, more),
  ];
  return [
    ...both('2.16.840.1.113883.4.642.2.575', 'omb-race-category', 'OmbRace', 'OMB race categories', race),
    ...both(
      '2.16.840.1.113883.4.642.40.2.48.3',
      'omb-ethnicity-category',
      'OmbEthnicity',
      'OMB ethnicity categories',
      ethnicity,
    ),
    ...both(
      '2.16.840.1.113762.1.4.1267.25',
      'detailed-race',
      'DetailedRace',
      'Races in detail',
      detailedRace,
      notRoots,
    ),
    ...both(
      '2.16.840.1.113883.4.642.40.2.48.1',
      'detailed-ethnicity',
      'DetailedEthnicity',
      'Ethnicities in detail',
      detailedEthnicity,
    ),
  ];
}

/** R4's own sets, without the parts that rest on all of SNOMED CT. */
function hl7Sets(r4) {
  const known = r4Sets.map((id) => {
    const { url, name, title, version, compose } = r4.get(`ValueSet/${id}`);
    const include = compose.include
      .filter(({ filter }) => filter === undefined)
      .map(({ system, concept }) =>
        concept
          ? codes(
              system,
              concept.map(({ code }) => code),
            )
          : { system },
      );
    return { ...set(id, url, name, title, include), version };
  });
  const tables = ['0162', '0163', '0203', '0443'].map((id) =>
    set(`v2-${id}`, `http://terminology.hl7.org/ValueSet/v2-${id}`, `V2Table${id}`, `HL7 table ${id}`, [
      { system: `${hl7}/v2-${id}` },
    ]),
  );
  return [
    ...known,
    ...tables,
    ours('route', 'Route', 'Routes by which vaccines are given', [
      codes(`${hl7}/v3-RouteOfAdministration`, v3Routes),
    ]),
    ours('site', 'Site', 'Body sites where vaccines are given', [
      where(`${hl7}/v3-ActSite`, 'concept', 'descendent-of', '_HumanSubstanceAdministrationSite'),
    ]),
    set(
      'administrative-gender',
      'http://hl7.org/fhir/ValueSet/administrative-gender',
      'AdministrativeGender',
      'Administrative gender',
      [{ system: 'http://hl7.org/fhir/administrative-gender' }],
    ),
  ];
}
