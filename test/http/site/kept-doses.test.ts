import type { Immunization, Task } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ownerCode, ownerSystem } from '../../../src/access/owner.ts';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { taskSystem } from '../../../src/interaction/task-system.ts';
import { recordSystem } from '../../../src/search/person-link.ts';
import { doseFor } from '../identity-world.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser, signIn } from './site-server.ts';

describe('what a nurse writes down', () => {
  let server: SmartServer;
  let nurse: Browser;
  let child: string;
  let url: string;

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
  });

  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
    child = await add({
      resourceType: 'Patient',
      name: [{ family: 'Kowalski', given: ['Miles'] }],
      gender: 'male',
      birthDate: '2024-03-28',
      managingOrganization: { reference: 'Organization/a' },
    });
    url = `/app/patients/${child}/doses/new`;
  });

  afterAll(() => server.close());

  async function add(resource: object): Promise<string> {
    const ctx = server.auth.system;
    return (await createResource(ctx, { resource: resource as never, exactNumbers: false })).version.id;
  }

  async function all<Kept>(type: 'Immunization' | 'Task', patient = child): Promise<readonly Kept[]> {
    const found = await searchAll(server.auth.system, type, [['patient', `Patient/${patient}`]]);
    return found.map(({ text }) => JSON.parse(text) as Kept);
  }

  const statuses = async () => (await all<Immunization>('Immunization')).map(({ status }) => status);
  const locationOf = ({ headers }: Answer) => String(headers['location'] ?? '');

  function hiddenIn({ text }: Answer): Record<string, string> {
    const found = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
  }

  async function notGiven(reason: string, vaccine = '03'): Promise<Answer> {
    const form = await nurse.get(`${url}?kind=not-given`);
    return nurse.post(url, { ...hiddenIn(form), vaccine, reason, ...dated });
  }

  it('is hers to take out; what another clinic told of a child whom both share is not', async () => {
    const others = await add({
      resourceType: 'Patient',
      managingOrganization: { reference: 'Organization/elsewhere' },
      meta: { tag: [{ system: recordSystem, code: 'source' }] },
      link: [{ other: { reference: `Patient/${child}` }, type: 'refer' }],
    });
    const dose = (patient: string, clinic: string) =>
      add({
        ...doseFor(patient, '2025-09-01'),
        meta: { tag: [{ system: ownerSystem, code: ownerCode(clinic) }] },
      });
    const theirs = `/app/doses/${await dose(others, 'elsewhere')}`;
    const shown = await nurse.get(theirs);
    expect([shown.status, shown.text.includes('value="mistake"')]).toEqual([200, false]);
    expect(shown.text).toContain('Another clinic has reported this dose.');
    const own = `/app/doses/${await dose(child, 'a')}`;
    const form = await nurse.get(own);
    expect(form.text).not.toContain('Another clinic has reported this dose.');
    const taken = { ...hiddenIn(form), change: 'mistake' };
    expect((await nurse.post(theirs, taken)).status).toBe(403);
    expect((await nurse.post(own, taken)).status).toBe(303);
    expect((await statuses()).sort()).toEqual(['completed', 'entered-in-error']);
  });

  const dated = { 'given-year': '2025', 'given-month': '9', 'given-day': '1' };

  it.each([
    ['a visit', '', { 'vaccine-0': '03', 'lot-0': 'A1', 'expiry-0': '06/30/2027', date: '2026-06-01' }],
    ['a past dose', '?kind=past', { vaccine: '03', ...dated }],
  ])('is saved after the session has ended in the middle of %s', async (_what, query, typed) => {
    const fields = { ...hiddenIn(await nurse.get(`${url}${query}`)), ...typed };
    server.at.now += 16 * 60_000;
    await nurse.post(url, fields);
    await signIn(nurse, 'nurse', `${url}?typed=1`);
    const back = await nurse.get(`${url}?typed=1`);
    const saved = await nurse.post(url, { ...typed, ...hiddenIn(back) });
    expect(locationOf(saved)).toContain('?saved=');
    expect(await statuses()).toEqual(['completed']);
  });

  it('stays not given when a refusal is taken back and put back', async () => {
    const chart = await nurse.get(locationOf(await notGiven('PATOBJ')));
    const { undo = '', csrf = '' } = hiddenIn(chart);
    await nurse.post(`/app/patients/${child}`, { csrf, undo });
    expect(await statuses()).toEqual(['entered-in-error']);
    const [dose] = await all<Immunization>('Immunization');
    await nurse.post(`/app/doses/${dose?.id}`, { csrf, change: 'given' });
    expect(await statuses()).toEqual(['not-done']);
    await nurse.post(`/app/doses/${dose?.id}`, { csrf, change: 'given' });
    expect(await statuses()).toEqual(['not-done']);
  });

  it('is taken back once, and is not said to be where nothing was', async () => {
    const chart = await nurse.get(locationOf(await notGiven('PATOBJ')));
    const { undo = '', csrf = '' } = hiddenIn(chart);
    const press = async () => locationOf(await nurse.post(`/app/patients/${child}`, { csrf, undo }));
    expect(await press()).toContain('undone');
    expect(await press()).toBe(`/app/patients/${child}`);
  });

  const rowOf = (text: string, label: string) =>
    text
      .split('<li class="give-row">')
      .map((row) => row.split('</li>')[0] ?? '')
      .find((row) => row.includes(`>${label}<`)) ?? '';

  it.each(['MEDPREC', 'PATOBJ', 'RELIG'])(
    'is not ticked to be given after %s, and says why',
    async (reason) => {
      const before = await nurse.get(`/app/patients/${child}`);
      expect(rowOf(before.text, 'MMR, dose 1')).toContain('checked');
      expect(before.text).toContain('No contraindication recorded.');
      const { text } = await nurse.get(locationOf(await notGiven(reason)));
      const row = rowOf(text, 'MMR, dose 1');
      expect(row).not.toContain('checked');
      expect(row).toContain('Sep 1, 2025');
      expect(text.includes('No contraindication recorded.')).toBe(reason !== 'MEDPREC');
    },
  );

  it('stays ticked where it was out of stock', async () => {
    const { text } = await nurse.get(locationOf(await notGiven('OSTOCK')));
    expect(rowOf(text, 'MMR, dose 1')).toContain('checked');
  });

  it('says no more of a refusal once a later dose was given', async () => {
    await notGiven('PATOBJ', '10');
    const coding = [{ system: 'http://hl7.org/fhir/sid/cvx', code: '10' }];
    const given = {
      status: 'completed',
      patient: { reference: `Patient/${child}` },
      vaccineCode: { coding },
    };
    await add({ resourceType: 'Immunization', ...given, occurrenceDateTime: '2025-06-01' });
    const row = async (label: string) => rowOf((await nurse.get(`/app/patients/${child}`)).text, label);
    expect(await row('Polio, dose 2')).toContain('declined');
    await add({ resourceType: 'Immunization', ...given, occurrenceDateTime: '2025-12-01' });
    expect(await row('Polio, dose 3')).toContain('checked');
    expect(await row('Polio, dose 3')).not.toContain('declined');
  });

  it('does not claim that nothing is contraindicated where a product is', async () => {
    const code = {
      coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code: '186' }],
    };
    await add({
      resourceType: 'Condition',
      subject: { reference: `Patient/${child}` },
      code: { ...code, text: 'Human immunodeficiency virus infection' },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
    });
    const { text } = await nurse.get(`/app/patients/${child}`);
    expect(text).toContain('Not these products');
    expect(text).not.toContain('No contraindication recorded.');
  });

  it.each(['Kowalski - Miles', '"', '(*)', '\\'])('is searched for by %s without a failure', async (text) => {
    const found = await nurse.post('/app/patients', { csrf: csrfIn(await nurse.get('/app/patients')), text });
    expect(found.status).toBe(303);
    expect((await nurse.get(locationOf(found))).status).toBe(200);
  });

  it('answers what a family has told once, and by the chart of that child', async () => {
    const report = await add({
      resourceType: 'Task',
      status: 'requested',
      intent: 'proposal',
      code: { coding: [{ system: taskSystem, code: 'record-report' }] },
      for: { reference: `Patient/${child}` },
    });
    const other = await add({
      resourceType: 'Patient',
      birthDate: '2020-01-01',
      managingOrganization: { reference: 'Organization/a' },
    });
    const csrf = csrfIn(await nurse.get(`/app/patients/${child}`));
    const say = async (patient: string, status: string) =>
      (await nurse.post(`/app/patients/${patient}`, { csrf, report, status })).status;
    expect(await say(other, 'rejected')).toBe(404);
    expect(await say(child, 'completed')).toBe(303);
    expect(await say(child, 'rejected')).toBe(404);
    expect((await all<Task>('Task')).map(({ status }) => status)).toEqual(['completed']);
  });

  it('is not written by a record that another took the place of, without a word', async () => {
    expect((await nurse.get(`/app/patients/${child}`)).text).not.toContain('no longer in use');
    const old = await add({
      resourceType: 'Patient',
      active: false,
      birthDate: '2024-03-28',
      managingOrganization: { reference: 'Organization/a' },
      link: [{ type: 'replaced-by', other: { reference: `Patient/${child}` } }],
    });
    const { text } = await nurse.get(`/app/patients/${old}`);
    expect(text).toContain('This record is no longer in use.');
    expect(text).toContain(`<a href="/app/patients/${child}">Open the record that took its place</a>`);
    expect(text).not.toContain('id="give"');
    const form = await nurse.get(`/app/patients/${old}/doses/new`);
    expect([form.status, locationOf(form)]).toEqual([303, `/app/patients/${old}`]);
    const sent = { csrf: csrfIn(await nurse.get(url)), 'vaccine-0': '03', date: '2026-06-01' };
    const answer = await nurse.post(`/app/patients/${old}/doses/new`, sent);
    expect([answer.status, locationOf(answer)]).toEqual([303, `/app/patients/${old}`]);
    expect(await all('Immunization', old)).toEqual([]);
  });

  it('is not planned again for today once it was withheld', async () => {
    const planned = async () => {
      const { text } = await nurse.get(`/app/patients/${child}`);
      return /<h2>Fewest injections<\/h2>.*?<\/section>/s.exec(text)?.[0] ?? '';
    };
    expect(await planned()).toContain('MMR');
    await notGiven('MEDPREC');
    expect(await planned()).not.toContain('MMR');
    expect(await planned()).not.toBe('');
  });

  it('is not what the next visit is planned by once it was withheld', async () => {
    const next = async () => {
      const { text } = await nurse.get(`/app/patients/${child}`);
      return /<h2>After this visit<\/h2><p>([^<]*)<\/p>/.exec(text)?.[1] ?? '';
    };
    const before = await next();
    expect(before).toContain('If all are given today');
    // Hepatitis A, whose second dose may follow after six months; nothing else holds it.
    for (const cvx of ['03', '21', '20', '10', '08', '83', '133', '49']) await notGiven('PATOBJ', cvx);
    const after = await next();
    expect(after).toContain('If all but Diphtheria');
    expect(after).not.toBe(before);
  });

  it('makes one patient of a form that is sent twice', async () => {
    const person = { given: 'Ana', family: 'Twice', sex: 'female', ...birth };
    const fields = { ...hiddenIn(await nurse.get('/app/patients/new')), ...person };
    const [one, other] = await Promise.all([1, 2].map(() => nurse.post('/app/patients/new', fields)));
    const found = await searchAll(server.auth.system, 'Patient', [['family', 'Twice']]);
    expect(found).toHaveLength(1);
    const places = [one, other].map((answer) => (answer ? locationOf(answer) : ''));
    const added = `/app/patients/${found[0]?.id}`;
    expect(places.toSorted()).toEqual([`${added}?added-before=1`, `${added}?added=1`]);
    const later = locationOf(await nurse.post('/app/patients/new', fields));
    expect((await nurse.get(later)).text).toContain('The patient was added before, and is here.');
    const unknown = locationOf(await nurse.post('/app/patients/new', { ...fields, once: 'c'.repeat(22) }));
    expect((await nurse.get(unknown)).text).toContain('This form was sent before. Nobody was added twice');
    expect(csrfIn(await nurse.get('/app/patients/new'))).not.toBe('');
  });

  const birth = { 'birth-year': '2025', 'birth-month': '2', 'birth-day': '3' };
});
