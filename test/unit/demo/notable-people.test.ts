import { readFileSync } from 'node:fs';
import type { Immunization, Patient } from 'fhir/r4.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { ageInYears } from '../../../src/demo/calendar.ts';
import { indexOfNotable } from '../../../src/demo/demo-person.ts';
import type { FindingResource } from '../../../src/demo/finding.ts';
import { type GeneratedResource, listNotablePeople } from '../../../src/demo/generate-registry.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import { asOf, codeOf, immunizationsOf, patientsOf, referencesIn, wholeRegistry } from './registry-sample.ts';

// What a person shows must not hang on the seed that happens to be the demo's.
describe.each([1, 2, 42])('the demo, seed %i', (seed) => {
  let resources: GeneratedResource[];
  beforeAll(() => {
    resources = wholeRegistry('demo', seed, 100);
  });
  const idOf = (slug: string) => `demo-p-${String(indexOfNotable(slug) + 1).padStart(6, '0')}`;
  const patient = (slug: string): Patient => {
    const found = patientsOf(resources).find(({ id }) => id === idOf(slug));
    if (!found) throw new Error(`no patient ${slug}`);
    return found;
  };
  const doses = (slug: string, ...cvx: string[]): Immunization[] =>
    immunizationsOf(resources).filter(
      (dose) =>
        dose.patient.reference === `Patient/${idOf(slug)}` &&
        (cvx.length === 0 || cvx.includes(codeOf(dose.vaccineCode) ?? '')),
    );
  const daysOld = (slug: string, dose: Immunization | undefined): number =>
    dayOf(dose?.occurrenceDateTime) - dayOf(patient(slug).birthDate);
  const codesOf = (slug: string) =>
    resources
      .filter((resource): resource is FindingResource => /^demo-f-/.test(resource.id ?? ''))
      .filter((finding) => referencesIn(finding).includes(`Patient/${idOf(slug)}`))
      .map((finding) => codeOf(finding.code));

  it('has people of all ages, two clinics and a school with its roster', () => {
    const ages = patientsOf(resources).map(({ birthDate }) => ageInYears(dayOf(birthDate), asOf));
    expect(Math.min(...ages)).toBe(0);
    expect(Math.max(...ages)).toBe(95);
    for (let decade = 0; decade < 90; decade += 10) {
      expect(ages.some((age) => age >= decade && age < decade + 10)).toBe(true);
    }
    const organizations = resources.filter((each) => each.resourceType === 'Organization');
    expect(organizations.map((each) => codeOf(each.type?.[0]))).toEqual(['prov', 'prov', 'edu']);
    const roster = resources.find((each) => each.resourceType === 'Group');
    expect(roster?.member?.length).toBe(roster?.quantity);
    expect(roster?.quantity).toBeGreaterThan(8);
  });

  it('claims every forecast status somewhere', () => {
    const shown = new Set(listNotablePeople().flatMap(({ shows }) => shows));
    expect([...shown].sort()).toEqual(
      ['aged out', 'complete', 'contraindicated', 'due', 'immune', 'overdue'].sort(),
    );
  });

  it('has doses too early, too close together and in conflict', () => {
    expect(daysOld('mmr-too-early', doses('mmr-too-early', '03')[0])).toBe(335);
    const [first, second] = doses('doses-too-close', '20', '106');
    expect(dayOf(second?.occurrenceDateTime) - dayOf(first?.occurrenceDateTime)).toBe(14);
    const slug = 'live-vaccines-too-close';
    expect(daysOld(slug, doses(slug, '21')[0]) - daysOld(slug, doses(slug, '03')[0])).toBe(14);
  });

  it('has one dose reported by two clinics, once as history', () => {
    const reports = doses('reported-twice', '94');
    expect(reports.map((dose) => dose.primarySource).sort()).toEqual([false, true]);
    expect(new Set(reports.map((dose) => dose.location?.reference)).size).toBe(2);
    expect(new Set(reports.map((dose) => dayOf(dose.occurrenceDateTime))).size).toBe(2);
  });

  it('has refusals, records in error, partial dates, an unknown vaccine and flawed doses', () => {
    expect(doses('refuses').map((dose) => [dose.status, codeOf(dose.statusReason)])).toEqual([
      ['not-done', 'RELIG'],
      ['not-done', 'PATOBJ'],
      ['not-done', 'PATOBJ'],
    ]);
    expect(doses('entered-in-error', '03')[0]?.status).toBe('entered-in-error');
    expect(
      doses('from-abroad').some((dose) => /^[0-9]{4}-[0-9]{2}$/.test(dose.occurrenceDateTime ?? '')),
    ).toBe(true);
    expect(doses('from-abroad', '999')).toHaveLength(1);
    expect(
      doses('flawed-doses').some((dose) => (dose.expirationDate ?? '9') < (dose.occurrenceDateTime ?? '')),
    ).toBe(true);
    expect(doses('flawed-doses').filter((dose) => dose.isSubpotent)).toHaveLength(1);
  });

  it('has the combination vaccines', () => {
    const given = new Set(immunizationsOf(resources).map((dose) => codeOf(dose.vaccineCode)));
    for (const cvx of ['110', '120', '146', '94', '104', '130']) expect(given).toContain(cvx);
    expect(doses('traveller', '104')).toHaveLength(3);
    expect(doses('infant-on-time', '146')).toHaveLength(3);
  });

  it('has the vaccines of adults and of seasons', () => {
    const given = new Set(immunizationsOf(resources).map((dose) => codeOf(dose.vaccineCode)));
    for (const cvx of ['115', '187', '121', '135', '140', '150']) expect(given).toContain(cvx);
    expect(doses('zoster-half-done', '187')).toHaveLength(1);
    expect(doses('senior-complete', '187')).toHaveLength(2);
    expect(doses('senior-complete', '303', '305', '326')).toHaveLength(1);
    expect(doses('live-zoster-first', '121')).toHaveLength(1);
    expect(doses('rsv-antibody', '306')).toHaveLength(1);
    expect(doses('out-of-season', '306')).toHaveLength(0);
    expect(given.has('309') || given.has('312')).toBe(true);
  });

  it('has what the series need that it shows', () => {
    expect(doses('newborn', '08')).toHaveLength(1);
    expect(doses('newborn')).toHaveLength(1);
    expect(doses('toddler-behind', '120')).toHaveLength(2);
    expect(doses('no-rotavirus', '116', '119')).toEqual([]);
    expect(doses('eleven', '115', '165')).toEqual([]);
    expect(doses('adolescent-complete', '165')).toHaveLength(2);
    expect(doses('late-hpv', '165')).toHaveLength(1);
    expect(doses('nothing-on-file')).toEqual([]);
    expect(doses('past-chickenpox', '21', '94').map((dose) => dose.status)).toEqual(['not-done']);
  });

  it.each([
    ['pregnant', ['77386006']],
    ['asplenia', ['707147002']],
    ['hiv', ['86406008']],
    ['egg-allergy', ['91930004']],
    ['latex-allergy', ['300916003']],
    ['pertussis-reaction', ['293115003']],
    ['yeast-allergy', ['703936006', '195967001']],
    ['past-chickenpox', ['38907003']],
    ['health-worker', ['223366009', '271511000']],
    ['traveller', ['142']],
    ['diabetes', ['73211009', '709044004']],
  ])('records what matters about %s', (slug, codes) => {
    expect(codesOf(slug)).toEqual(codes);
  });

  it('has twins who differ by a letter', () => {
    const [one, two] = [patient('first-twin'), patient('second-twin')];
    expect([one.multipleBirthInteger, two.multipleBirthInteger]).toEqual([1, 2]);
    expect(two.birthDate).toBe(one.birthDate);
    expect(two.address).toEqual(one.address);
    expect(two.name?.[0]?.family).toBe(one.name?.[0]?.family);
    expect(two.name?.[0]?.given).not.toEqual(one.name?.[0]?.given);
  });

  it('has a pair to merge, and a pair that was merged', () => {
    const [one, two] = [patient('duplicate-first'), patient('duplicate-second')];
    expect([two.birthDate, two.telecom?.[0]?.value]).toEqual([one.birthDate, one.telecom?.[0]?.value]);
    expect([one.link, two.link]).toEqual([undefined, undefined]);
    const away = patient('merged-away');
    expect([away.active, away.link?.[0]?.type]).toEqual([false, 'replaced-by']);
    expect(away.link?.[0]?.other.reference).toBe(`Patient/${idOf('merge-survivor')}`);
    expect(doses('merged-away')).toEqual([]);
  });

  it('has someone who moved, someone who died and someone with a long name', () => {
    expect(patient('moved').address?.map(({ use }) => use)).toEqual(['home', 'old']);
    expect(new Set(doses('moved').map((dose) => dose.location?.reference)).size).toBe(2);
    expect(dayOf(patient('deceased').deceasedDateTime)).toBe(asOf - 120);
    expect(patient('long-name').name?.[0]?.family).toBe('Rodríguez-O’Shaughnessy de la Vega');
    expect(patient('long-name').name?.[1]?.use).toBe('nickname');
  });
});

describe('docs/demo-data.md', () => {
  it('lists every notable person with id and title', () => {
    const page = readFileSync('docs/demo-data.md', 'utf8');
    for (const { id, title } of listNotablePeople()) expect(page).toContain(`| ${id} | ${title} |`);
  });
});

function dayOf(text = '') {
  const day = parseEpochDay(text.slice(0, 10));
  if (day === undefined) throw new Error(`${text} is not a whole date`);
  return day;
}
