// Facts that stand in no source file in a form that can be read: names, URLs and small tables.

export const sid = {
  cvx: 'http://hl7.org/fhir/sid/cvx',
  mvx: 'http://hl7.org/fhir/sid/mvx',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  cdcrec: 'urn:oid:2.16.840.1.113883.6.238',
  cdcLocal: 'urn:oid:2.16.840.1.114222.4.5.274',
  nip001: 'urn:oid:2.16.840.1.114222.4.5.293',
  nip002: 'urn:oid:2.16.840.1.114222.4.5.294',
  financialClass: 'urn:oid:2.16.840.1.113883.12.64',
  ncit: 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
};

export const jenner = 'https://jenner-iis.org/fhir';
export const immds = 'http://hl7.org/fhir/us/immds';
export const usCore = 'http://hl7.org/fhir/us/core';
export const hl7 = 'http://terminology.hl7.org/CodeSystem';
export const vsac = 'http://cts.nlm.nih.gov/fhir/ValueSet';

/** CDSi antigens and vaccine groups stand where the answers are made of them. */
export { antigens, vaccineGroups } from '../dist/registry/forecasting/antigen-codes.js';

/** SNOMED CT concepts that R4's value sets and the HL7 v2 guide use, beside the diseases. */
export const snomedOthers = {
  1857005: 'Gestational rubella syndrome',
  397428000: 'Diphtheria',
  398102009: 'Acute poliomyelitis',
  77176002: 'Smoker',
  77386006: 'Pregnancy',
  429060002: 'Procedure to meet occupational requirement',
  281657000: 'Travel vaccinations',
  371111005: 'Measles immune',
  278968001: 'Rubella immune',
  341112003: 'Mumps immune',
  371113008: 'Varicella immune',
  271511000: 'Hepatitis B immune',
  278971009: 'Hepatitis A immune',
};

/** LOINC codes of forecasts that the code base does not list. */
export const loincOthers = {
  '59777-3': 'Latest date to give immunization',
  '59778-1': 'Date when overdue for immunization',
  '30973-2': 'Dose number in series',
  '75505-8': 'Disease with serological evidence of immunity',
  '59784-9': 'Disease with presumed immunity',
};

/** Jenner's finer status of a dose. */
export const doseStatus = [
  ['valid', 'Valid', 'The dose counts for the series.'],
  ['not-valid', 'Not valid', 'The dose breaks a rule of the series and has to be repeated.'],
  ['extraneous', 'Extraneous', 'The dose breaks no rule, but the series did not need it.'],
  ['sub-standard', 'Sub-standard', 'The dose was given in a condition that does not let it count.'],
];

export const forecastReason = [
  [
    'shared-clinical-decision-making',
    'Shared clinical decision-making',
    'Patient and clinician decide whether the vaccine is given; it is never overdue.',
  ],
];

/** What a funding source or an eligibility is called when the code base leaves a line break in it, and so on. */
export const financialClass = {
  V00: 'VFC eligibility unknown',
  V01: 'Not VFC eligible',
  V02: 'VFC eligible-Medicaid/Medicaid managed care',
  V03: 'VFC eligible-Uninsured',
  V04: 'VFC eligible-American Indian/Alaskan Native',
  V05: 'VFC eligible-Federally Qualified Health Center Patient (under-insured)',
  V06: 'VFC eligible-State specific eligibility (e.g. S-CHIP plan)',
  V07: 'Local-specific eligibility',
  V08: 'Not VFC eligible-Under-insured',
  V22: 'CHIP',
  V23: '317',
  V24: 'Medicare',
  V25: 'State program eligibility',
};
/** Retired by CDC or never in its table; feeds still send them. */
export const retiredFinancialClass = new Set(['V00', 'V06', 'V08']);

/** Codes of RXR-1 (HL7 table 0162, and NCIT as the 2.5.1 guide asks): the v3 route. */
export const routes = {
  v2: {
    ID: 'IDINJ',
    IM: 'IM',
    IN: 'NASINHLC',
    IV: 'IVINJ',
    NS: 'NASINHLC',
    PO: 'PO',
    SC: 'SQ',
    TD: 'TRNSDERM',
  },
  ncit: {
    C38238: ['IDINJ', 'Intradermal Route of Administration'],
    C28161: ['IM', 'Intramuscular Route of Administration'],
    C38276: ['IVINJ', 'Intravenous Route of Administration'],
    C38284: ['NASINHLC', 'Nasal Route of Administration'],
    C38288: ['PO', 'Oral Route of Administration'],
    C38299: ['SQ', 'Subcutaneous Route of Administration'],
    C38305: ['TRNSDERM', 'Transdermal Route of Administration'],
    C38676: [undefined, 'Percutaneous Route of Administration'],
  },
};

/** The parts of the v3 tables that immunizations use. */
export const v3Routes = ['IDINJ', 'IM', 'NASINHLC', 'IVINJ', 'PO', 'SQ', 'TRNSDERM'];
export const v3Reasons = ['IMMUNE', 'MEDPREC', 'OSTOCK', 'PATOBJ', 'PHILISOP', 'RELIG', 'VACEFF', 'VACSAF'];
