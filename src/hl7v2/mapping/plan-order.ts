import type { Identifier, Immunization, Observation } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { OrderGroup } from '../checked-message.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import { hasCode } from './coded.ts';
import { asError, factKey, isError } from './match-facts.ts';
import { mergeBuilt } from './merge.ts';
import { isSameNumber, type OwnRecord, ownerTag } from './own-records.ts';
import { type PersonInput, withOwner } from './plan-patient.ts';
import { orcLocation, type ResolvedDose, type ResolvedOrder } from './resolve-orders.ts';
import { type Fact, toFacts } from './to-facts.ts';
import { actionOf, type DoseMapping } from './to-immunization.ts';
import { changed, created, type Entry, type Part, searchValue } from './write-parts.ts';

/** What became of one order. */
export type DoseOutcome = {
  /** Which order of the message. */
  readonly order: number;
  readonly kind: 'created' | 'updated' | 'unchanged' | 'deleted' | 'none';
  /** Of a dose that was there: its id; of a new one the fullUrl of its entry. */
  readonly reference?: string;
};

export type OrderPlan = {
  readonly part: Part;
  readonly outcome: DoseOutcome;
  readonly findings: readonly Finding[];
};

export type OrderInput = Pick<PersonInput, 'sender' | 'owner' | 'saysOwner' | 'numbering'> & {
  readonly mapping: DoseMapping;
  readonly record: OwnRecord | undefined;
  readonly patient: string;
  /** The facts that are kept or planned, by `factKey`: none is written twice. */
  readonly facts: Map<string, Known>;
};

/** A fact, and by what it is referred to. */
export type Known = { readonly reference: string; readonly kept?: Resource & Fact };

export const rxaLocation = ({ rxa }: OrderGroup): ErrorLocation => ({
  segment: 'RXA',
  occurrence: rxa.occurrence,
});

export function planOrder(input: OrderInput, resolved: ResolvedOrder): OrderPlan {
  if (resolved.kind === 'dose') return planDose(input, resolved);
  const { order } = resolved;
  const facts = toFacts(input.mapping.tables, order, { patient: input.patient, zone: input.sender.zone });
  const isDelete = actionOf(order) === 'delete';
  const entries = facts.flatMap((fact) =>
    isDelete ? deletedFact(input, fact) : factEntries(input, fact).entries,
  );
  return {
    part: { location: rxaLocation(order), isEssential: false, entries },
    outcome: { order: order.number, kind: 'none' },
    findings: [],
  };
}

function planDose(input: OrderInput, { order, built, filler, kept }: ResolvedDose): OrderPlan {
  const { mapping, patient, sender } = input;
  const location = rxaLocation(order);
  const plan = (kind: DoseOutcome['kind'], entries: readonly Entry[], more: Partial<OrderPlan> = {}) => ({
    part: { location, isEssential: false, entries },
    outcome: { order: order.number, kind, ...(kept && { reference: `Immunization/${kept.id}` }) },
    findings: [],
    ...more,
  });
  if (actionOf(order) === 'delete') {
    if (!kept) return plan('none', [], { findings: [unknownDose(order)] });
    return plan('deleted', deletedDose(input, kept));
  }
  const reference = kept ? `Immunization/${kept.id}` : input.numbering.next();
  const about = { patient, dose: { reference, vaccine: built.resource.vaccineCode }, zone: sender.zone };
  const facts = toFacts(mapping.tables, order, about).map((fact) => factEntries(input, fact));
  const reactions = facts.filter(({ isReaction }) => isReaction);
  const factWrites = facts.flatMap(({ entries }) => entries);
  if (kept) {
    const merged = withReactions(mergeBuilt(kept, built) as Resource & Immunization, reactions);
    const own = changed(kept, merged);
    return plan(own.length > 0 ? 'updated' : 'unchanged', [...own, ...factWrites]);
  }
  const dose = withReactions(withOwner(input, built.resource), reactions);
  const entry = created(dose, reference, conditionOf(input, filler));
  const outcome = { order: order.number, kind: 'created', reference } as const;
  const findings = actionOf(order) === 'update' ? [addedDose(order)] : [];
  return plan('created', [entry, ...factWrites], { outcome, findings });
}

