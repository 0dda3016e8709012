import * as facts from './terminology-facts.mjs';
import {
  antigensOf,
  byCode,
  byNumber,
  conceptMap,
  groupsOf,
  groupsOfAntigen,
  schedule,
  scheduled,
  snomedOf,
  stated,
} from './terminology-sources.mjs';
import { groupSystem, ndcCodes } from './terminology-vaccines.mjs';

const { hl7, jenner, sid } = facts;

// Concept maps. A row is a code and its targets, each a code, an equivalence and, where it needs one, a comment.
const ages = ({ beginAge, endAge }) =>
  stated({ from: beginAge === '0 days' ? undefined : beginAge, until: endAge });
const ageComment = (associations) => {
  const limits = associations.map(ages).filter((limit) => Object.keys(limit).length > 0);
  if (limits.length < associations.length || limits.length === 0) return undefined;
  return limits
    .map(({ from, until }) => [from && `from ${from}`, until && `until ${until}`].filter(Boolean).join(' '))
    .join('; ');
};
const scheduledRows = (targetsOf, equivalence) =>
  [...scheduled]
    .map(([code, associations]) => [
      code,
      ...targetsOf(code).map(([target, own]) => {
        const comment = ageComment(associations.filter(own));
        return comment ? [target, 'inexact', comment] : [target, equivalence(code, target)];
      }),
    ])
    .filter(([, ...targets]) => targets.length > 0)
    .sort(byNumber);
const inGroup = (group) => (association) => groupsOfAntigen.get(association.antigen)?.includes(group);
conceptMap(
  'cvx-to-vaccine-group',
  {
    name: 'CvxToVaccineGroup',
    title: 'CVX to vaccine group',
    version: schedule.version,
    sourceUri: `${sid.cvx}/vs`,
    targetUri: `${jenner}/ValueSet/vaccine-group`,
  },
  [
    {
      source: sid.cvx,
      target: groupSystem,
      rows: scheduledRows(
        (code) => groupsOf(code).map((group) => [group, inGroup(group)]),
        () => 'wider',
      ),
    },
  ],
);
conceptMap(
  'cvx-to-vaccine-group-cvx',
  {
    name: 'CvxToVaccineGroupCvx',
    title: 'CVX to the CVX code of the vaccine group',
    version: schedule.version,
    sourceUri: `${sid.cvx}/vs`,
    targetUri: `${jenner}/ValueSet/vaccine-group-cvx`,
  },
  [
    {
      source: sid.cvx,
      target: sid.cvx,
      rows: scheduledRows(
        (code) => groupsOf(code).map((group) => [facts.vaccineGroups[group], inGroup(group)]),
        (code, target) => (code === target ? 'equal' : 'wider'),
      ),
    },
  ],
);
conceptMap(
  'cvx-to-antigen',
  {
    name: 'CvxToAntigen',
    title: 'CVX to the diseases it protects from',
    version: schedule.version,
    sourceUri: `${sid.cvx}/vs`,
    targetUri: `${jenner}/ValueSet/antigen`,
  },
  [
    {
      source: sid.cvx,
      target: sid.snomed,
      rows: scheduledRows(
        (code) => antigensOf(code).map((antigen) => [snomedOf(antigen), (own) => own.antigen === antigen]),
        () => 'relatedto',
      ),
    },
  ],
);
const ndcRows = (of) =>
  ndcCodes
    .map(([code, product]) => [code, ...[...product[of]].map((target) => [target, 'wider'])])
    .filter(([, ...targets]) => targets.length > 0);
conceptMap(
  'ndc-to-cvx',
  {
    name: 'NdcToCvx',
    title: 'NDC to CVX',
    sourceUri: `${sid.ndc}/vs`,
    targetUri: `${sid.cvx}/vs`,
  },
  [{ source: sid.ndc, target: sid.cvx, rows: ndcRows('cvx') }],
);
conceptMap(
  'ndc-to-mvx',
  {
    name: 'NdcToMvx',
    title: 'NDC to MVX',
    sourceUri: `${sid.ndc}/vs`,
    targetUri: `${sid.mvx}/vs`,
  },
  [{ source: sid.ndc, target: sid.mvx, rows: ndcRows('mvx') }],
);
conceptMap(
  'route-to-v3',
  {
    name: 'RouteToV3',
    title: 'HL7 table 0162 and NCIT routes to v3',
    sourceUri: `${jenner}/ValueSet/message-route`,
    targetUri: 'http://hl7.org/fhir/ValueSet/immunization-route',
  },
  [
    {
      source: `${hl7}/v2-0162`,
      target: `${hl7}/v3-RouteOfAdministration`,
      rows: Object.entries(facts.routes.v2).map(([code, target]) => [code, [target, 'equivalent']]),
    },
    {
      source: sid.ncit,
      target: `${hl7}/v3-RouteOfAdministration`,
      rows: Object.entries(facts.routes.ncit)
        .filter(([, [target]]) => target)
        .map(([code, [target]]) => [code, [target, 'equivalent']]),
    },
  ],
);
const observationSystems = { SNOMED: sid.snomed, CVX: sid.cvx, CDCPHINVS: sid.cdcLocal };
conceptMap(
  'cdsi-observation-to-codes',
  {
    name: 'CdsiObservationToCodes',
    title: 'CDSi observations to the codes that say the same',
    version: schedule.version,
    sourceUri: `${jenner}/ValueSet/cdsi-observation`,
  },
  Object.entries(observationSystems).map(([name, target]) => ({
    source: `${jenner}/CodeSystem/cdsi-observation`,
    target,
    rows: schedule.observations
      .map(({ code, codedValues }) => [
        code,
        ...codedValues.filter(({ system }) => system === name).map((value) => [value.code, 'relatedto']),
      ])
      .filter(([, ...targets]) => targets.length > 0)
      .sort(byCode),
  })),
);
