import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { type EpochMs, parseMsRange } from '../../values/instant.ts';
import type { CheckedVxu } from '../checked-message.ts';
import type { Finding } from '../finding.ts';
import { chooseRecord } from './choose-record.ts';
import { factKey } from './match-facts.ts';
import { findOwnPatients, type OwnRecord, ownerOf, readOwnRecord, recordNumbers } from './own-records.ts';
import { kinParts } from './plan-kin.ts';
import { type DoseOutcome, type Known, type OrderPlan, planOrder } from './plan-order.ts';
import { planPerson, withOwner } from './plan-patient.ts';
import { resolveOrders } from './resolve-orders.ts';
import { readSaidLater } from './said-later.ts';
import type { DoseMapping } from './to-immunization.ts';
import { identifiersIn, type SenderIdentity, toPatient } from './to-patient.ts';
import { fieldText } from './v2-text.ts';
import { toFhirDateTime } from './v2-time.ts';
import { openNumbering, type Part } from './write-parts.ts';

export type MessagePlan = {
  /** By what the Patient is referred to. */
  readonly reference: string;
  readonly parts: readonly Part[];
  readonly outcomes: readonly DoseOutcome[];
  readonly findings: readonly Finding[];
  /** Tells whose a resource is that is written beside them. */
  readonly wrap: <Kind extends object>(resource: Kind) => Kind;
};

type Message = {
  readonly mapping: DoseMapping;
  readonly ctx: InteractionContext;
  readonly checked: Extract<CheckedVxu, { kind: 'accepted' }>;
  readonly sender: SenderIdentity;
  readonly processedAt?: EpochMs | undefined;
};

/** What a message writes, on what is kept of its sender now. */
export async function planVxu({ mapping, ctx, checked, sender, processedAt }: Message): Promise<MessagePlan> {
  const { tables } = mapping;
  const { pid, pd1, nk1s } = checked;
  const owner = ownerOf(ctx, sender.organization);
  const saysOwner = ctx.caller.kind !== 'token';
  const numbers = recordNumbers(identifiersIn(pid, sender));
  const found = await findOwnPatients(ctx, numbers, owner);
  const segments = { pid, pd1, nk1s };
  const built = toPatient(tables, segments, sender);
  const chosen = chooseRecord(found, built.resource);
  const record = chosen && (await readOwnRecord(ctx, chosen, owner));
  const numbering = openNumbering();
  const whose = { owner, saysOwner };
  const sent7 = toFhirDateTime(fieldText(checked.msh, 7), sender.zone);
  const saidLater = record ? await readSaidLater(ctx, record, { sent: sent7, owner }) : undefined;
  const guardedBy = found.length === 0 ? numbers : undefined;
  const common = { sender, record, ...whose, numbering, saidLater };
  const whoIs = { tables, segments, built, guardedBy, ...common };
  const person = planPerson(whoIs);
  const input = {
    mapping,
    patient: person.reference,
    facts: knownFacts(record),
    hasLostObx: checked.findings.some(
      ({ severity, location }) => severity === 'E' && location?.segment === 'OBX',
    ),
    ...common,
  };
  const { orders, findings } = await resolveOrders({ pace: ctx.pace, ...input }, checked.orders);
  const planned: OrderPlan[] = [];
  for (const order of orders) {
    planned.push(planOrder(input, order));
    await ctx.pace();
  }
  const newer = newerThan(processedAt, record);
  const kin = kinParts(whoIs, person.reference);
  const parts = [...person.parts, ...kin, ...planned.map(({ part }) => part)];
  const kept = parts.map((part) => withoutNewer(part, newer));
  return {
    reference: person.reference,
    parts: kept,
    outcomes: planned.map(({ outcome }) => outcome),
    findings: [
      ...(found.length > 0 && !chosen ? [givenTwice(pid.occurrence)] : []),
      ...person.findings,
      ...findings,
      ...planned.flatMap((one) => one.findings),
      ...kept.flatMap((part, at) => (part === parts[at] ? [] : [saidSince(part)])),
    ],
    wrap: (resource) => withOwner(whose, resource),
  };
}

/** What of a record was written after a message had been processed, by type and id. */
function newerThan(processedAt: EpochMs | undefined, record: OwnRecord | undefined): ReadonlySet<string> {
  if (processedAt === undefined || !record) return new Set();
  const { patient, doses, facts, kin, consents } = record;
  const all: readonly Resource[] = [patient, ...doses, ...facts, ...kin, ...consents];
  const isNewer = ({ meta }: Resource) =>
    (parseMsRange(meta?.lastUpdated ?? '')?.first ?? Number.NEGATIVE_INFINITY) > processedAt;
  return new Set(all.filter(isNewer).map(({ resourceType, id }) => `${resourceType}/${id}`));
}

/** The part without what would take back what was said since. */
function withoutNewer(part: Part, newer: ReadonlySet<string>): Part {
  const entries = part.entries.filter(({ request }) => !newer.has(request.url));
  return entries.length === part.entries.length ? part : { ...part, entries };
}

function saidSince({ location }: Part): Finding {
  const text = 'Something else was said of this since the message was first processed: that stays';
  return { severity: 'I', code: '0', location, text };
}

function knownFacts(record: OwnRecord | undefined): Map<string, Known> {
  return new Map(
    (record?.facts ?? []).map((kept) => [
      factKey(kept),
      { reference: `${kept.resourceType}/${kept.id}`, kept },
    ]),
  );
}

function givenTwice(occurrence: number): Finding {
  return {
    severity: 'W',
    code: '205',
    location: { segment: 'PID', occurrence, field: 3 },
    text: 'Somebody else, of another given name and birth date, is kept under this number of yours (PID-3): this person has a record beside it',
  };
}