type PlannedFact = {
  readonly reference: string;
  readonly entries: readonly Entry[];
  readonly isReaction: boolean;
  readonly date: string | undefined;
};

/** A fact that is known stays, but for what is said anew of it; one that was an error is true again. */
function factEntries(input: OrderInput, fact: Fact): PlannedFact {
  const known = input.facts.get(factKey(fact));
  const isReaction = fact.resourceType === 'Observation' && hasReactionCode(fact);
  const date = fact.resourceType === 'Observation' ? fact.effectiveDateTime : undefined;
  if (known) {
    const { kept, reference } = known;
    const next = kept && { ...bare(kept, fact), ...(isError(kept) ? fact : anew(fact)) };
    return { reference, entries: kept && next ? changed(kept, next) : [], isReaction, date };
  }
  const reference = input.numbering.next();
  input.facts.set(factKey(fact), { reference });
  return { reference, entries: [created(withOwner(input, fact), reference)], isReaction, date };
}

/** R4 has one `effective[x]`. */
function bare(kept: Resource & Fact, fact: Fact): Resource & Fact {
  if (fact.resourceType !== 'Observation' || !fact.effectivePeriod) return kept;
  const { effectiveDateTime: _, ...rest } = kept as Resource & Observation;
  return rest as Resource & Fact;
}

/** From when to when something holds may be said later; when it was told of says nothing. */
function anew(fact: Fact): Partial<Fact> {
  if (fact.resourceType !== 'Observation' || !fact.effectivePeriod) return {};
  const { effectivePeriod, extension } = fact;
  return { effectivePeriod, ...(extension && { extension }) };
}

const hasReactionCode = ({ code }: Observation): boolean => hasCode(code, '31044-1');

function deletedFact(input: OrderInput, fact: Fact): readonly Entry[] {
  const { kept } = input.facts.get(factKey(fact)) ?? {};
  return kept ? changed(kept, asError(kept)) : [];
}

/** What was observed of a dose that never was never was either. */
function deletedDose({ record }: OrderInput, kept: Resource & Immunization): readonly Entry[] {
  const reference = `Immunization/${kept.id}`;
  const of = (record?.facts ?? []).filter(
    (fact) => fact.resourceType === 'Observation' && fact.partOf?.some((one) => one.reference === reference),
  );
  return [
    ...changed(kept, { ...kept, status: 'entered-in-error' }),
    ...of.flatMap((fact) => changed(fact, asError(fact))),
  ];
}

function withReactions<Kind extends Immunization>(dose: Kind, facts: readonly PlannedFact[]): Kind {
  const known = dose.reaction ?? [];
  const added = facts
    .filter(({ reference }) => !known.some(({ detail }) => detail?.reference === reference))
    .map(({ reference, date }) => ({ ...(date !== undefined && { date }), detail: { reference } }));
  return added.length === 0 ? dose : { ...dose, reaction: [...known, ...added] };
}

/** Of a person who is known, so that two messages at one moment do not make two doses of one. */
function conditionOf(
  { patient, record, owner }: OrderInput,
  filler: Identifier | undefined,
): string | undefined {
  if (!filler || !patient.startsWith('Patient/')) return undefined;
  const isKept = record?.doses.some(({ identifier }) => identifier?.some((one) => isSameNumber(one, filler)));
  // It is kept with another dose, which the condition would find.
  if (isKept) return undefined;
  const named = `patient=${patient}&identifier=${searchValue(filler.system, filler.value)}`;
  if (owner === undefined) return named;
  // Another's dose in the record is no dose of this sender.
  const { system, code } = ownerTag(owner);
  return `${named}&_tag=${searchValue(system, code)}`;
}

function unknownDose(order: OrderGroup): Finding {
  return {
    // What was to be gone is not there: nothing of the message is lost.
    severity: 'W',
    code: '204',
    location: orcLocation(order),
    text: 'No dose of yours with this ORC-3 and this vaccine is kept for this person: nothing was deleted',
  };
}

function addedDose(order: OrderGroup): Finding {
  return {
    severity: 'I',
    code: '204',
    location: orcLocation(order),
    text: 'The dose that was to be updated (RXA-21 U) was not known, and was added',
  };
}
