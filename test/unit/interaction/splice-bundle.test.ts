import { expect, it } from 'vitest';
import { membersOf, type SplicedEntry, spliceBundle } from '../../../src/interaction/splice-bundle.ts';
import { wholeText } from '../../../src/values/long-text.ts';

const head = { resourceType: 'Bundle', type: 'searchset' };
const long = JSON.stringify({ resourceType: 'Basic', id: 'x'.repeat(700_000) });
const short = '{"resourceType":"Basic"}';
const rest = membersOf({ search: { mode: 'match' } });

const entries: readonly SplicedEntry[] = [
  { fullUrl: 'urn:1', text: long, rest },
  { text: long },
  { fullUrl: 'urn:2', text: long },
  { text: long, rest },
  { fullUrl: 'urn:3', rest },
  { fullUrl: 'urn:4', text: short, rest },
  { rest },
  { text: ['{"resourceType":"Basic","id":"', 'y'.repeat(20_000), '"}'], rest },
];

it('is the same Bundle in pieces as in one text', () => {
  const pieces = spliceBundle(head, entries);
  const each = entries.map((entry) => wholeText(spliceBundle(head, [entry])));
  const entry = each.flatMap((text) => JSON.parse(text).entry);
  expect(JSON.parse(wholeText(pieces))).toEqual({ ...head, entry });
  expect(entry[0].search).toEqual({ mode: 'match' });
});

it('copies no long text, and makes no pieces of what is short', () => {
  const pieces = spliceBundle(head, entries);
  expect(typeof pieces === 'string' ? [] : pieces.filter((piece) => piece === long)).toHaveLength(4);
  expect(typeof spliceBundle(head, [{ text: short, rest }])).toBe('string');
  const many = spliceBundle(head, Array(50_000).fill({ fullUrl: 'urn:5', text: short, rest }));
  expect(many.length).toBeLessThan(50_010);
});
