import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import { dataSharingObjection } from '../../../src/search/reach.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser } from './site-server.ts';

type Named = { readonly given: readonly string[]; readonly family: string; readonly birthDate: string };

describe('a nurse finds', () => {
  let server: SmartServer;
  let nurse: Browser;

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
    await add('daniel', { given: ['Daniel'], family: 'Del Valle', birthDate: '2019-05-14' });
    await add('joao', { given: ['João', 'Pedro'], family: 'dos Santos', birthDate: '2018-02-11' });
    await add('maria', {
      given: ['María José'],
      family: 'Rodríguez-O’Shaughnessy de la Vega',
      birthDate: '2017-09-30',
    });
    await add('omar', { given: ['Omar'], family: 'Diallo-Gaines', birthDate: '2016-01-08' });
    await add('miles', {
      given: ['Miles', 'Liam'],
      family: 'Kowalski',
      birthDate: '2024-03-08',
      telecom: [{ system: 'phone', value: '+1 617.482.9931' }],
      identifier: [{ system: 'urn:mrn', value: '20040551' }],
      address: [{ city: 'Worcester' }],
      contact: [{ name: { given: ['Madison'] } }],
    });
    await add('william', { given: ['William'], family: 'Achebe', birthDate: '2015-12-01' });
    await add('away', { given: ['Nadia'], family: 'van der Berg', birthDate: '2020-06-06', ...elsewhere });
    await add('ana', {
      given: ['Ana', 'Luz', 'Marina', 'Sol', 'Paz'],
      family: 'Ortega Ruiz',
      birthDate: '2020-05-05',
      ...elsewhere,
    });
    await add('hidden', { given: ['Ingrid'], family: 'van der Meer', birthDate: '2021-06-06', ...elsewhere });
    await add('sealed', { given: ['Petra'], family: 'Novotna', birthDate: '2020-07-07', ...elsewhere });
    await put({
      resourceType: 'Consent',
      id: 'sealing',
      status: 'active',
      scope: { text: 'privacy' },
      category: [{ coding: [dataSharingObjection] }],
      patient: { reference: 'Patient/sealed' },
      policyRule: { text: 'law' },
    });
    await add('replaced', {
      given: ['Ruth'],
      family: 'Maidenhead',
      birthDate: '1990-04-05',
      identifier: [{ system: 'urn:mrn', value: 'R000777' }],
      active: false,
      link: [{ other: { reference: 'Patient/survivor' }, type: 'replaced-by' }],
    });
    await add('survivor', { given: ['Ruth'], family: 'Georgiou', birthDate: '1990-04-05' });
  });

  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
  });

  afterAll(() => server.close());

  const elsewhere = { managingOrganization: { reference: 'Organization/school' } };

  async function put(resource: Readonly<Record<string, unknown>> & { readonly id: string }) {
    const key = { type: resource['resourceType'], id: resource.id as ResourceId } as const;
    await updateResource(server.auth.system, key as never, {
      resource: resource as never,
      exactNumbers: false,
    });
  }

  async function add(id: string, { given, family, birthDate, ...more }: Named & Record<string, unknown>) {
    await put({
      resourceType: 'Patient',
      id,
      name: [{ use: 'official', family, given }],
      gender: 'female',
      birthDate,
      managingOrganization: { reference: 'Organization/a' },
      ...more,
    });
  }

  async function search(text: string, birthDate = '', browser = nurse): Promise<Answer> {
    const [year = '', month = '', day = ''] = birthDate.split('-');
    const answer = await browser.post('/app/patients', {
      csrf: csrfIn(await browser.get('/app/patients')),
      text,
      'birth-year': year,
      'birth-month': month,
      'birth-day': day,
    });
    const to = String(answer.headers['location'] ?? '');
    return to.includes('?q=') ? browser.get(to) : answer;
  }

  /** Whose record was opened at once. */
  const opened = ({ headers }: Answer) => /patients\/([^?]+)$/.exec(String(headers['location'] ?? ''))?.[1];
  const listed = ({ text }: Answer) =>
    [...text.matchAll(/href="\/app\/patients\/([^"/?]+)"/g)].map(([, id]) => id).filter((id) => id !== 'new');

  it.each([
    ['Daniel Del Valle', '2019-05-14', 'daniel'],
    ['Del Valle, Daniel', '2019-05-14', 'daniel'],
    ['valle', '', 'daniel'],
    ['João Pedro dos Santos', '2018-02-11', 'joao'],
    ['santos joao', '', 'joao'],
    ['Pedro Santos', '', 'joao'],
    ["María José Rodríguez-O'Shaughnessy de la Vega", '2017-09-30', 'maria'],
    ['María José Rodríguez-O’Shaughnessy de la Vega', '', 'maria'],
    ['Jose', '', 'maria'],
    ['Maria Jose', '', 'maria'],
    ['maria-jose', '', 'maria'],
    ['vega shaughnessy', '', 'maria'],
    ['Gaines', '', 'omar'],
    ['Diallo Gaines Omar', '', 'omar'],
    ['20040551', '', 'miles'],
    ['6174829931', '', 'miles'],
    ['(617) 482-9931', '2024-03-08', 'miles'],
    ['kowalski 20040551', '', 'miles'],
    ['miles', '2024-03', 'miles'],
    // Another clinic's, named by whole name and birth date.
    ['Nadia van der Berg', '2020-06-06', 'away'],
    ['van der Berg, Nadia', '2020-06-06', 'away'],
    ['Ortega Ruiz, Ana Luz Marina Sol Paz', '2020-05-05', 'ana'],
    ['R000777', '', 'survivor'],
    ['Ruth Maidenhead', '', 'survivor'],
    ['Maidenhead', '1990-04-05', 'survivor'],
    ['Georgiou', '', 'survivor'],
  ])('by %s %s who is meant, and opens the record', async (text, birthDate, id) => {
    expect(opened(await search(text, birthDate))).toBe(id);
  });

  it.each([
    ['a misspelled name', 'Milse Kowalsky', '2024-03-08', 'miles'],
    ['letters changed, the last name first', 'Kowalksi Miles', '2024-03-08', 'miles'],
    ['the sound of the name', 'Myles Kovalski', '2024-03-08', 'miles'],
    ['a misspelled last name alone', 'Kowalsky', '2024-03-08', 'miles'],
    ['a misspelled name without a date', 'Kowalsky Milse', '', 'miles'],
    ['a misspelled name and the year', 'Miles Kowalsky', '2024', 'miles'],
    ['a nickname', 'Bill Achebe', '', 'william'],
    ['a nickname and the date', 'Billy Achebe', '2015-12-01', 'william'],
    ['a date two days off', 'Miles Kowalski', '2024-03-10', 'miles'],
    ['day and month swapped', 'Miles Kowalski', '2024-08-03', 'miles'],
    ['another year', 'Miles Kowalski', '2023-03-08', 'miles'],
    ['another decade', 'Miles Kowalski', '2014-03-08', 'miles'],
    ['the first name alone, a digit wrong', 'Miles', '2024-03-18', 'miles'],
  ])('by %s who is like that, told apart from who is meant', async (_what, text, birthDate, id) => {
    const page = await search(text, birthDate);
    expect(page.status).toBe(200);
    expect(listed(page)).toEqual([id]);
    expect(page.text).toContain('Nobody has just that. These are like it:');
    expect(page.text).not.toContain('1 person<');
  });

  it('by a birth date alone all who were born that day, sorted, with mother and town', async () => {
    await add('zoe', { given: ['Zoë'], family: 'Abara', birthDate: '2024-03-08' });
    await add('elsewhere', { given: ['Zoë'], family: 'Abara', birthDate: '2024-03-08', ...elsewhere });
    const page = await search('', '2024-03-08');
    expect(listed(page)).toEqual(['zoe', 'miles']);
    expect(page.text).toContain('Worcester');
    expect(page.text).toContain('Madison');
    // One alone is not opened: nobody was named.
    expect(listed(await search('', '2016-01-08'))).toEqual(['omar']);
    const year = await search('', '2024');
    expect(year.status).toBe(422);
    expect(year.text).toContain('Type the whole birth date, or a name too.');
  });

  it.each([
    ['nobody of another clinic by half a name', 'Ingrid', '2021-06-06'],
    ['nobody of another clinic by a name alone', 'Ingrid van der Meer', ''],
    ['nobody of another clinic by a misspelled name alone', 'Ingrit van der Meer', ''],
    ['nobody of another clinic by a date that is off', 'Ingrid van der Meer', '2021-06-09'],
    ['nobody whose record is sealed', 'Petra Novotna', '2020-07-07'],
    ['nobody whose record is sealed, misspelled', 'Petra Novotny', '2020-07-07'],
    ['nobody of that name who was born on quite another day', 'Miles Kowalski', '2024-11-25'],
    ['nobody by one name with another', 'Miles Gaines', ''],
  ])('%s', async (_what, text, birthDate) => {
    const page = await search(text, birthDate);
    expect(listed(page)).toEqual([]);
    expect(page.text).toContain('Nobody was found');
  });

  it('beside an own patient who is named so also another clinic’s', async () => {
    const twice = { given: ['Tomas'], family: 'Ashe', birthDate: '2019-01-01' };
    await add('own-tomas', twice);
    await add('their-tomas', { ...twice, ...elsewhere });
    expect(opened(await search('Tomas Ashe'))).toBe('own-tomas');
    expect(listed(await search('Ashe Tomas', '2019-01-01')).sort()).toEqual(['own-tomas', 'their-tomas']);
  });

  it('whom the index has by now, and is told so while it is drawn anew', async () => {
    expect((await search('Nobody Here')).text).not.toContain('somebody may be missing here');
    const context = server.context as { staleness: typeof server.context.staleness };
    const { staleness } = context;
    context.staleness = (_type, code) => (code === 'name' ? 'changed' : undefined);
    const page = await search('Nobody Here');
    context.staleness = staleness;
    expect(page.text).toContain('somebody may be missing here');
  });

  it('in Spanish too', async () => {
    nurse.cookies.set('lang', 'es');
    const page = await search('Milse Kowalsky', '2024-03-08');
    expect(page.text).toContain('Nadie tiene exactamente eso. Se parecen:');
  });
});
