import type { Condition, Observation } from 'fhir/r4.js';
import type { Fact } from './to-facts.ts';

const cvx = 'http://hl7.org/fhir/sid/cvx';

/** By what a fact is known again: what it says, of which dose, and when where it may be so more than once. */
export function factKey(fact: Fact): string {
  return JSON.stringify(fact.resourceType === 'Condition' ? ofCondition(fact) : ofObservation(fact));
}

/** A disease that leaves immunity is had once, whenever it is told of. */
const ofCondition = ({ code }: Condition) => ['Condition', codes(code)];

function ofObservation(observation: Observation) {
  const { code, valueCodeableConcept, valueQuantity, valueString, valueDateTime, partOf } = observation;
  const value = valueCodeableConcept
    ? codes(valueCodeableConcept)
    : (valueQuantity?.value ?? valueString ?? valueDateTime);
  return ['Observation', codes(code), value, partOf?.[0]?.reference ?? '', whenOf(observation)];
}

function codes(concept: Observation['code'] | undefined): readonly string[] {
  const coding = concept?.coding ?? [];
  const coded = coding.map(({ system, code }) => `${system}|${code}`);
  // The vaccine alone beside a text is no more than of which vaccine it is.
  return coding.some(({ system }) => system !== cvx) ? coded : [...coded, concept?.text ?? ''];
}

/** LOINC 30945-0: a contraindication without a beginning is told of again and again, each time on another day. */
function whenOf({ code, effectivePeriod, effectiveDateTime }: Observation): string {
  const isLasting = code.coding?.some((coding) => coding.code === '30945-0') ?? false;
  return isLasting ? (effectivePeriod?.start ?? '') : (effectivePeriod?.start ?? effectiveDateTime ?? '');
}

/** The fact as one that was an error (RXA-21 D). */
export function asError(fact: Fact): Fact {
  if (fact.resourceType === 'Observation') return { ...fact, status: 'entered-in-error' };
  // R4 con-5: what was an error has no clinical status.
  const { clinicalStatus: _, ...rest } = fact;
  const system = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
  return { ...rest, verificationStatus: { coding: [{ system, code: 'entered-in-error' }] } };
}

export function isError(fact: Fact): boolean {
  if (fact.resourceType === 'Observation') return fact.status === 'entered-in-error';
  return fact.verificationStatus?.coding?.some(({ code }) => code === 'entered-in-error') ?? false;
}
