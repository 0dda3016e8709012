import type { Identifier, Immunization, Observation } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { OrderGroup } from '../checked-message.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import { hasCode } from './coded.ts';
import { dayOf } from './find-dose.ts';
import { asError, factKey, isError } from './match-facts.ts';
import { fillIn, isSameContent, mergeBuilt } from './merge.ts';
import { isSameNumber, type OwnRecord, ownerTag } from './own-records.ts';
import { type PersonInput, withOwner } from './plan-patient.ts';
import { orcLocation, type ResolvedDose, type ResolvedOrder } from './resolve-orders.ts';
import { overtaken } from './said-later.ts';
import { type Fact, toFacts } from './to-facts.ts';
import { actionOf, type DoseMapping } from './to-immunization.ts';
import { fieldText } from './v2-text.ts';
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

export type OrderInput = Pick<PersonInput, 'sender' | 'owner' | 'saysOwner' | 'numbering' | 'saidLater'> & {
  readonly mapping: DoseMapping;
  readonly record: OwnRecord | undefined;
  readonly patient: string;
  /** The facts that are kept or planned, by `factKey`: none is written twice. */
  readonly facts: Map<string, Known>;
  /** An OBX of the message was left out, and that is told: what would follow from it is not told beside it. */
  readonly hasLostObx: boolean;
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
    findings: isDelete ? unlessKept(input, order, facts) : unlessSaid(input, order, facts),
  };
}

const unlessKept = (input: OrderInput, order: OrderGroup, facts: readonly Fact[]): readonly Finding[] =>
  facts.some((fact) => isKept(input, fact)) ? [] : [unknownFact(order)];

const unlessSaid = (
  { hasLostObx }: OrderInput,
  order: OrderGroup,
  facts: readonly Fact[],
): readonly Finding[] => (facts.length > 0 || hasLostObx ? [] : [saysNothing(order)]);

const isKept = ({ facts }: OrderInput, fact: Fact): boolean => facts.get(factKey(fact))?.kept !== undefined;

function planDose(input: OrderInput, dose: ResolvedDose): OrderPlan {
  const { order, kept } = dose;
  if (actionOf(order) !== 'delete') return kept ? planKnown(input, dose, kept) : planNew(input, dose);
  if (!kept) return planOf(dose, 'none', [], { findings: [unknownDose(order)] });
  if (!isSaidLater(input, kept)) {
    return planOf(dose, 'deleted', deletedDose(input, kept), { findings: deletedElsewhen(dose, kept) });
  }
  const findings = kept.status === 'entered-in-error' ? [] : [overtaken(rxaLocation(order))];
  return planOf(dose, 'unchanged', [], { findings });
}

function planOf(
  { order, kept }: ResolvedDose,
  kind: DoseOutcome['kind'],
  entries: readonly Entry[],
  more: Partial<OrderPlan> = {},
): OrderPlan {
  return {
    part: { location: rxaLocation(order), isEssential: false, entries },
    outcome: { order: order.number, kind, ...(kept && { reference: `Immunization/${kept.id}` }) },
    findings: [],
    ...more,
  };
}

/** What is observed of a dose. */
function factsOf(input: OrderInput, { order, built }: ResolvedDose, reference: string) {
  const dose = { reference, vaccine: built.resource.vaccineCode };
  const about = { patient: input.patient, dose, zone: input.sender.zone };
  const facts = toFacts(input.mapping.tables, order, about).map((fact) => factEntries(input, fact));
  return {
    reactions: facts.filter(({ isReaction }) => isReaction),
    writes: facts.flatMap(({ entries }) => entries),
  };
}

function planKnown(input: OrderInput, dose: ResolvedDose, kept: Resource & Immunization): OrderPlan {
  const { built, order } = dose;
  const facts = factsOf(input, dose, `Immunization/${kept.id}`);
  const merged = mergeBuilt(kept, built);
  const isLate = isSaidLater(input, kept);
  const next = isLate ? fillIn(kept, built) : merged;
  const own = changed(kept, withReactions(next as Resource & Immunization, facts.reactions));
  const findings = isLate && !isSameContent(next, merged) ? [overtaken(rxaLocation(order))] : [];
  return planOf(dose, own.length > 0 ? 'updated' : 'unchanged', [...own, ...facts.writes], { findings });
}

