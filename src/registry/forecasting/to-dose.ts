import type { Coding, Immunization } from 'fhir/r4.js';
import type { AdministeredDose } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { writtenDayOf } from '../../values/instant.ts';
import { daysMeantBy, parsePartialDate } from '../../values/partial-date.ts';
import { tableOf } from '../../values/table-of.ts';
import { type CvxCode, type MvxCode, parseCvxCode, parseMvxCode } from '../../values/vaccine-code.ts';
import { canonicalSystem, codeSystem } from './code-systems.ts';

/** What an Immunization says to the engine. */
export type DoseReading =
  | {
      readonly kind: 'dose';
      readonly dose: AdministeredDose;
      /** How its CVX code was found, where it is not what was sent, or not all. */
      readonly because?: string;
    }
  /** Nothing was given (not-done) or the record was a mistake (entered-in-error). */
  | { readonly kind: 'not-given'; readonly status: string }
  /** It was given, but it cannot be evaluated. */
  | { readonly kind: 'unsure'; readonly cvx?: CvxCode; readonly because: string };

/** The CVX codes that a code of another system stands for. */
export type TranslateToCvx = (system: string, code: string) => readonly CvxCode[];

export function toDose(immunization: Immunization, doseId: string, translate: TranslateToCvx): DoseReading {
  if (immunization.status !== 'completed') return { kind: 'not-given', status: immunization.status };
  const found = findCvx(immunization, translate);
  if (typeof found === 'string') return { kind: 'unsure', because: found };
  const { cvx, because } = found;
  const date = toWholeDate(immunization);
  if (typeof date === 'string') return { kind: 'unsure', cvx, because: date };
  const dose = { id: doseId, date: date.day, cvx, ...detailsOf(immunization) };
  return { kind: 'dose', dose, ...(because !== undefined && { because }) };
}

/** The CVX code that a dose has by its other codes, where they are all that it has. */
export function cvxByOtherCodes(immunization: Immunization, translate: TranslateToCvx): CvxCode | undefined {
  const found = findCvx(immunization, translate);
  const isSent = (immunization.vaccineCode?.coding ?? []).some(({ system }) => system === codeSystem.cvx);
  return typeof found === 'string' || isSent ? undefined : found.cvx;
}

/** The one CVX code that codings stand for, if they are of a vaccine. */
export function cvxOfCodings(coding: readonly Coding[], translate: TranslateToCvx): CvxCode | undefined {
  const found = findCvx({ vaccineCode: { coding: [...coding] } }, translate);
  return typeof found === 'string' ? undefined : found.cvx;
}

type FoundCvx = { readonly cvx: CvxCode; readonly because?: string };

/** The one CVX code that was sent, or else that the other codes stand for; or why there is none. */
function findCvx(
  { vaccineCode }: Pick<Immunization, 'vaccineCode'>,
  translate: TranslateToCvx,
): FoundCvx | string {
  const { sent, written, others } = readCodings(vaccineCode?.coding ?? []);
  if (sent.length > 1) return `it has the CVX codes ${sent.join(' and ')}`;
  const translated = others.flatMap(({ system, code }) => {
    const codes = translate(system, code);
    return codes.length === 0 ? [] : [{ named: `${system}|${code}`, codes }];
  });
  const [cvx] = sent;
  if (cvx !== undefined) return besideOthers(cvx, translated);
  const [first] = written;
  if (first !== undefined && translated.length === 0) return `"${first.slice(0, 20)}" is no CVX code`;
  return fromOthers(translated);
}

type ReadCodings = {
  /** CVX codes, each once. */
  readonly sent: readonly CvxCode[];
  /** What stands where a CVX code should. */
  readonly written: readonly (string | undefined)[];
  readonly others: readonly { readonly system: string; readonly code: string }[];
};

function readCodings(coding: readonly Coding[]): ReadCodings {
  const sent: CvxCode[] = [];
  const written: (string | undefined)[] = [];
  const others: { readonly system: string; readonly code: string }[] = [];
  for (const { system: name, code } of coding) {
    const system = canonicalSystem(name);
    if (system === codeSystem.cvx) {
      written.push(code);
      const cvx = parseCvxCode(code ?? '');
      if (cvx !== undefined && !sent.includes(cvx)) sent.push(cvx);
    } else if (system !== undefined && code !== undefined) {
      others.push({ system, code });
    }
  }
  return { sent, written, others };
}

