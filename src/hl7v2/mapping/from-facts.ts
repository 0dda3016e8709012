import type { CodeableConcept, Condition, Observation } from 'fhir/r4.js';
import type { FieldValue } from '../er7/write-segment.ts';
import { fromConcept } from './coded.ts';
import { extensionOf, extensionUrl } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { isError } from './match-facts.ts';
import { loincCode, type ObxValue } from './obx.ts';
import type { Fact } from './to-facts.ts';
import { toV2Day, toV2Local } from './v2-time.ts';

const loinc = 'http://loinc.org';
const cvx = 'http://hl7.org/fhir/sid/cvx';

/** Facts as OBX; what was an error says nothing. */
export function toFactObxs(tables: MappingTables, facts: readonly Fact[]): readonly ObxValue[] {
  return facts.flatMap((fact, at) => {
    if (isError(fact)) return [];
    const set = `fact ${at}`;
    return fact.resourceType === 'Condition'
      ? diseaseObx(tables, fact, set)
      : observationObxs(tables, fact, set);
  });
}

/** The dose that a fact hangs on. */
export const doseOf = (fact: Fact): string | undefined =>
  fact.resourceType === 'Observation' ? fact.partOf?.[0]?.reference : undefined;

/** A day of a fact, as RXA-3 of the order that it is told in. */
export function dayOf(fact: Fact): string | undefined {
  if (fact.resourceType === 'Condition') return toV2Day(fact.recordedDate);
  return toV2Day(fact.effectiveDateTime ?? fact.effectivePeriod?.start ?? fact.effectivePeriod?.end);
}

function diseaseObx(tables: MappingTables, condition: Condition, set: string): readonly ObxValue[] {
  if (!condition.code) return [];
  return [
    {
      type: 'CE',
      code: loincCode('59784-9'),
      set,
      value: fromConcept(tables, condition.code),
      observed: dayOf(condition),
    },
  ];
}

function observationObxs(tables: MappingTables, observation: Observation, set: string): readonly ObxValue[] {
  const coding = observation.code.coding?.[0];
  const valued = writtenValue(tables, observation);
  if (coding?.code === undefined || !valued) return [];
  const told = extensionOf(observation, extensionUrl.observed)?.valueDate;
  const observed = toV2Day(told ?? observation.effectiveDateTime);
  const { start, end } = observation.effectivePeriod ?? {};
  const system = coding.system === undefined ? undefined : tables.nameOf(coding.system);
  const code: ObxValue['code'] =
    coding.system === loinc ? loincCode(coding.code) : [coding.code, coding.display, system ?? 'L'];
  const named: ObxValue['code'] =
    coding.display === undefined ? code : [code[0], coding.display, code[2] ?? 'L'];
  const dated = (loincOfDate: string, date: string | undefined): readonly ObxValue[] =>
    date === undefined
      ? []
      : [{ type: 'DT', code: loincCode(loincOfDate), set, value: toV2Day(date), observed }];
  return [{ ...valued, code: named, set, observed }, ...dated('30946-8', start), ...dated('30944-3', end)];
}

type Valued = { readonly type: string; readonly value: FieldValue; readonly units?: FieldValue };

function writtenValue(tables: MappingTables, observation: Observation): Valued | undefined {
  const { valueCodeableConcept, valueQuantity, valueString, valueDateTime } = observation;
  if (valueCodeableConcept) {
    return { type: 'CE', value: fromConcept(tables, withoutVaccine(valueCodeableConcept)) };
  }
  if (valueQuantity?.value !== undefined) {
    const { value, unit, code } = valueQuantity;
    const units: FieldValue = (code ?? unit) === undefined ? undefined : [code ?? unit, unit, 'UCUM'];
    return { type: 'NM', value: String(value), ...(units !== undefined && { units }) };
  }
  if (valueDateTime !== undefined) return { type: 'TS', value: toV2Local(valueDateTime) };
  return valueString === undefined ? undefined : { type: 'ST', value: valueString };
}

/** The vaccine beside a reaction or precaution is that of its order. */
function withoutVaccine(concept: CodeableConcept): CodeableConcept {
  const coding = (concept.coding ?? []).filter(({ system }) => system !== cvx);
  if (coding.length > 0) return { ...concept, coding };
  return concept.text === undefined ? concept : { text: concept.text };
}
