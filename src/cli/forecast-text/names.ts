import type { CodeableConcept, Immunization, Patient } from 'fhir/r4.js';
import { cdcAuthority } from '../../forecast/schedule-data.ts';
import type { Sourced } from '../../registry/forecasting/clinical-record.ts';
import type { KnowledgeBase } from '../../registry/forecasting/knowledge-base.ts';
import { observationTitle } from '../../registry/forecasting/observation-title.ts';
import { cvxByOtherCodes, toDose } from '../../registry/forecasting/to-dose.ts';
import type { ClinicalResource } from '../../registry/forecasting/to-observations.ts';
import type { RenderedForecast } from './rendered-forecast.ts';

/** "MMR (CVX 03)". */
export function vaccineName(cvx: string, { displayOf }: Pick<KnowledgeBase, 'displayOf'>): string {
  const display = displayOf(cvx);
  return display === undefined ? `CVX ${cvx}` : `${display} (CVX ${cvx})`;
}

/** "CDC's ACIP schedule, USA-CDC-CDSI 4.64-508". */
export function scheduleName({ authorities, id, version, amendment }: KnowledgeBase): string {
  const names = authorities.map(({ code, name }) => (code === cdcAuthority.code ? `CDC's ${name}` : name));
  const amended = amendment === undefined ? '' : `, amended by ${amendment}`;
  return `${names.join(' and ')} schedule, ${id} ${version}${amended}`;
}

/** As it is called; undefined for who has no name on record. */
export function personName({ name = [] }: Patient): string | undefined {
  const told = name.find(({ use }) => use === 'official') ?? name.find(({ use }) => use !== 'old') ?? name[0];
  if (!told) return undefined;
  const text = told.text ?? [...(told.given ?? []), told.family].filter(Boolean).join(' ');
  return text === '' ? undefined : text;
}

/** "2005-05-05 MMR (CVX 03)", whatever of it is known. */
export function doseName({ resource }: Sourced<Immunization>, knowledgeBase: KnowledgeBase): string {
  const date = resource.occurrenceDateTime?.replace(/T.*$/, '') ?? resource.occurrenceString;
  return `${date ?? 'without a date'} ${givenVaccine(resource, knowledgeBase)}`;
}

function givenVaccine(resource: Immunization, knowledgeBase: KnowledgeBase): string {
  const read = toDose({ ...resource, status: 'completed' }, '', knowledgeBase.cvxOf);
  const cvx =
    read.kind === 'dose'
      ? read.dose.cvx
      : read.kind === 'unsure'
        ? read.cvx
        : cvxByOtherCodes(resource, knowledgeBase.cvxOf);
  if (cvx !== undefined && knowledgeBase.displayOf(cvx) !== undefined) return vaccineName(cvx, knowledgeBase);
  const written = conceptText(resource.vaccineCode);
  if (cvx !== undefined) return written === undefined ? `CVX ${cvx}` : `${written} (CVX ${cvx})`;
  return written ?? 'a vaccine without a name';
}

/** Of a resource of the store its reference can be looked up; one of a file has only a number made for it. */
export function lookUp(reference: string): string | undefined {
  return reference.startsWith('urn:') ? undefined : reference;
}

/** `"HIV infection" (Condition/1)`. */
export function clinicalName({ resource, reference }: Sourced<ClinicalResource>): string {
  const place = lookUp(reference);
  const text = conceptText(resource.code);
  if (text === undefined) return place ?? codedName(resource);
  return place === undefined ? `"${text}"` : `"${text}" (${place})`;
}

function codedName({ resourceType, code }: ClinicalResource): string {
  return `${resourceType} ${code?.coding?.[0]?.code ?? 'without a code'}`;
}

function conceptText(concept: CodeableConcept | undefined): string | undefined {
  return concept?.text ?? concept?.coding?.find(({ display }) => display !== undefined)?.display;
}

/** The text of an explanation with names where it has codes of vaccines and observations. */
export function withCodesNamed(text: string, knowledgeBase: KnowledgeBase): string {
  return text
    .replace(/\bCVX (\d{2,3})\b/g, (_, cvx: string) => vaccineName(cvx, knowledgeBase))
    .replace(/\bobservation (\d{3})\b/g, (_, code: string) => {
      return `observation ${code} (${observationTitle(code, knowledgeBase)})`;
    });
}

/** The text with names where it has references. */
export function withNames(text: string, { record, knowledgeBase }: RenderedForecast): string {
  const names = [
    ...record.immunizations.map((each) => [each.reference, nameWithPlace(each, knowledgeBase)] as const),
    ...record.clinical.map((each) => [each.reference, clinicalName(each)] as const),
  ];
  // The longest first: Immunization/1 is the beginning of Immunization/10.
  const known = new Map(names);
  const references = [...known.keys()].sort((a, b) => b.length - a.length);
  if (references.length === 0) return text;
  const any = new RegExp(references.map((each) => each.replace(/[^\w/]/g, '\\$&')).join('|'), 'g');
  return text.replace(any, (reference) => known.get(reference) ?? reference);
}

function nameWithPlace(sourced: Sourced<Immunization>, knowledgeBase: KnowledgeBase): string {
  const place = lookUp(sourced.reference);
  return `${doseName(sourced, knowledgeBase)}${place === undefined ? '' : ` [${place}]`}`;
}
