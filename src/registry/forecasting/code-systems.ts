import { tableOf } from '../../values/table-of.ts';

/** Code systems of the ImmDS guide, of R4 and of this project that forecasts are written and read in. */
export const codeSystem = {
  cvx: 'http://hl7.org/fhir/sid/cvx',
  mvx: 'http://hl7.org/fhir/sid/mvx',
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  cdcLocal: 'urn:oid:2.16.840.1.114222.4.5.274',
  cdsiObservation: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation',
  contextualCondition: 'http://ivci.org/CodeSystem/contextual-condition',
  doseStatus: 'http://terminology.hl7.org/CodeSystem/immunization-evaluation-dose-status',
  jennerDoseStatus: 'https://jenner-iis.org/fhir/CodeSystem/dose-status',
  statusReason: 'http://hl7.org/fhir/us/immds/CodeSystem/StatusReason',
  forecastStatus: 'http://hl7.org/fhir/us/immds/CodeSystem/ForecastStatus',
  forecastReason: 'http://hl7.org/fhir/us/immds/CodeSystem/ForecastReason',
  /** What ImmDS has no code for. */
  jennerForecastReason: 'https://jenner-iis.org/fhir/CodeSystem/forecast-reason',
  recommendationStatus: 'http://terminology.hl7.org/CodeSystem/immunization-recommendation-status',
  knowledgeBase: 'https://ivci.org/knowledge-base',
  /** Whose schedule it is, as the open-source forecaster ICE codes it. */
  scheduleAuthority: 'http://terminology.cdsframework.org/ice/schedule-authority',
} as const;

/** The same systems by the OIDs under which HL7 v2 and CDA know them. */
const systemOfOid: Readonly<Record<string, string>> = tableOf({
  'urn:oid:2.16.840.1.113883.12.292': codeSystem.cvx,
  'urn:oid:2.16.840.1.113883.12.227': codeSystem.mvx,
  'urn:oid:2.16.840.1.113883.6.59': codeSystem.cvx,
  'urn:oid:2.16.840.1.113883.6.60': codeSystem.mvx,
  'urn:oid:2.16.840.1.113883.6.69': codeSystem.ndc,
  'urn:oid:2.16.840.1.113883.6.96': codeSystem.snomed,
  'urn:oid:2.16.840.1.113883.6.1': codeSystem.loinc,
});

/** The system by its URL in FHIR, however it was written. */
export function canonicalSystem(system: string | undefined): string | undefined {
  return system === undefined ? undefined : (systemOfOid[system] ?? system);
}

/** ICE's, on each recommendation: whose advice it is. */
export const scheduleAuthorityExtension =
  'http://terminology.cdsframework.org/fhir/StructureDefinition/ice-schedule-authority';
export const antigenNeededExtension = 'https://jenner-iis.org/fhir/StructureDefinition/antigen-needed';
/** The day since which a dose has been overdue, be it one that is not asked for any more at this age. */
export const behindSinceExtension = 'https://jenner-iis.org/fhir/StructureDefinition/behind-since';
/** On the whole recommendation: a vaccine group that is left out, since nothing of it is due for decades. */
export const distantExtension = 'https://jenner-iis.org/fhir/StructureDefinition/due-in-decades';
/** CDSi's number of the target dose, which counts doses that are skipped; `doseNumber` counts those that are given. */
export const targetDoseExtension = 'https://jenner-iis.org/fhir/StructureDefinition/target-dose';
/** The weeks of a pregnancy that a dose is for, and their days where it is known when the pregnancy began. */
export const pregnancyWeeksExtension = 'https://jenner-iis.org/fhir/StructureDefinition/pregnancy-weeks';
export const seasonExtension = 'https://jenner-iis.org/fhir/StructureDefinition/season';
export const seriesGroupExtension = 'https://jenner-iis.org/fhir/StructureDefinition/series-group';
