import { expect, it } from 'vitest';
import { type AuditReach, toAuditReach } from '../../../src/access/audit-reach.ts';
import { everything, type Filter, nothing } from '../../../src/search/filter.ts';

const concerns = (...anyOf: string[]): Filter => ({ kind: 'concerns', anyOf });
const both = (...of: Filter[]): Filter => ({ kind: 'and', of });
const either = (...of: Filter[]): Filter => ({ kind: 'or', of });
const tagged: Filter = { kind: 'value', param: '_tag', test: { kind: 'token', anyOf: [{ code: 'x' }] } };
const borne: Filter = { kind: 'reach', anyOf: ['care|Organization/a'] };

it.each<[string, Filter, AuditReach]>([
  ['all', everything, 'all'],
  ['nothing', nothing, []],
  ['some persons', concerns('a', 'b'), ['a', 'b']],
  ['who is in both', both(concerns('a', 'b'), concerns('b', 'c')), ['b']],
  ['some persons of all', both(everything, concerns('a')), ['a']],
  ['who is in either, once', either(concerns('a'), concerns('a', 'b')), ['a', 'b']],
  ['all or some', either(concerns('a'), everything), 'all'],
  ['its own type', { kind: 'type', anyOf: ['AuditEvent'] }, 'all'],
  ['another type', { kind: 'type', anyOf: ['Patient'] }, []],
  ['a value, which rows do not have', tagged, []],
  ['a value of some persons', both(concerns('a'), tagged), []],
  ['a mark', borne, []],
  ['not a value', { kind: 'not', of: tagged }, []],
  ['not some persons', { kind: 'not', of: concerns('a') }, []],
  ['an id', { kind: 'id', anyOf: ['x'] }, []],
  ['a time', { kind: 'lastUpdated', bounds: [] }, []],
])('of %s', (_, filter, reach) => {
  expect(toAuditReach(filter)).toEqual(reach);
});