type Translated = { readonly named: string; readonly codes: readonly CvxCode[] };

function fromOthers(others: readonly Translated[]): FoundCvx | string {
  const [first] = others;
  if (!first) return 'it has no CVX code';
  const common = first.codes.filter((code) => others.every(({ codes }) => codes.includes(code)));
  const [cvx, ...more] = common;
  const names = others.map(({ named }) => named).join(' and ');
  if (cvx !== undefined && more.length === 0) return { cvx, because: `by ${names}` };
  const codes = distinct(others.flatMap((each) => each.codes));
  return `it has no CVX code, and ${names} may be CVX ${codes.join(' or ')}`;
}

function besideOthers(cvx: CvxCode, others: readonly Translated[]): FoundCvx {
  const other = others.find(({ codes }) => !codes.includes(cvx));
  if (!other) return { cvx };
  return { cvx, because: `as its CVX code says, although ${other.named} is CVX ${other.codes.join(' or ')}` };
}

function distinct<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)];
}

/** The day as it was written, whatever its offset; or why there is none. */
function toWholeDate(immunization: Immunization): { readonly day: EpochDay } | string {
  const text = immunization.occurrenceDateTime;
  if (text === undefined) return 'it has no date (occurrenceDateTime)';
  const day = writtenDayOf(text);
  if (day !== undefined) return { day };
  return parsePartialDate(text) ? `its date ${text} is not a whole date` : `${text} is not a date`;
}

type DoseDetails = Pick<AdministeredDose, 'mvx' | 'volume' | 'lotExpiration' | 'condition'>;

function detailsOf(immunization: Immunization): DoseDetails {
  const mvx = mvxOf(immunization);
  const volume = volumeOf(immunization);
  const lotExpiration = lotExpirationOf(immunization);
  const condition = conditionOf(immunization);
  const details: { -readonly [Name in keyof DoseDetails]: DoseDetails[Name] } = {};
  if (mvx !== undefined) details.mvx = mvx;
  if (volume !== undefined) details.volume = volume;
  if (lotExpiration !== undefined) details.lotExpiration = lotExpiration;
  if (condition !== undefined) details.condition = condition;
  return details;
}

/** The manufacturer by its MVX identifier, on the reference or on the contained Organization it points at. */
function mvxOf({ manufacturer, contained }: Immunization): MvxCode | undefined {
  const inside = contained?.find((resource) => `#${resource.id}` === manufacturer?.reference);
  const identifiers = [
    ...(manufacturer?.identifier ? [manufacturer.identifier] : []),
    ...(inside?.resourceType === 'Organization' ? (inside.identifier ?? []) : []),
  ];
  const mvx = identifiers.find((identifier) => canonicalSystem(identifier.system) === codeSystem.mvx);
  return mvx?.value === undefined ? undefined : parseMvxCode(mvx.value);
}

function volumeOf({ doseQuantity }: Immunization): number | undefined {
  const unit = doseQuantity?.code ?? doseQuantity?.unit;
  return unit?.toLowerCase() === 'ml' ? doseQuantity?.value : undefined;
}

/** CALCDTLOTEXP-1: a month without a day means its last day. */
function lotExpirationOf({ expirationDate }: Immunization): EpochDay | undefined {
  const date = expirationDate === undefined ? undefined : parsePartialDate(expirationDate);
  return date && daysMeantBy(date).last;
}

const conditions: Readonly<Record<string, AdministeredDose['condition']>> = tableOf({
  partial: 'partial',
  partialdose: 'partial',
  coldchainbreak: 'storage',
  adversestorage: 'storage',
  recall: 'recall',
});

/** `isSubpotent` is R4's word for a dose that should not count. */
function conditionOf({
  isSubpotent,
  subpotentReason,
}: Immunization): AdministeredDose['condition'] | undefined {
  if (isSubpotent !== true) return undefined;
  const codes = (subpotentReason ?? []).flatMap((reason) => reason.coding ?? []);
  return codes.map((coding) => conditions[coding.code ?? '']).find((found) => found !== undefined) ?? 'other';
}
