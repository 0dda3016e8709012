import { expect, it } from 'vitest';
import { parseMessage } from '../../../../src/hl7v2/er7/message.ts';
import { checkQuery } from '../../../../src/hl7v2/guide/check-query.ts';
import { worstErrSegment } from '../../../../src/hl7v2/guide/err-segments.ts';
import { placeName } from '../../../../src/hl7v2/guide/finding-text.ts';
import { testGuide } from './open-test-guide.ts';
import { sampleQuery } from './sample-messages.ts';

function check(text: string) {
  const message = parseMessage(text);
  if ('kind' in message) throw new Error(message.reason);
  const checked = checkQuery(testGuide, message);
  const told = checked.findings.map(
    ({ severity, code, location }) => `${severity} ${code} ${location && placeName(location)}`,
  );
  return { checked, told };
}

it('takes a query as the guide has it', () => {
  const { checked, told } = check(sampleQuery);
  expect(told).toEqual([]);
  expect(checked).toMatchObject({ kind: 'accepted', profile: 'Z44', rcp: { name: 'RCP' } });
});

it.each([
  ['no tag', ['tag-1', ''], ['E 101 QPD-2']],
  ['another query', ['Z44^Request Evaluated History and Forecast', 'Z99^Everything'], ['E 103 QPD-1.1']],
  ['nobody to look for', ['A1001^^^NORTH^MR|Larkin^Mona^Jo^^^^L', '|'], ['E 101 QPD-3']],
  ['nobody, said by ""', ['A1001^^^NORTH^MR|Larkin^Mona^Jo^^^^L', '""|""'], ['E 101 QPD-3']],
  ['no QPD', ['QPD|', 'ZPD|'], ['E 100 QPD']],
])('refuses %s', (_, [from = '', to = ''], expected) => {
  const { checked, told } = check(sampleQuery.replace(from, to));
  expect(checked.kind).toBe('refused');
  expect(told).toEqual(expect.arrayContaining(expected));
});

it.each([
  ['no identifier', ['A1001^^^NORTH^MR', '']],
  ['no RCP', ['RCP|I|5^RD&records&HL70126', 'ZRC|']],
  ['no limit', ['5^RD&records&HL70126', '']],
  ['a limit that is none', ['5^RD&records&HL70126', 'many^RD&records&HL70126']],
])('takes %s', (_, [from = '', to = '']) => {
  const { checked, told } = check(sampleQuery.replace(from, to));
  expect(checked.kind, told.join()).toBe('accepted');
  expect(told.filter((one) => one.startsWith('E'))).toEqual([]);
});

it('is unsupported where the header is', () => {
  expect(check(sampleQuery.replace('QBP^Q11', 'QBP^Q22')).checked.kind).toBe('unsupported');
});

it('tells the worst of several findings, and how many there are', () => {
  const { checked } = check(sampleQuery.replace('tag-1', '').replace('|F|', '|F|x'));
  expect(worstErrSegment(checked.findings)).toMatch(
    /^ERR\|\|QPD\^1\^2\^1\|101\^Required field missing\^HL70357\|E\|.*/,
  );
  expect(worstErrSegment([])).toBeUndefined();
});

it('names the value that cannot be read, and not that nobody is asked for', () => {
  const { checked, told } = check(
    sampleQuery.replace('A1001^^^NORTH^MR', '').replace(/\|(\d{8})\|/, '|11/20/2023|'),
  );
  expect(checked.kind).toBe('refused');
  expect(told.filter((one) => one.startsWith('E'))).toEqual([expect.stringMatching(/^E 102 QPD-6/)]);
});
