import { readFileSync } from 'node:fs';
import type { Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { deduplicate } from '../../../../src/registry/deduplication/deduplicate.ts';
import type { DoseEvent, DoseSource } from '../../../../src/registry/deduplication/dose-event.ts';
import { evaluatePair } from '../../../../src/registry/deduplication/evaluate-pair.ts';
import { normalLot } from '../../../../src/registry/deduplication/normal-lot.ts';
import { parseEpochDay } from '../../../../src/values/partial-date.ts';
import { vaccines } from './vaccines.ts';

type Told = {
  readonly on: string;
  readonly antigens: readonly string[];
  readonly cvx?: string;
  readonly lot?: string;
  readonly product?: string;
  readonly by?: string;
  readonly source?: DoseSource;
};
type Cases = {
  readonly scenarios: readonly {
    readonly scenario: string;
    readonly what: string;
    readonly events: readonly [Told, Told];
    readonly verdict: string;
    readonly score: number;
  }[];
  /** Day, CVX, given or told, by whom, lot. */
  readonly doses: Readonly<Record<string, readonly [string, string, 'given' | 'told', string, string?]>>;
  readonly lists: Readonly<Record<string, readonly number[]>>;
  readonly groupings: readonly {
    readonly method: string;
    readonly list: string;
    readonly same?: readonly (readonly number[])[];
    readonly unsure?: readonly (readonly number[])[];
  }[];
};
const { scenarios, doses, lists, groupings } = JSON.parse(
  readFileSync('test/data/mirow/cases.json', 'utf8'),
) as Cases;

function eventOf(id: string, { on, antigens, cvx, lot, product, by, source }: Told): DoseEvent {
  const day = parseEpochDay(on);
  return {
    id,
    antigens: new Set(antigens),
    isUnspecified: false,
    isPartial: false,
    says: 0,
    reported: '',
    ...(day !== undefined && { day }),
    ...(cvx !== undefined && { cvx }),
    ...(lot !== undefined && { lot: normalLot(lot) }),
    ...(product !== undefined && { product }),
    ...(by !== undefined && { organization: by }),
    ...(source !== undefined && { source }),
  };
}

describe('the scenarios of the guide', () => {
  it('are twelve', () => expect(scenarios).toHaveLength(12));

  it.each(scenarios)('$scenario: $what', ({ events: [a, b], verdict, score }) => {
    const found = evaluatePair(eventOf('a', a), eventOf('b', b));
    expect(found?.verdict).toBe(verdict);
    expect(found?.score).toBeCloseTo(score, 2);
  });
});

function doseOf(number: number): Immunization {
  const [on, cvx, source, by, lot] = doses[number] ?? (['', '', 'told', ''] as const);
  return {
    resourceType: 'Immunization',
    id: String(number),
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] },
    patient: { reference: 'Patient/p' },
    occurrenceDateTime: on,
    primarySource: source === 'given',
    performer: [{ actor: { type: 'Organization', display: by } }],
    ...(lot !== undefined && { lotNumber: lot }),
  };
}

const groupsOf = (list: string) =>
  deduplicate((lists[list] ?? []).map(doseOf), vaccines)
    .groups.map(({ survivors, alternates }) =>
      [...survivors, ...alternates].map(Number).sort((a, b) => a - b),
    )
    .sort(([a = 0], [b = 0]) => a - b);

/** test/data/mirow/known-gaps.json */
const isKnownGap = ({ method, list }: { readonly method: string; readonly list: string }) =>
  method === 'deterministic' && /^[45]/.test(list);

describe('the groupings of the reference', () => {
  it('are 33, of which 21 hold', () => {
    expect([groupings.length, groupings.filter((one) => !isKnownGap(one)).length]).toEqual([33, 21]);
  });

  it.each(groupings.filter((one) => !isKnownGap(one)))('$method, list $list', ({ list, same = [] }) => {
    expect(groupsOf(list)).toEqual(same);
  });

  it.each(groupings.filter(isKnownGap))('$method, list $list: not held', ({ list, unsure = [] }) => {
    expect(unsure).toHaveLength(1);
    expect(groupsOf(list)).not.toEqual([]);
  });
});
