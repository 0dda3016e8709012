import type { Extension } from 'fhir/r4.js';

const own = 'https://jenner-iis.org/fhir/StructureDefinition/';

/** Extensions of Patients, doses and their parts that a VXU brings. */
export const extensionUrl = {
  /** How HL7 v2 codes what FHIR has no word for: the type of a name or address, use and equipment of a number. */
  v2Use: `${own}hl7v2-use`,
  /** The text of a code that FHIR keeps without one. */
  v2Text: `${own}hl7v2-text`,
  publicity: `${own}publicity`,
  protection: `${own}protection-indicator`,
  registryStatus: `${own}registry-status`,
  maidenName: `${own}mothers-maiden-name`,
  /** What the sheet of vaccine information was about. */
  visVaccine: `${own}vis-vaccine-type`,
  /** When something was observed, where that is not when the dose was given (OBX-14). */
  observed: `${own}observed`,
  mothersMaidenName: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
  birthTime: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
  birthPlace: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
  race: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
  ethnicity: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity',
} as const;

/** Beside an element that has no value: that it is not known (R4 extension-data-absent-reason). */
export const unknownValue = {
  extension: [
    { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' } as Extension,
  ],
};

type Extended = { readonly extension?: readonly Extension[] | undefined } | undefined;

export function extensionOf(element: Extended, url: string): Extension | undefined {
  return element?.extension?.find((one) => one.url === url);
}

/** The code of HL7 v2 that was kept beside what FHIR says. */
export const v2UseOf = (element: Extended): string | undefined =>
  extensionOf(element, extensionUrl.v2Use)?.valueString;

/** The extension, where the code that would be written is another than that which was sent. */
export function keptV2Use(sent: string | undefined, written: string | undefined): Extension[] | undefined {
  return sent === undefined || sent === written
    ? undefined
    : [{ url: extensionUrl.v2Use, valueString: sent }];
}

/** An object without the members that are undefined: what was not sent is not there. */
export function defined<Kind extends object>(
  members: {
    readonly [Name in keyof Kind]: Kind[Name] | undefined;
  },
): Kind {
  // A loop: of entries an object would be made that is slow to read for good.
  const kept: Record<string, unknown> = {};
  for (const name in members) if (members[name] !== undefined) kept[name] = members[name];
  return kept as Kind;
}

/** A list, or undefined where it is empty: FHIR has no empty lists. */
export function some<Item>(items: readonly (Item | undefined)[]): Item[] | undefined {
  const found = items.filter((item) => item !== undefined);
  return found.length === 0 ? undefined : found;
}
