import type { Coding } from 'fhir/r4.js';

/** One row of a map: a code of HL7 v2, and what it is in FHIR. */
export type CodeRow = { readonly v2: string; readonly fhir: string; readonly display?: string };

/** What an OBX is, by its OBX-3. */
export type ObservationKind =
  | 'eligibility'
  | 'funding'
  | 'vis-document'
  | 'vis-vaccine'
  | 'vis-published'
  | 'vis-presented'
  | 'reaction'
  | 'disease'
  | 'immunity'
  | 'contraindication'
  | 'contraindication-start'
  | 'contraindication-end'
  | 'indication'
  | 'dose-number'
  | 'series-doses'
  | 'series'
  | 'comment';

export type ObservationRow = {
  readonly code: string;
  readonly is: ObservationKind;
  /** The code system that is meant where OBX-5 names none. */
  readonly system?: string;
  readonly to: string;
  /** The codes that it is told for, where others mean something else. */
  readonly values?: readonly string[];
};

/** A vaccine group, as responses tell it. */
export type GroupRow = {
  readonly group: string;
  readonly cvx: string;
  readonly diseases: readonly string[];
};

/** A code as a table of the guide has it. */
export type GuideCode = {
  readonly code: string;
  readonly display?: string | undefined;
  readonly name: string;
};

/** Where a field of a VXU is kept. */
export type FieldRow = {
  readonly field: string;
  readonly to?: string;
  readonly note?: string;
  /** Of its repetitions the first alone has a place. */
  readonly once?: true;
};

/** The mapping of VXU and FHIR as it ships: `hl7v2/mapping/*.json`. */
export type MappingTables = {
  readonly systemOf: (name: string) => string;
  /** The name of table 0396 that a system is written by; undefined for what has none. */
  readonly nameOf: (system: string) => string | undefined;
  /** A code of a system of FHIR's, for which the guide has a table of its own; undefined for any other. */
  readonly guideCodeOf: (coding: Coding) => GuideCode | undefined;
  readonly toFhir: (map: string, code: string) => CodeRow | undefined;
  /** The code that a value of FHIR is written as. */
  readonly toV2: (map: string, value: string) => string | undefined;
  readonly observation: (code: string) => ObservationRow | undefined;
  readonly observations: readonly ObservationRow[];
  readonly fields: readonly FieldRow[];
  readonly hasPlace: (field: string) => boolean;
  /** Whether there is a place for one repetition alone. */
  readonly hasOnePlace: (field: string) => boolean;
  readonly groups: readonly GroupRow[];
  /** The group in which a disease is judged. */
  readonly groupOf: (disease: string) => GroupRow | undefined;
};

type Documents = {
  readonly 'code-systems': { readonly rows: readonly SystemRow[] };
  readonly 'code-maps': { readonly maps: Readonly<Record<string, readonly CodeRow[]>> };
  readonly observations: { readonly rows: readonly ObservationRow[] };
  readonly fields: { readonly rows: readonly FieldRow[] };
  readonly 'vaccine-groups': { readonly rows: readonly GroupRow[] };
  readonly 'fhir-codes': { readonly rows: readonly FhirCodesRow[] };
};

type FhirCodesRow = {
  readonly system: string;
  readonly name: string;
  /** Absent: every code stays as it is. */
  readonly codes?: Readonly<Record<string, readonly [code: string, display: string]>>;
};

type SystemRow = { readonly names: readonly string[]; readonly system: string };

/** What a code system of a sender's own is called in FHIR. */
const ownSystem = 'https://jenner-iis.org/fhir/CodeSystem/hl7v2/';

/** Reads the documents of `hl7v2/mapping`, each with the name of its table. */
export function readMapping(documents: readonly unknown[]): MappingTables {
  const of = <Name extends keyof Documents>(table: Name): Documents[Name] => {
    const found = documents.find((one) => (one as { table?: unknown }).table === table);
    if (!found) throw new Error(`hl7v2/mapping has no table ${table}`);
    return found as Documents[Name];
  };
  const { maps } = of('code-maps');
  const observations = of('observations').rows;
  const byCode = new Map(observations.map((row) => [row.code, row]));
  const { rows: fields } = of('fields');
  const { rows: groups } = of('vaccine-groups');
  const byDisease = new Map(groups.flatMap((row) => row.diseases.map((disease) => [disease, row])));
  const places = new Set(fields.map(({ field }) => field));
  const single = new Set(fields.filter(({ once }) => once).map(({ field }) => field));
  return {
    ...systemsOf(of('code-systems').rows),
    ...codesOf(maps),
    guideCodeOf: guideCodesOf(of('fhir-codes').rows),
    observation: (code) => byCode.get(code),
    observations,
    fields,
    hasPlace: (field) => places.has(field),
    hasOnePlace: (field) => single.has(field),
    groups,
    groupOf: (disease) => byDisease.get(disease),
  };
}

function systemsOf(rows: readonly SystemRow[]): Pick<MappingTables, 'systemOf' | 'nameOf'> {
  const systems = new Map(
    rows.flatMap(({ names, system }) => names.map((name) => [name.toUpperCase(), system])),
  );
  const nameBySystem = new Map(rows.map(({ names, system }) => [system, names[0] ?? '']));
  return {
    systemOf: (name) => systems.get(name.toUpperCase()) ?? ownSystem + encodeURIComponent(name),
    nameOf: (system) =>
      nameBySystem.get(system) ??
      (system.startsWith(ownSystem) ? decodeURIComponent(system.slice(ownSystem.length)) : undefined),
  };
}

function codesOf(maps: Readonly<Record<string, readonly CodeRow[]>>): Pick<MappingTables, 'toFhir' | 'toV2'> {
  const byCode = new Map<string, ReadonlyMap<string, CodeRow>>();
  const byValue = new Map<string, ReadonlyMap<string, string>>();
  for (const [map, rows] of Object.entries(maps)) {
    byCode.set(map, new Map(rows.map((row) => [row.v2, row])));
    // Of several codes with one meaning the first is written.
    byValue.set(map, new Map(rows.toReversed().map(({ v2, fhir }) => [fhir, v2])));
  }
  return {
    toFhir: (map, code) => byCode.get(map)?.get(code),
    toV2: (map, value) => byValue.get(map)?.get(value),
  };
}

function guideCodesOf(rows: readonly FhirCodesRow[]): MappingTables['guideCodeOf'] {
  const bySystem = new Map(rows.map((row) => [row.system, row]));
  return ({ system, code, display }) => {
    const row = system === undefined ? undefined : bySystem.get(system);
    if (!row || code === undefined) return undefined;
    if (!row.codes) return { code, display, name: row.name };
    const found = Object.hasOwn(row.codes, code) ? row.codes[code] : undefined;
    return found && { code: found[0], display: found[1], name: row.name };
  };
}
