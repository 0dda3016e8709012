import type { Patient } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import { dataSharingObjection } from '../../../src/search/reach.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

describe('adding somebody who may be there', () => {
  let server: SmartServer;
  let nurse: Browser;

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
  });

  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
    await put(miles);
  });

  afterAll(() => server.close());

  const miles = {
    resourceType: 'Patient',
    id: 'miles',
    name: [{ family: 'Kowalski', given: ['Miles', 'Liam'] }],
    gender: 'male',
    birthDate: '2024-03-08',
    telecom: [{ system: 'phone', value: '617-482-9931' }],
    contact: [{ name: { given: ['Madison'] } }],
    managingOrganization: { reference: 'Organization/a' },
  };

  const typed = {
    given: 'Miles',
    family: 'Kowalsky',
    sex: 'male',
    mother: 'Madison',
    phone: '(617) 482 9931',
    'birth-year': '2024',
    'birth-month': '3',
    'birth-day': '8',
  };

  async function put(resource: Readonly<Record<string, unknown>> & { readonly id: string }) {
    const key = { type: resource['resourceType'], id: resource.id as ResourceId } as const;
    await updateResource(server.auth.system, key as never, {
      resource: resource as never,
      exactNumbers: false,
    });
  }

  const locationOf = ({ headers }: Answer) => String(headers['location'] ?? '');

  /** The hidden fields of each form of a page. */
  function formsIn({ text }: Answer): readonly Readonly<Record<string, string>>[] {
    return [...text.matchAll(/<form [^>]*action="\/app\/patients\/new"[\s\S]*?<\/form>/g)].map(([form]) =>
      Object.fromEntries(
        [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
          ([, name = '', value = '']) => [name, value],
        ),
      ),
    );
  }

  async function send(fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const [hidden] = formsIn(await nurse.get('/app/patients/new'));
    return nurse.post('/app/patients/new', { ...hidden, ...typed, ...fields });
  }

  async function named(family: string): Promise<readonly Patient[]> {
    const found = await searchAll(server.auth.system, 'Patient', [['family', family]]);
    return found.map(({ text }) => JSON.parse(text) as Patient);
  }

  it('asks whether it is one of those who are alike, and adds nobody', async () => {
    const answer = await send();
    expect(locationOf(answer)).toMatch(/^\/app\/patients\/new\?alike=[\w-]{22}$/);
    const { status, text } = await nurse.get(locationOf(answer));
    expect(status).toBe(200);
    expect(text).toContain('Is it one of these?');
    expect(text).toContain('Miles Liam Kowalski');
    expect(text).toContain('Mar 8, 2024');
    expect(text).toContain('the name, nearly, the birth date, the phone, and a parent’s name');
    expect(text).toContain('href="/app/patients/miles"');
    // What was typed is there to be put right.
    expect(text).toContain('value="Kowalsky"');
    expect(await named('Kowalsky')).toEqual([]);
  });

  it('adds all the same when asked to, and nobody twice', async () => {
    const [sure = {}] = formsIn(await nurse.get(locationOf(await send({ family: 'Kowalske' }))));
    const [first, second] = await Promise.all([
      nurse.post('/app/patients/new', sure),
      nurse.post('/app/patients/new', sure),
    ]);
    expect([first.status, second.status]).toEqual([303, 303]);
    const [added, ...others] = await named('Kowalske');
    expect(others).toEqual([]);
    expect(added).toMatchObject({
      name: [{ family: 'Kowalske', given: ['Miles'] }],
      birthDate: '2024-03-08',
      gender: 'male',
      telecom: [{ value: '(617) 482 9931' }],
      contact: [{ name: { given: ['Madison'] } }],
    });
    const led = [locationOf(first), locationOf(second)].filter(
      (to) => to === `/app/patients/${added?.id}?added=1`,
    );
    expect(led).toHaveLength(1);
  });

  it('compares anew what was put right', async () => {
    const page = await nurse.get(locationOf(await send()));
    const [, form = {}] = formsIn(page);
    expect(form['sure']).toBeUndefined();
    const again = await nurse.post('/app/patients/new', { ...form, ...typed, given: 'Myles' });
    expect(locationOf(again)).toContain('?alike=');
    const other = {
      ...typed,
      given: 'Quentin',
      family: 'Oyelaran',
      mother: '',
      phone: '',
      'birth-year': '2019',
    };
    expect(locationOf(await nurse.post('/app/patients/new', { ...form, ...other }))).toContain('?added=1');
    // The form that is sent again does not ask whether it is whom it has added.
    expect(locationOf(await nurse.post('/app/patients/new', { ...form, ...other }))).not.toContain('alike');
    expect(await named('Oyelaran')).toHaveLength(1);
  });

  it('tells the audit whom it showed', async () => {
    await nurse.get(locationOf(await send()));
    const rows = (await server.auditRows()).filter(({ interaction }) => interaction === 'page new patient');
    expect(rows.flatMap(({ patients }) => patients)).toContain('miles');
  });

  it('says nothing of whom the visitor may not see', async () => {
    await put({
      ...miles,
      id: 'far',
      name: [{ family: 'Lindqvist', given: ['Astrid'] }],
      telecom: undefined,
      contact: undefined,
      birthDate: '2022-02-02',
      managingOrganization: { reference: 'Organization/school' },
    });
    await put({
      resourceType: 'Consent',
      id: 'sealing',
      status: 'active',
      scope: { text: 'privacy' },
      category: [{ coding: [dataSharingObjection] }],
      patient: { reference: 'Patient/far' },
      policyRule: { text: 'law' },
    });
    const same = {
      given: 'Astrid',
      family: 'Lindqvist',
      'birth-year': '2022',
      'birth-month': '2',
      'birth-day': '2',
    };
    expect(locationOf(await send(same))).toContain('?added=1');
  });

  it('finds who is another clinic’s where that is certain enough, as looking up does', async () => {
    await put({
      ...miles,
      id: 'other',
      name: [{ family: 'Haraldsen', given: ['Ingvild'] }],
      birthDate: '2021-05-05',
      managingOrganization: { reference: 'Organization/school' },
    });
    const same = {
      given: 'Ingvild',
      family: 'Haraldsen',
      'birth-year': '2021',
      'birth-month': '5',
      'birth-day': '5',
    };
    const page = await nurse.get(locationOf(await send(same)));
    expect(page.text).toContain('href="/app/patients/other"');
    server.at.now += 2000;
    expect((await nurse.get('/app/patients/other')).status).toBe(200);
  });

  it('asks in Spanish too', async () => {
    nurse.cookies.set('lang', 'es');
    const { text } = await nurse.get(locationOf(await send()));
    expect(text).toContain('¿Es una de estas personas?');
    expect(text).toContain('Ninguna de ellas: agregar de todos modos');
  });
});