function planNew(input: OrderInput, resolved: ResolvedDose): OrderPlan {
  const { built, order, filler } = resolved;
  const reference = input.numbering.next();
  const facts = factsOf(input, resolved, reference);
  const dose = withReactions(withOwner(input, built.resource), facts.reactions);
  const entry = created(dose, reference, conditionOf(input, filler));
  const outcome = { order: order.number, kind: 'created', reference } as const;
  // Of a number that others have it is told already.
  const isUnknown = actionOf(order) === 'update' && !isNumberKept(input, filler);
  const findings = isUnknown ? [addedDose(order)] : [];
  return planOf(resolved, 'created', [entry, ...facts.writes], { outcome, findings });
}

const isSaidLater = ({ saidLater }: OrderInput, { resourceType, id }: Resource): boolean =>
  saidLater?.(`${resourceType}/${id}`) === true;

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
    const isLate = kept !== undefined && isSaidLater(input, kept);
    const next = kept && !isLate && { ...bare(kept, fact), ...(isError(kept) ? fact : anew(fact)) };
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
  return kept && !isSaidLater(input, kept) ? changed(kept, asError(kept)) : [];
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

const isNumberKept = ({ record }: Pick<OrderInput, 'record'>, filler: Identifier | undefined): boolean =>
  filler !== undefined &&
  record?.doses.some(({ identifier }) => identifier?.some((one) => isSameNumber(one, filler))) === true;

/** Of a person who is known, so that two messages at one moment do not make two doses of one. */
function conditionOf(
  { patient, record, owner }: OrderInput,
  filler: Identifier | undefined,
): string | undefined {
  if (!filler || !patient.startsWith('Patient/')) return undefined;
  // It is kept with another dose, which the condition would find.
  if (isNumberKept({ record }, filler)) return undefined;
  const named = `patient=${patient}&identifier=${searchValue(filler.system, filler.value)}`;
  if (owner === undefined) return named;
  // Another's dose in the record is no dose of this sender.
  const { system, code } = ownerTag(owner);
  return `${named}&_tag=${searchValue(system, code)}`;
}

/** By ORC-3 it is the one, but for its day: whoever deletes it must learn which one has gone. */
function deletedElsewhen({ order, built }: ResolvedDose, kept: Immunization): readonly Finding[] {
  const [was, sent] = [dayOf(kept), dayOf(built.resource)];
  if (was === undefined || was === sent || kept.status === 'entered-in-error') return [];
  const text = `The dose of this ORC-3 and this vaccine is kept on ${was}, and RXA-3 is another day: that dose was deleted`;
  return [{ severity: 'W', code: '205', location: orcLocation(order), text }];
}

/** RXA-5 998 without an OBX that has a place. Where RXA-20 says that something was given, that may be a dose. */
function saysNothing(order: OrderGroup): Finding {
  const status = fieldText(order.rxa, 20) ?? 'CP';
  const location = { ...rxaLocation(order), field: 5 };
  const said =
    'RXA-5 998 says that no vaccine was given, and no OBX of this order says anything of the person';
  if (status !== 'CP' && status !== 'PA') {
    return { severity: 'I', code: '0', location, text: `${said}: nothing was written` };
  }
  const text = `${said}, but RXA-20 says that a vaccine was given: no dose was written. Send its code in RXA-5`;
  return { severity: 'W', code: '102', application: '3', location, text };
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

function unknownFact(order: OrderGroup): Finding {
  return {
    severity: 'W',
    code: '204',
    location: rxaLocation(order),
    text: 'Under RXA-5 998 a delete takes back what its OBX say, and nothing of yours that is kept says it: nothing was deleted. To delete a dose send its vaccine in RXA-5',
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
