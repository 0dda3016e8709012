import type { Consent, Identifier, Patient } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import type { MappingTables } from './mapping-tables.ts';
import { type Built, fillIn, isSameContent, mergeBuilt } from './merge.ts';
import { type OwnRecord, ownerTag } from './own-records.ts';
import { isProtectionConsent, protectionOf, restricted, toConsent } from './protection.ts';
import { overtaken, type SaidLater } from './said-later.ts';
import type { PersonSegments, SenderIdentity } from './to-patient.ts';
import { changed, created, type Numbering, type Part, searchValue } from './write-parts.ts';

export type PersonPlan = {
  /** By what the message's resources refer to the Patient. */
  readonly reference: string;
  readonly parts: readonly Part[];
  readonly findings: readonly Finding[];
};

export type PersonInput = {
  readonly tables: MappingTables;
  readonly segments: PersonSegments;
  /** What PID and PD1 say, and NK1 of contacts. */
  readonly built: Built<Patient>;
  readonly sender: SenderIdentity;
  /** What is kept of the person by this sender; absent where it is new. */
  readonly record: OwnRecord | undefined;
  /** Whose is what is written; told in the resource where the caller has no token that says it. */
  readonly owner: string | undefined;
  readonly saysOwner: boolean;
  readonly numbering: Numbering;
  /** The numbers by which nobody else may come to be a record of this sender meanwhile. */
  readonly guardedBy?: readonly Identifier[] | undefined;
  /** What of the record a message said that was sent later than this one. */
  readonly saidLater?: SaidLater | undefined;
};

export function planPerson(input: PersonInput): PersonPlan {
  const { built, segments, record, numbering } = input;
  const location: ErrorLocation = { segment: 'PID', occurrence: segments.pid.occurrence };
  if (!record) {
    const reference = numbering.next();
    const patient = withLabel(withOwner(input, built.resource), protectionOf(built.resource)?.isProtected);
    const entry = created(patient, reference, conditionOf(input));
    const entries = [entry, ...consentEntries(input, reference, built.resource)];
    const own = { location, isEssential: true, entries };
    return { reference, parts: [own], findings: [] };
  }
  const reference = `Patient/${record.patient.id}`;
  const merged = mergeBuilt(record.patient, keepingKnown(record.patient, built)) as Resource & Patient;
  const labelled = withLabel(merged, protectionOf(built.resource)?.isProtected);
  const isLate = input.saidLater?.(reference) === true;
  const next = isLate ? fillIn(record.patient, built) : labelled;
  const consents = isLate ? [] : consentEntries(input, reference, built.resource);
  const entries = [...changed(record.patient, next), ...consents];
  const findings = isLate && !isSameContent(next, labelled) ? [overtaken(location)] : [];
  const own = { location, isEssential: true, entries };
  return { reference, parts: [own], findings };
}

/** That there were several says less than which one it was; that somebody died less than when. */
function keepingKnown(stored: Resource, built: Built<Patient>): Built<Patient> {
  const { multipleBirthBoolean, multipleBirthInteger, deceasedBoolean, deceasedDateTime } = built.resource;
  const { multipleBirthBoolean: _, deceasedBoolean: __, ...rest } = built.resource;
  const keepsOrder = multipleBirthBoolean === true && stored['multipleBirthInteger'] !== undefined;
  const keepsDate = deceasedBoolean === true && stored['deceasedDateTime'] !== undefined;
  const deletes = [
    ...built.deletes,
    ...(multipleBirthInteger === undefined ? [] : ['multipleBirthBoolean']),
    ...(multipleBirthBoolean === undefined || keepsOrder ? [] : ['multipleBirthInteger']),
    ...(deceasedDateTime === undefined ? [] : ['deceasedBoolean']),
    ...(deceasedBoolean === undefined || keepsDate ? [] : ['deceasedDateTime']),
    ...(stored['birthDate'] === built.resource.birthDate ? [] : ['_birthDate']),
  ];
  const resource = {
    ...rest,
    ...(multipleBirthBoolean !== undefined && !keepsOrder && { multipleBirthBoolean }),
    ...(deceasedBoolean !== undefined && !keepsDate && { deceasedBoolean }),
  };
  return { resource, deletes };
}

/** A record with one of these numbers of the same owner, should one come in meanwhile. */
function conditionOf({ guardedBy = [], owner }: PersonInput): string | undefined {
  const numbers = guardedBy.filter(({ system }) => system !== undefined);
  if (numbers.length === 0 || owner === undefined) return undefined;
  const { system, code } = ownerTag(owner);
  const values = numbers.map((number) => searchValue(number.system, number.value)).join(',');
  return `identifier=${values}&_tag=${searchValue(system, code)}`;
}

/** Whose it is, where no token says it. */
export function withOwner<Kind extends object>(
  { owner, saysOwner }: Pick<PersonInput, 'owner' | 'saysOwner'>,
  resource: Kind,
): Kind {
  return owner === undefined || !saysOwner ? resource : { ...resource, meta: { tag: [ownerTag(owner)] } };
}

type Label = { readonly system?: string; readonly code?: string };

/** meta.security R while the sender says that the record is protected. */
function withLabel<Kind extends object>(patient: Kind, isProtected: boolean | undefined): Kind {
  if (isProtected === undefined) return patient;
  const { meta = {} } = patient as { meta?: { security?: readonly Label[] } };
  const { security = [], ...rest } = meta;
  const others = security.filter(
    ({ system, code }) => system !== restricted.system || code !== restricted.code,
  );
  const labels = isProtected ? [...others, restricted] : others;
  const next = { ...rest, ...(labels.length > 0 && { security: labels }) };
  if (Object.keys(next).length === 0) {
    const { meta: _, ...bare } = patient as Kind & { meta?: object };
    return bare as Kind;
  }
  return { ...patient, meta: next };
}

/** PD1-12 Y objects to sharing until the same sender says N; empty leaves what is kept. */
function consentEntries(input: PersonInput, reference: string, sent: Patient) {
  const said = protectionOf(sent);
  if (!said) return [];
  const kept = input.record?.consents.find(isProtectionConsent);
  const consent = toConsent(reference, said);
  if (kept) return changed(kept, { ...kept, ...withoutDate(consent, kept) });
  return said.isProtected ? [created(withOwner(input, consent), input.numbering.next())] : [];
}

/** Since when it holds stays where it is not said anew. */
function withoutDate(consent: Consent, kept: Consent): Consent {
  const dateTime = consent.dateTime ?? kept.dateTime;
  return { ...consent, ...(dateTime !== undefined && { dateTime }) };
}
