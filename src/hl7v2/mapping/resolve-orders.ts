import type { Identifier, Immunization } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { Pace } from '../../values/turns.ts';
import type { OrderGroup } from '../checked-message.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import { authoritySystem } from './authority.ts';
import { dayOf, findDose, isAlike, vaccineAndDay } from './find-dose.ts';
import type { Built } from './merge.ts';
import type { OwnRecord } from './own-records.ts';
import type { SaidLater } from './said-later.ts';
import { actionOf, type DoseMapping, fillerOf, isNoDose, toImmunization } from './to-immunization.ts';
import type { SenderIdentity } from './to-patient.ts';
import { fieldText } from './v2-text.ts';

/** An order as a dose, and which dose that is kept it means. */
export type ResolvedDose = {
  readonly kind: 'dose';
  readonly order: OrderGroup;
  readonly built: Built<Immunization>;
  /** ORC-3, where it is told by nothing but it which dose is meant. */
  readonly filler: Identifier | undefined;
  readonly kept: (Resource & Immunization) | undefined;
};

/** An order under RXA-5 998. */
export type ResolvedStatement = { readonly kind: 'statement'; readonly order: OrderGroup };

export type ResolvedOrder = ResolvedDose | ResolvedStatement;

export type OrdersInput = {
  readonly mapping: DoseMapping;
  readonly sender: SenderIdentity;
  readonly patient: string;
  readonly record: OwnRecord | undefined;
  /** What of the record a message said that was sent later than this one. */
  readonly saidLater?: SaidLater | undefined;
  /** Lets others be answered meanwhile. */
  readonly pace: Pace;
};

export type ResolvedOrders = {
  readonly orders: readonly ResolvedOrder[];
  readonly findings: readonly Finding[];
};

/**
 * Which dose each order means. Of several that mean one the last counts. An ORC-3 that stands at several vaccines or days is
 * no key, as senders have it who number visits: then vaccine and day tell doses apart, and none is lost.
 */
export async function resolveOrders(
  input: OrdersInput,
  orders: readonly OrderGroup[],
): Promise<ResolvedOrders> {
  const doses: SentDose[] = [];
  for (const order of orders) {
    doses.push(sentDose(input, order));
    await input.pace();
  }
  const shared = sharedFillers(doses);
  const resolved: ResolvedOrder[] = [];
  for (const { order, built, filler } of doses) {
    const isShared = shared.has(nameOf(filler));
    resolved.push(
      built ? resolveDose(input, { order, built, filler, isShared }) : { kind: 'statement', order },
    );
    await input.pace();
  }
  const last = new Map(resolved.map((one) => [keyOf(one), one]));
  return {
    orders: resolved.filter((one) => last.get(keyOf(one)) === one),
    findings: [
      ...resolved.filter((one) => last.get(keyOf(one)) !== one).map(saidAgain),
      ...findingsOfShared(doses, shared),
      ...resolved.flatMap((one) =>
        one.kind === 'dose' ? [...addedBeside(input, one), ...moved(input, one)] : [],
      ),
    ],
  };
}

function sentDose({ mapping, sender, patient }: OrdersInput, order: OrderGroup): SentDose {
  if (isNoDose(order)) return { order };
  const built = toImmunization(mapping, order, patient, sender);
  return { order, built, filler: fillerOf(order, sender) };
}

type SentDose = {
  readonly order: OrderGroup;
  readonly built?: Built<Immunization> | undefined;
  readonly filler?: Identifier | undefined;
};

const nameOf = (filler: Identifier | undefined): string =>
  filler === undefined ? '' : `${filler.system}|${filler.value}`;

/** The ORC-3 that stand at orders of several vaccines or days. */
function sharedFillers(doses: readonly SentDose[]): ReadonlySet<string> {
  const meant = new Map<string, string>();
  const shared = new Set<string>();
  for (const { built, filler } of doses) {
    if (!built || !filler || built.resource.status === 'entered-in-error') continue;
    const name = nameOf(filler);
    const what = vaccineAndDay(built.resource);
    if (meant.has(name) && meant.get(name) !== what) shared.add(name);
    meant.set(name, what);
  }
  return shared;
}

