import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import type { SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

describe('the days that a family reads', () => {
  let server: SmartServer;

  beforeAll(async () => {
    server = await openSiteServer();
    server.at.now = Date.UTC(2026, 10, 30, 12);
  });

  afterAll(() => server.close());

  async function create(resource: object): Promise<string> {
    const parsed = { resource: resource as never, exactNumbers: false };
    return (await createResource(server.auth.system, parsed)).version.id;
  }

  /** The page of somebody who has had these vaccines. */
  async function recordOf(login: string, birthDate: string, doses: readonly (readonly [string, string])[]) {
    const id = await create({
      resourceType: 'Patient',
      name: [{ use: 'official', family: 'Dates', given: ['Ana'] }],
      gender: 'female',
      birthDate,
    });
    for (const [code, occurrenceDateTime] of doses) {
      await create({
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] },
        occurrenceDateTime,
        patient: { reference: `Patient/${id}` },
      });
    }
    await server.addUser(login, { role: 'individual', patient: id });
    const browser = await signedInBrowser(server, login);
    return async (query = '') => (await browser.get(`/app/record/${id}${query}`)).text;
  }

  const twoMonths = ['110', '48', '215', '119'].map((code) => [code, '2026-10-26'] as const);
  const onTime = [['08', '2026-08-24'], ['306', '2026-10-05'], ...twoMonths] as const;

  const comingIn = (text: string) => {
    const [, list = ''] = /<h2>Coming up<\/h2>(.*?)<\/section>/s.exec(text) ?? [];
    return [...list.matchAll(/from ([A-Z][a-z]+) (?:\d+, )?(\d{4})/g)].map(([, month, year]) =>
      Date.parse(`1 ${month} ${year}`),
    );
  };

  it('name first what is recommended first, though something else may be given before', async () => {
    const page = await recordOf('infant', '2026-08-24', onTime);
    const text = await page();
    expect(text).toContain('<h1>Ana is up to date</h1>');
    expect(text).toContain('Next is Diphtheria, tetanus, whooping cough, from Dec 24, 2026.');
    expect(await page('?lang=es')).toContain('desde el 24 dic 2026');
  });

  it('stand in their order, and are the same in the grid and in what comes up', async () => {
    const page = await recordOf('infant-2', '2026-08-24', onTime);
    const text = await page();
    const days = comingIn(text);
    expect(days.length).toBeGreaterThan(3);
    expect(days).toEqual(days.toSorted((one, other) => one - other));
    // Hepatitis B: from February 8 on it may be given, which is no day of the family.
    expect(text.match(/from February 2027/g)?.length).toBeGreaterThan(1);
    expect(text).not.toContain('possible from');
  });

  it('go by what is recommended, though measles vaccine would count long before', async () => {
    const visits = ['2026-01-01', '2026-03-01', '2026-05-01'];
    const primary = visits.flatMap((date) => ['110', '48', '215'].map((code) => [code, date] as const));
    const late = ['03', '21', '83', '215', '48', '140'].map((code) => [code, '2026-11-15'] as const);
    const page = await recordOf('toddler', '2025-11-01', [
      ['08', '2025-11-01'],
      ...primary,
      ...visits.slice(0, 2).map((date) => ['119', date] as const),
      ...late,
    ]);
    const text = await page();
    expect(text).toContain('Next is Flu, from Dec 13, 2026.');
    const days = comingIn(text);
    expect(days.length).toBeGreaterThan(4);
    expect(days).toEqual(days.toSorted((one, other) => one - other));
    expect(text).toContain('from November 2029');
  });

  it('are those of the next booster, and not the first on which it would count', async () => {
    const doses = ['2011-01-31', '2011-03-31', '2011-05-31', '2012-03-02', '2015-01-02'];
    const page = await recordOf('teen', '2010-11-29', [
      ...doses.map((date) => ['20', date] as const),
      ['115', '2021-12-03'],
    ]);
    const text = await page();
    expect(text).toContain('from December 2031');
    expect(text).not.toContain('from December 2026');
  });
});
