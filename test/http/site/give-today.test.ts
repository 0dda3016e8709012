import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import type { Browser, SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

const cvx = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] });

describe('what is proposed for today', () => {
  let server: SmartServer;
  let nurse: Browser;

  beforeAll(async () => {
    server = await openSiteServer();
    server.at.now = Date.UTC(2026, 10, 30, 12);
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
  });

  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
  });

  afterAll(() => server.close());

  async function add(resource: object): Promise<string> {
    const ctx = server.auth.system;
    return (await createResource(ctx, { resource: resource as never, exactNumbers: false })).version.id;
  }

  const born = (birthDate: string, gender = 'female') =>
    add({
      resourceType: 'Patient',
      name: [{ family: 'Today', given: ['Ana'] }],
      gender,
      birthDate,
      managingOrganization: { reference: 'Organization/a' },
    });

  const given = (patient: string, code: string, date: string, more: object = {}) =>
    add({
      resourceType: 'Immunization',
      status: 'completed',
      patient: { reference: `Patient/${patient}` },
      vaccineCode: cvx(code),
      occurrenceDateTime: date,
      ...more,
    });

  const notGiven = (patient: string, code: string, reason: string, date: string) =>
    given(patient, code, date, {
      status: 'not-done',
      statusReason: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: reason }],
      },
    });

  const known = (patient: string, code: string, more: object = {}) =>
    add({
      ...more,
      resourceType: 'Condition',
      subject: { reference: `Patient/${patient}` },
      code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code }] },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
    });

  const chartOf = async (patient: string, query = '') =>
    (await nurse.get(`/app/patients/${patient}${query}`)).text;

  /** The row of a vaccine group, by the beginning of its label. */
  function rowOf(text: string, label: string): string {
    return (
      text
        .split('<li class="give-row">')
        .slice(1)
        .map((row) => row.split('</li>')[0] ?? '')
        .find((row) => row.includes(`">${label}`)) ?? ''
    );
  }

  const isTicked = (row: string) => /<input type="checkbox"[^>]* checked/.test(row);
  const offered = (row: string) =>
    [...row.matchAll(/<option value(?:="([^"]*)")?/g)].map(([, code = '']) => code);
  const chosen = (row: string) => / selected[^>]* value="([^"]*)"|value="([^"]*)" selected/.exec(row);
  const chosenIn = (row: string) => chosen(row)?.[1] ?? chosen(row)?.[2] ?? offered(row)[0];
  const cardOf = (text: string, title: string) =>
    new RegExp(`<h2>${title}</h2>.*?</section>`, 's').exec(text)?.[0] ?? '';

  it('has no combination with what is exempt, ticked, chosen, to choose from or planned', async () => {
    const child = await born('2019-11-29');
    expect(offered(rowOf(await chartOf(child), 'Varicella'))).toEqual(['21', '94']);
    await notGiven(child, '03', 'RELIG', '2020-11-30');
    const text = await chartOf(child);
    const row = rowOf(text, 'Varicella');
    expect([isTicked(row), offered(row)]).toEqual([true, ['21']]);
    expect(isTicked(rowOf(text, 'MMR'))).toBe(false);
    expect(cardOf(text, 'Fewest injections')).toContain('varicella');
    expect(cardOf(text, 'Fewest injections')).not.toContain('MMRV');
    // The family may change its mind: of what is exempt all vaccines are there.
    expect(offered(rowOf(text, 'MMR'))).toEqual(['03', '94']);
  });

  it('has no combination with a part that must not be given to this person', async () => {
    const child = await born('2026-01-15');
    expect(offered(rowOf(await chartOf(child), 'Polio'))).toContain('110');
    // A severe allergic reaction to diphtheria toxoid.
    await add({
      resourceType: 'AllergyIntolerance',
      patient: { reference: `Patient/${child}` },
      clinicalStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
        ],
      },
      code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code: '117' }] },
    });
    const text = await chartOf(child);
    expect(text).not.toMatch(/<option value="(20|110|120|146)"/);
    expect(offered(rowOf(text, 'Polio'))).toEqual(['10']);
    expect(cardOf(text, 'Fewest injections')).toContain('IPV: Polio');
    expect(cardOf(text, 'Fewest injections')).not.toContain('DTaP');
  });

  it('asks of a refusal of an earlier season again, and keeps to an exemption', async () => {
    const child = await born('2019-11-29');
    await notGiven(child, '140', 'PATOBJ', '2025-01-29');
    expect(isTicked(rowOf(await chartOf(child), 'Influenza'))).toBe(true);
    await notGiven(child, '140', 'PATOBJ', '2026-10-01');
    expect(isTicked(rowOf(await chartOf(child), 'Influenza'))).toBe(false);
    const other = await born('2019-11-29');
    await notGiven(other, '140', 'RELIG', '2025-01-29');
    expect(isTicked(rowOf(await chartOf(other), 'Influenza'))).toBe(false);
  });

  it('ticks no live vaccine where a condition is known that forbids it to some', async () => {
    const adult = await born('1984-11-29');
    expect(isTicked(rowOf(await chartOf(adult), 'Varicella'))).toBe(true);
    await known(adult, '186');
    const text = await chartOf(adult);
    const row = rowOf(text, 'Varicella');
    expect(isTicked(row)).toBe(false);
    expect(row).toContain('A live vaccine. Ask first how strong the immune system is: HIV Infection.');
    expect(isTicked(rowOf(text, 'Zoster'))).toBe(true);
    expect(cardOf(text, 'Fewest injections')).not.toContain('varicella');
    expect(cardOf(text, 'After this visit')).toContain('If all but ');
    expect(cardOf(text, 'After this visit')).toContain('Chickenpox');
    const spanish = await chartOf(adult, '?lang=es');
    expect(spanish).toContain('Pregunte antes cómo están las defensas');
    expect(spanish).toContain('Infección por VIH');
    expect(spanish).toContain('Varicela');
    expect(spanish).not.toContain('HIV Infection');
    // What is dated after today says nothing yet.
    const later = await born('1984-11-29');
    await known(later, '186', { onsetDateTime: '2027-05-01' });
    expect(isTicked(rowOf(await chartOf(later, '?lang=en'), 'Varicella'))).toBe(true);
    // It is known that enough cells are left.
    await known(adult, '155');
    expect(isTicked(rowOf(await chartOf(adult), 'Varicella'))).toBe(true);
  });

  it('leaves HPV from 27 years on to a decision, with a risk too', async () => {
    const adult = await born('1984-11-29');
    await known(adult, '186');
    const row = rowOf(await chartOf(adult), 'HPV');
    expect(row).toContain('Overdue');
    expect(isTicked(row)).toBe(false);
    expect(row).toContain('At this age it is for patient and clinician to decide.');
    const young = await born('2001-11-29');
    await known(young, '186');
    expect(isTicked(rowOf(await chartOf(young), 'HPV'))).toBe(true);
  });

  it('chooses nothing where the dose goes by the weight, and asks for it on the form', async () => {
    const infant = await born('2026-09-28');
    const text = await chartOf(infant);
    const row = rowOf(text, 'RSV');
    expect(isTicked(row)).toBe(true);
    expect(chosenIn(row)).toBe('');
    expect(row).toContain('Choose by weight');
    expect(row).toContain('50 mg under 5 kg, 100 mg from 5 kg on');
    expect(cardOf(text, 'Fewest injections')).toContain('nirsevimab 50 mg under 5 kg, 100 mg from 5 kg on');
    expect(cardOf(text, 'Fewest injections')).not.toContain('0.5 mL');
    const form = await nurse.get(
      `/app/patients/${infant}/doses/new?give=0&with-0=10&give=1&with-1=&give=2&with-2=10`,
    );
    const vaccines = [...form.text.matchAll(/name="vaccine-\d+"[^>]*/g)].map(([field]) => field);
    expect(vaccines).toHaveLength(2);
    expect(vaccines[0]).toContain('IPV');
    expect(vaccines[1]).not.toMatch(/value="[^"]/);
  });

  it('tells products apart by how their names begin', async () => {
    const adult = await born('1960-01-01');
    const row = rowOf(await chartOf(adult), 'Pneumococcal');
    const names = [...row.matchAll(/<option[^>]*>([^<]*)</g)].map(([, name = '']) => name.slice(0, 5));
    expect(names).toEqual(['PCV15', 'PCV20', 'PCV21']);
    // One dose, and nothing later.
    expect(chosenIn(row)).toBe('216');
  });

  it('says why in words, and since when where another dose has come in the place of one that was missed', async () => {
    const child = await born('2024-09-29');
    for (const date of ['2025-01-16', '2025-04-22']) await given(child, '48', date);
    const text = await chartOf(child);
    const hib = rowOf(text, 'Hib');
    expect(hib).toContain('since May 27, 2025');
    expect(hib).toContain('<dt>Late since</dt><dd>May 27, 2025: a dose of a younger age was missed</dd>');
    expect(hib).toContain('<dt>This dose alone overdue after</dt>');
    const mmr = rowOf(text, 'MMR');
    expect(mmr).toContain('<dt>Overdue after</dt>');
    expect(mmr).not.toContain('Late since');
    const adult = await born('1984-11-29');
    await known(adult, '186');
    expect(rowOf(await chartOf(adult), 'Zoster')).toContain('<dt>Because of</dt><dd>HIV Infection</dd>');
  });

  it('tells no date of the past of what may be given', async () => {
    const old = await born('1948-11-29');
    const row = rowOf(await chartOf(old), 'HepB');
    expect(row).toContain('Can have now');
    expect(row).not.toContain('usually');
  });

  it('counts doses of a season by the season', async () => {
    const child = await born('2016-02-02');
    for (const date of ['2023-10-01', '2024-10-01', '2025-10-01']) await given(child, '140', date);
    const text = await chartOf(child);
    expect(rowOf(text, 'Influenza')).toContain('>Influenza, dose 1 this season<');
    expect(rowOf(text, 'MMR')).toContain('>MMR, dose 1<');
  });

  it('names the doses of the next visit, and when they may be given at the earliest', async () => {
    const infant = await born('2026-09-28');
    await given(infant, '08', '2026-09-28');
    const after = cardOf(await chartOf(infant), 'After this visit');
    expect(after).toMatch(
      /If all are given today, the next visit is best on Jan 28, 2027: DTaP\/Tdap\/Td dose 2, .*Polio dose 2/,
    );
    expect(after).toMatch(/Possible from Dec 28, 2026: DTaP\/Tdap\/Td, /);
    const spanish = cardOf(await chartOf(infant, '?lang=es'), 'Después de esta visita');
    expect(spanish).toContain('la próxima visita, mejor el 28 ene 2027: DTaP/Tdap/Td, dosis 2');
  });

  it('says nothing of today in the next visit of who gets nothing today', async () => {
    const infant = await born('2026-08-24');
    await given(infant, '08', '2026-08-24');
    await given(infant, '306', '2026-10-05');
    for (const code of ['110', '48', '215', '119']) await given(infant, code, '2026-10-26');
    const after = cardOf(await chartOf(infant), 'After this visit');
    expect(after).toContain('<p>The next visit is best on Dec 24, 2026: ');
    expect(after).not.toContain('Possible from');
    const grid = await chartOf(infant);
    expect(grid).toContain('usually from Dec 24, 2026');
    expect(grid.match(/possible from/g)?.length).toBe(1);
    expect(grid).toContain('from February 2027</div><div class="caption">possible from Feb 8, 2027');
  });

  it('is no visit for a booster of a far year that may be given already', async () => {
    const teen = await born('2010-11-29');
    for (const date of ['2011-01-31', '2011-03-31', '2011-05-31', '2012-03-02', '2015-01-02']) {
      await given(teen, '20', date);
    }
    await given(teen, '115', '2021-12-03');
    await given(teen, '165', '2026-03-02');
    // Its second dose is recommended as soon as it may be given.
    await given(teen, '83', '2026-11-15');
    const text = await chartOf(teen);
    expect(text).toContain('from May 2027');
    expect(text.match(/possible from/g)).toHaveLength(1);
    expect(text).toContain('from December 2031</div><div class="caption">possible from Dec 3, 2026');
    expect(cardOf(text, 'After this visit')).not.toContain('Dec 3, 2026');
  });

  it('fills in no site, and the usual way in sight', async () => {
    const child = await born('2024-09-29');
    const { text } = await nurse.get(
      `/app/patients/${child}/doses/new?give=0&with-0=03&give=1&with-1=83&give=2&with-2=21`,
    );
    expect(text).not.toMatch(/<option[^>]* value="[LR][DTA]"[^>]* selected|selected[^>]* value="[LR][DTA]"/);
    const summaries = [...text.matchAll(/<summary>(.*?)<\/summary>/gs)].map(([, words = '']) =>
      words.replace(/<[^>]+>/g, ''),
    );
    expect(summaries).toEqual([
      'Site, route, eligibility · Under the skin (SC): Dose 1',
      'Site, route, eligibility · Into the muscle (IM): Dose 2',
      'Site, route, eligibility · Under the skin (SC): Dose 3',
    ]);
  });
});
