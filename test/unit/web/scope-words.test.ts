import { describe, expect, it } from 'vitest';
import { utc } from '../../../src/values/time-zone.ts';
import { treeOf, wordScope } from '../../../src/web/scope-words.ts';
import { translator } from '../../../src/web/translate.ts';

const wordOf = (scope: string) => wordScope('en', translator('en', utc), scope);

describe('a scope in words', () => {
  it.each([
    ['patient/Immunization.rs', 'see', 'See vaccines given'],
    ['patient/Immunization.read', 'see', 'See vaccines given'],
    ['patient/Immunization.r', 'see', 'Open single vaccines given'],
    ['patient/Immunization.s', 'see', 'Search vaccines given'],
    ['patient/Immunization.cu', 'change', 'Add and change vaccines given'],
    ['patient/Immunization.cruds', 'change', 'See, add, change, and remove vaccines given'],
    ['patient/Immunization.write', 'change', 'Add, change, and remove vaccines given'],
    ['patient/Immunization.rs?status=completed', 'see', 'See vaccines given: only doses that were given'],
    [
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
      'see',
      'See test results and measures: only lab results',
    ],
    [
      'patient/Immunization.rs?date=ge2020-01-01',
      'see',
      'See vaccines given: only where date is ge2020-01-01',
    ],
    ['openid', 'who', 'Know that you signed in'],
    ['fhirUser', 'who', 'Know who you are'],
    ['profile', 'who', 'Know who you are (older form)'],
    ['offline_access', 'long', 'Keep access until you stop it, at most 1 year'],
    ['online_access', 'long', 'Keep access while you are signed in'],
    ['launch', 'more', 'Know whose record is open'],
    ['launch/patient', 'more', 'Ask whose record to use'],
    ['launch/encounter', 'more', 'Know which visit this is about'],
    ['https://jenner-iis.org/scope/launch', 'more', 'Open other apps for you'],
    ['https://jenner-iis.org/scope/other', 'more', 'Use “https://jenner-iis.org/scope/other”'],
    ['never-heard-of', 'more', 'Use “never-heard-of”'],
  ])('%s', (scope, group, words) => {
    expect(wordOf(scope)).toMatchObject({ group, words });
  });

  it('says of a wildcard that it covers what comes later', () => {
    expect(wordOf('patient/*.rs')).toEqual({
      group: 'see',
      words: 'See the whole record',
      notes: ['This covers kinds of data that are added later, too.'],
    });
    expect(wordOf('patient/Immunization.rs').notes).toEqual([]);
  });

  it('says whose data it is when it is more than one person', () => {
    expect(wordOf('user/Patient.rs').notes).toEqual(['For all people you may look up.']);
    expect(wordOf('system/Patient.rs').notes).toEqual([
      'For everyone in the registry that this app may use.',
    ]);
  });
});

describe('the boxes of scopes', () => {
  const box = (scope: string, within?: string) => ({
    scope,
    checked: true,
    ...(within !== undefined && { within }),
  });

  it('stand below what they narrow', () => {
    expect(treeOf([box('a'), box('a?1', 'a'), box('b'), box('a?2', 'a')])).toMatchObject([
      { scope: 'a', narrower: [{ scope: 'a?1' }, { scope: 'a?2' }] },
      { scope: 'b', narrower: [] },
    ]);
  });

  it('are shown also when what they narrow is not, or is they themselves', () => {
    expect(treeOf([box('a?1', 'a'), box('b', 'b')]).map(({ scope }) => scope)).toEqual(['a?1', 'b']);
  });
});
