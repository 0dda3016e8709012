import type { CodeableConcept, Coding, Identifier, Immunization } from 'fhir/r4.js';
import type { OrderGroup } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import { toEntityIdentifier } from './authority.ts';
import { hasCode, toConcept } from './coded.ts';
import { defined, some } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import type { Built } from './merge.ts';
import { toObservationSets } from './observation-sets.ts';
import { toDoseDetails } from './to-dose-details.ts';
import type { SenderIdentity } from './to-patient.ts';
import { toPerformers } from './to-performers.ts';
import { toQuantity } from './to-quantity.ts';
import { isOwnDose, toSource } from './to-source.ts';
import { fieldText, isDeleted, leaf, saying } from './v2-text.ts';
import { toFhirDate, toFhirDateTime } from './v2-time.ts';

/** The CVX codes that a code of another system stands for. */
export type ToCvx = (system: string, code: string) => readonly string[];

export type DoseMapping = { readonly tables: MappingTables; readonly toCvx: ToCvx };

const cvx = 'http://hl7.org/fhir/sid/cvx';
const v2Actions = { add: 'A', update: 'U', delete: 'D' } as const;

/** RXA-21; empty is an add. */
export function actionOf({ rxa }: OrderGroup): 'add' | 'update' | 'delete' {
  const code = fieldText(rxa, 21);
  if (code === v2Actions.delete) return 'delete';
  return code === v2Actions.update ? 'update' : 'add';
}

/** RXA-5 998: nothing was given, and what the OBX say is about the person. */
export const isNoDose = ({ rxa }: OrderGroup): boolean =>
  saying(rxa, 5).some((piece) => leaf(piece, 1) === '998' || leaf(piece, 4) === '998');

/** ORC-3, which the sender knows the dose by; 9999 stands for none (IZ-45). */
export function fillerOf({ orc }: OrderGroup, sender: SenderIdentity): Identifier | undefined {
  const [piece] = orc ? saying(orc, 3) : [];
  if (!piece || leaf(piece, 1) === '9999') return undefined;
  return toEntityIdentifier(piece, 'FILL', sender.authority);
}

/** ORC, RXA, RXR and the OBX of a dose; what of a known one is to be deleted. */
export function toImmunization(
  { tables, toCvx }: DoseMapping,
  order: OrderGroup,
  patient: string,
  sender: SenderIdentity,
): Built<Immunization> {
  const { rxa, rxr, obxs } = order;
  const sets = toObservationSets(tables, obxs);
  const status = statusOf(tables, rxa);
  const occurrence = toFhirDateTime(fieldText(rxa, 3), sender.zone);
  const { contained, performer, location } = toPerformers(tables, order, sender);
  const resource = defined<Immunization>({
    resourceType: 'Immunization',
    contained: some(contained),
    identifier: some(identifiersOf(order, sender)),
    status,
    statusReason: status === 'not-done' ? statusReasonOf(tables, rxa) : undefined,
    vaccineCode: vaccineOf(tables, toCvx, rxa),
    patient: { reference: patient },
    occurrenceDateTime: occurrence,
    recorded: recordedOf(order, sender),
    ...toSource(tables, rxa),
    location,
    manufacturer: manufacturerOf(tables, rxa),
    lotNumber: fieldText(rxa, 15),
    expirationDate: toFhirDate(fieldText(rxa, 16)),
    site: rxr && concept(tables, rxr, 2, 'HL70163'),
    route: rxr && concept(tables, rxr, 1, routeSystem(rxr)),
    doseQuantity: status === 'not-done' ? undefined : toQuantity(tables, rxa),
    performer: some(performer),
    reasonCode: some(saying(rxa, 19).map((piece) => toConcept(tables, piece))),
    ...(fieldText(rxa, 20) === 'PA' && partial),
    ...toDoseDetails(tables, { rxa, sets, given: occurrence?.slice(0, 10) }),
  });
  return { resource, deletes: deletedOf(order) };
}

function statusOf(tables: MappingTables, rxa: Segment): Immunization['status'] {
  if (fieldText(rxa, 21) === v2Actions.delete) return 'entered-in-error';
  const code = fieldText(rxa, 20) ?? 'CP';
  return (tables.toFhir('completion-status', code)?.fhir ?? 'completed') as Immunization['status'];
}

const partial = {
  isSubpotent: true,
  subpotentReason: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/immunization-subpotent-reason',
          code: 'partialdose',
        },
      ],
    },
  ],
} satisfies Partial<Immunization>;

const objected: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'PATOBJ' };

