import { describe, expect, it } from 'vitest';
import { utc } from '../../../src/values/time-zone.ts';
import { actorWords, interactionWords, reasonWords } from '../../../src/web/audit-words.ts';
import { sitePages } from '../../../src/web/site-pages/site-pages.ts';
import { translator } from '../../../src/web/translate.ts';

const [en, es] = [translator('en', utc), translator('es', utc)];

describe('a row of the audit', () => {
  const pages = sitePages.map(({ name }) => name);

  it.each([...pages, 'seen', 'apps', 'consent', 'picker'])('has words for the page %s', (name) => {
    const what = `page ${name}`.replace(' ', '-');
    expect(interactionWords(en, what)).toMatch(/^Page: ./);
    expect(interactionWords(en, what).slice('Page: '.length)).not.toBe(name);
    expect(interactionWords(es, what)).not.toContain(interactionWords(en, what));
  });

  it.each([
    ['search-type', 'Search'],
    ['operation $immds-forecast', 'Work out which vaccines are needed'],
    ['operation $of-somebody', 'Operation of-somebody'],
    ['HL7 v2 VXU_V04', 'HL7 v2 message VXU_V04'],
    ['CDS Hooks patient-view', 'CDS Hooks patient-view'],
    ['health link file', 'Fetch a file by a link to a record'],
    ['bulk-export', 'Copying data for public health'],
    ['what nobody knows', 'what nobody knows'],
  ])('tells %s as "%s"', (what, words) => {
    expect(interactionWords(en, what)).toBe(words);
  });

  it('tells purposes and who has no account, and what was typed as it was', () => {
    expect([reasonWords(en, 'HSYSADMIN'), reasonWords(en, 'she fainted')]).toEqual([
      'Running the registry',
      'she fainted',
    ]);
    expect([actorWords(en, 'cli:root'), actorWords(en, 'nurse')]).toEqual([
      'The registry’s operator',
      'nurse',
    ]);
  });
});