function resolveDose(
  { record, sender }: OrdersInput,
  {
    order,
    built,
    filler,
    isShared,
  }: Required<Pick<SentDose, 'order'>> & {
    readonly built: Built<Immunization>;
    readonly filler: Identifier | undefined;
    readonly isShared: boolean;
  },
): ResolvedDose {
  const sent = built.resource;
  const doses = record?.doses ?? [];
  const action = actionOf(order);
  const usual = sender.authority === undefined ? undefined : authoritySystem(sender.authority);
  const kept = findDose(doses, filler, { sent, isNotGiven: isNotGiven(order), isShared, action, usual });
  return { kind: 'dose', order, built, filler: isShared ? undefined : filler, kept };
}

/** RXA-20: refused, or not given. */
const isNotGiven = ({ rxa }: OrderGroup): boolean => /^(?:RE|NA)$/.test(fieldText(rxa, 20) ?? '');

/** By what two orders of one message mean the same dose. */
function keyOf(resolved: ResolvedOrder): string {
  if (resolved.kind === 'statement') return `statement ${resolved.order.number}`;
  const { kept, built, filler, order } = resolved;
  if (kept) return `kept ${kept.id}`;
  // What is taken back may be what an order before it has brought.
  const status = isNotGiven(order) ? 'not-done' : 'completed';
  return `${nameOf(filler)} ${vaccineAndDay(built.resource)} ${status}`;
}

export const orcLocation = ({ orc, rxa }: OrderGroup): ErrorLocation =>
  orc
    ? { segment: 'ORC', occurrence: orc.occurrence, field: 3 }
    : { segment: 'RXA', occurrence: rxa.occurrence };

function saidAgain({ order }: ResolvedOrder): Finding {
  return {
    severity: 'W',
    code: '205',
    location: orcLocation(order),
    text: 'A later order of this message means the same dose: that one was taken, and this one was not',
  };
}

function findingsOfShared(doses: readonly SentDose[], shared: ReadonlySet<string>): readonly Finding[] {
  return [...shared].flatMap((name) => {
    const first = doses.find(({ filler }) => nameOf(filler) === name);
    if (!first) return [];
    const text = `ORC-3 ${first.filler?.value} stands at several vaccines or days: each was taken as a dose of its own, told apart by vaccine and day`;
    return [{ severity: 'W', code: '205', location: orcLocation(first.order), text } as const];
  });
}

/** An add under a number that is kept with the same vaccine of another day is taken as its correction. */
function moved({ saidLater }: OrdersInput, { order, filler, kept, built }: ResolvedDose): readonly Finding[] {
  if (kept && saidLater?.(`Immunization/${kept.id}`)) return [];
  const { resource: sent } = built;
  const was = kept && dayOf(kept);
  if (!filler || !was || kept.status === 'entered-in-error' || actionOf(order) !== 'add') return [];
  if (was === dayOf(sent) || dayOf(sent) === undefined) return [];
  const text = `ORC-3 ${filler.value} is kept with this vaccine on ${was}: that dose has the day of this order now. Send a number of its own for a second dose, and RXA-21 U for a correction`;
  return [{ severity: 'W', code: '205', location: orcLocation(order), text }];
}

/** An add under a number that is kept with another vaccine. */
function addedBeside(
  { record }: OrdersInput,
  { order, filler, kept, built }: ResolvedDose,
): readonly Finding[] {
  if (kept || !filler || built.resource.status === 'entered-in-error') return [];
  const other = record?.doses.find((dose) =>
    dose.identifier?.some(({ system, value }) => system === filler.system && value === filler.value),
  );
  if (!other || isAlike(other, built.resource)) return [];
  const text =
    actionOf(order) === 'update'
      ? `ORC-3 ${filler.value} is kept with several doses, none of this vaccine: nobody knows which one is to be updated (RXA-21 U), and all are kept`
      : `ORC-3 ${filler.value} is kept with another vaccine, and the order is an add (RXA-21 A): both are kept`;
  return [{ severity: 'W', code: '205', location: orcLocation(order), text }];
}