/**
 * RXA-18; that it was refused is told beside the reason, by a code that knows no reasons. Some send a refusal as not
 * given (RXA-20 NA): the reason says that it is one.
 */
function statusReasonOf(tables: MappingTables, rxa: Segment): CodeableConcept | undefined {
  const [piece] = saying(rxa, 18);
  if (!piece && fieldText(rxa, 20) !== 'RE') return undefined;
  const reason = piece && toConcept(tables, piece, 'NIP002');
  return { ...reason, coding: [...(reason?.coding ?? []), objected] };
}

export const isRefusal = (reason: CodeableConcept | undefined): boolean =>
  reason !== undefined && hasCode(reason, objected.code ?? '');

/** RXA-5, and beside an NDC the CVX that it stands for, where that is one. */
function vaccineOf(tables: MappingTables, toCvx: ToCvx, rxa: Segment): CodeableConcept | undefined {
  const [piece] = saying(rxa, 5);
  const sent = piece && toConcept(tables, piece, 'CVX');
  if (!sent?.coding || sent.coding.some(({ system }) => system === cvx)) return sent;
  const codes = sent.coding.flatMap(({ system, code }) =>
    system === undefined || code === undefined ? [] : toCvx(system, code),
  );
  const [code, ...others] = [...new Set(codes)];
  if (code === undefined || others.length > 0) return sent;
  return { ...sent, coding: [...sent.coding, { system: cvx, code }] };
}

function identifiersOf(order: OrderGroup, sender: SenderIdentity): readonly (Identifier | undefined)[] {
  const [placer] = order.orc ? saying(order.orc, 2) : [];
  const placed = placer && leaf(placer, 1) !== '9999' ? placer : undefined;
  return [placed && toEntityIdentifier(placed, 'PLAC', sender.authority), fillerOf(order, sender)];
}

/** RXA-22 of an add, else ORC-9. */
function recordedOf({ orc, rxa }: OrderGroup, { zone }: SenderIdentity): string | undefined {
  const entered = fieldText(rxa, 22);
  return toFhirDateTime(entered ?? (orc && fieldText(orc, 9)), zone);
}

function manufacturerOf(tables: MappingTables, rxa: Segment): Immunization['manufacturer'] {
  const [piece] = saying(rxa, 17);
  const coding = piece && toConcept(tables, piece, 'MVX');
  const [first] = coding?.coding ?? [];
  if (!first?.code) return coding?.text === undefined ? undefined : { display: coding.text };
  return {
    identifier: defined<Identifier>({ system: first.system, value: first.code }),
    ...(first.display !== undefined && { display: first.display }),
  };
}

/** A route that names no system: NCIT's codes are C and digits, those of earlier guides are letters. */
const routeSystem = (rxr: Segment): string => (/^C\d/.test(fieldText(rxr, 1) ?? '') ? 'NCIT' : 'HL70162');

function concept(
  tables: MappingTables,
  segment: Segment,
  field: number,
  usual: string,
): CodeableConcept | undefined {
  const [piece] = saying(segment, field);
  return piece && toConcept(tables, piece, usual);
}

/** The elements that a field of `""` deletes. */
const deletions: readonly (readonly ['orc' | 'rxa' | 'rxr', number, string])[] = [
  ['orc', 2, 'identifier:PLAC'],
  ['orc', 10, 'performer:EP'],
  ['orc', 12, 'performer:OP'],
  ['orc', 17, 'performer:EO'],
  ['rxa', 6, 'doseQuantity'],
  ['rxa', 10, 'performer:AP'],
  ['rxa', 11, 'location'],
  ['rxa', 15, 'lotNumber'],
  ['rxa', 16, 'expirationDate'],
  ['rxa', 17, 'manufacturer'],
  ['rxa', 19, 'reasonCode'],
  ['rxr', 1, 'route'],
  ['rxr', 2, 'site'],
];

/** What a status does not go with goes too. */
function deletedOf({ orc, rxa, rxr }: OrderGroup): readonly string[] {
  const segments = { orc, rxa, rxr };
  const asked = deletions.flatMap(([name, field, element]) => {
    const segment = segments[name];
    return segment && isDeleted(segment, field) ? [element] : [];
  });
  const status = fieldText(rxa, 20) ?? 'CP';
  const notGiven = status === 'RE' || status === 'NA' ? ['doseQuantity'] : [];
  const isOwn = isOwnDose(rxa) ? ['reportOrigin'] : [];
  return [...asked, 'statusReason', 'isSubpotent', 'subpotentReason', ...notGiven, ...isOwn];
}
