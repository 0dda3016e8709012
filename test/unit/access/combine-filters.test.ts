import { describe, expect, it } from 'vitest';
import { meetingOf, unionOf } from '../../../src/access/combine-filters.ts';
import { everything, type Filter, nothing } from '../../../src/search/filter.ts';

const persons = (...anyOf: string[]): Filter => ({ kind: 'concerns', anyOf });
const one: Filter = { kind: 'id', anyOf: ['a'] };
const two: Filter = { kind: 'id', anyOf: ['b'] };

// A filter that says no more than it must is answered by fewer steps.
describe('filters that meet', () => {
  it.each([
    [everything, one, one],
    [one, everything, one],
    [nothing, one, nothing],
    [one, nothing, nothing],
    [one, two, { kind: 'and', of: [one, two] }],
    [persons('p', 'q'), persons('q', 'r'), persons('q')],
    // They may be two ids of one person.
    [persons('p'), persons('r'), { kind: 'and', of: [persons('p'), persons('r')] }],
  ])('%j and %j are %j', (left, right, expected) => {
    expect(meetingOf(left, right)).toEqual(expected);
  });
});

describe('filters that are joined', () => {
  it.each([
    [[], nothing],
    [[nothing, one], one],
    [[one, everything], everything],
    [[one, one], one],
    [[one, two, one], { kind: 'or', of: [one, two] }],
  ])('%j are %j', (filters, expected) => {
    expect(unionOf(filters as readonly Filter[])).toEqual(expected);
  });
});
