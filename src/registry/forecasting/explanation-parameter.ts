import type { ParametersParameter } from 'fhir/r4.js';
import { hasMoreValues } from '../../fhir/has-more-values.ts';
import type { Explanation } from '../../forecast/explanation.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';

/** Members that hold an epoch day; all other numbers are counts. */
const dayMembers: ReadonlySet<string> = new Set([
  'date',
  'reference',
  'limit',
  'earliest',
  'recommended',
  'pastDue',
  'latest',
  'unadjustedRecommended',
  'unadjustedPastDue',
]);

/**
 * The explanation as a parameter of nested parts (docs/forecasting.md): each member of the engine's explanation is a
 * part of the same name, each item of a list one part, in order. In steps, since
 * that of a long history is long.
 */
export function* explanationParameter(explanation: Explanation): Generator<void, ParametersParameter> {
  const [parameter] = yield* partsInSteps('explanation', explanation);
  if (!parameter) throw new Error('an explanation is a part');
  return parameter;
}

/** So many values are written at a step. */
const valuesPerStep = 2000;

function* partsInSteps(name: string, value: unknown): Generator<void, ParametersParameter[]> {
  if (typeof value !== 'object' || value === null || !hasMoreValues(value, valuesPerStep)) {
    return partsOf(name, value);
  }
  const parts: ParametersParameter[] = [];
  const isList = Array.isArray(value);
  for (const [member, item] of Object.entries(value)) {
    for (const part of yield* partsInSteps(isList ? name : member, item)) parts.push(part);
    yield;
  }
  return isList ? parts : [{ name, part: parts }];
}

function membersOf(object: object): ParametersParameter[] {
  return Object.entries(object).flatMap(([name, value]) => partsOf(name, value));
}

function partsOf(name: string, value: unknown): ParametersParameter[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item) => partsOf(name, item));
  if (typeof value === 'boolean') return [{ name, valueBoolean: value }];
  if (typeof value === 'number') return [numberPart(name, value)];
  if (typeof value === 'string') return value === '' ? [] : [{ name, valueString: value }];
  return typeof value === 'object' && value !== null ? [{ name, part: membersOf(value) }] : [];
}

function numberPart(name: string, value: number): ParametersParameter {
  if (dayMembers.has(name)) return { name, valueDate: formatEpochDay(value as EpochDay) };
  return { name, valueInteger: value };
}
