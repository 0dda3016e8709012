import type { Immunization, Patient } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../../src/fhir/problem.ts';
import type { WriteRule } from '../../../src/interaction/context.ts';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { readPdf } from '../../unit/pdf/read-pdf.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

describe('a dose that is odd', () => {
  let server: SmartServer;
  let nurse: Browser;

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
    await server.addUser('mother', { role: 'individual' });
  });
  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
  });
  afterAll(() => server.close());

  async function add(resource: object): Promise<string> {
    const ctx = server.auth.system;
    return (await createResource(ctx, { resource: resource as never, exactNumbers: false })).version.id;
  }

  const addPerson = (more: Partial<Patient> = {}) =>
    add({
      resourceType: 'Patient',
      name: [{ family: 'Kowalski', given: ['Miles'] }],
      gender: 'male',
      birthDate: '2024-03-28',
      managingOrganization: { reference: 'Organization/a' },
      ...more,
    });

  const addDose = (patient: string, code: string, date: string, more: Partial<Immunization> = {}) =>
    add({
      resourceType: 'Immunization',
      status: 'completed',
      patient: { reference: `Patient/${patient}` },
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] },
      occurrenceDateTime: date,
      ...more,
    });

  const dosesOf = async (patient: string) => {
    const found = await searchAll(server.auth.system, 'Immunization', [['patient', `Patient/${patient}`]]);
    return found.map(({ text }) => JSON.parse(text) as Immunization);
  };

  const hiddenIn = ({ text }: Answer) =>
    Object.fromEntries(
      [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"').replaceAll('&amp;', '&')],
      ),
    );
  /** What stands in the notice above the form; what it leads to. */
  const toldIn = ({ text }: Answer) =>
    [...text.matchAll(/<li><a href="#([^"]+)">([^<]*)<\/a><\/li>/g)].map(([, field, words]) => [
      field,
      words,
    ]);
  const locationOf = ({ headers }: Answer) => String(headers['location'] ?? '');

  const mmr = { 'vaccine-0': '03', 'lot-0': 'A1', 'expiry-0': '06/30/2027', 'route-0': 'SQ' };
  const visit = { date: '2026-06-01', do: 'save', ...mmr };

  /** The form as it is sent first, and as its page is sent again. */
  async function press(patient: string, fields: Record<string, string>, query = '') {
    const url = `/app/patients/${patient}/doses/new`;
    const first = await nurse.post(url, { ...hiddenIn(await nurse.get(url + query)), ...fields });
    return { first, again: () => nurse.post(url, { ...fields, ...hiddenIn(first) }) };
  }

  it.each([
    ['of the same vaccine on one day', {}, 'vaccine-0', 'Dose 1: CVX 03 is on record', ['03']],
    ['of a vaccine against the same', {}, 'vaccine-0', 'is against the same', ['94']],
  ])('%s is told, and saved when it is so', async (_what, more, field, words, [there = '']) => {
    const person = await addPerson();
    await addDose(person, there, '2026-06-01', {
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: there }], text: `CVX ${there}` },
    });
    const { first, again } = await press(person, { ...visit, ...more });
    expect(first.status).toBe(422);
    expect(toldIn(first)).toEqual([[field, expect.stringContaining(words)]]);
    expect(first.text).toContain('Save anyway');
    expect(await dosesOf(person)).toHaveLength(1);
    expect(locationOf(await again())).toContain('?saved=');
    expect(await dosesOf(person)).toHaveLength(2);
  });

  it.each([
    [
      'two rows',
      { rows: '2', 'vaccine-1': '94', 'lot-1': 'B1', 'expiry-1': '06/30/2027' },
      ['vaccine-1', 'Dose 2: MMRV is against the same as MMR above.'],
    ],
    [
      'an expiry in the year 9999',
      { 'expiry-0': '12/31/9999' },
      ['expiry-0', 'Dose 1: no vaccine is good until Dec 31, 9999. Look at the box again.'],
    ],
    [
      'an age that is too young',
      { date: '2025-03-01' },
      ['vaccine-0', 'Dose 1: MMR does not count before Mar 24, 2025. The person was too young.'],
    ],
    [
      'a nasal vaccine as an injection',
      { 'vaccine-0': '149', 'route-0': 'IM' },
      ['route-0', expect.stringContaining('is not given in that way.')],
    ],
    ['an injection by mouth', { 'route-0': 'PO' }, ['route-0', 'Dose 1: MMR is not given in that way.']],
  ])('is told of %s, once', async (_what, more, told) => {
    const person = await addPerson();
    const { first, again } = await press(person, { ...visit, ...more });
    expect([first.status, toldIn(first)]).toEqual([422, [told]]);
    expect(locationOf(await again())).toContain('?saved=');
  });

  it.each([
    ['the first day that counts', { date: '2025-03-24' }],
    ['an expiry of ten years', { 'expiry-0': '06/01/2036' }],
    ['the other way to inject', { 'route-0': 'IM' }],
    ['no route at all', { 'route-0': '' }],
    [
      'two vaccines against others',
      { rows: '2', 'vaccine-1': '21', 'lot-1': 'B1', 'expiry-1': '06/30/2027' },
    ],
  ])('is none by %s', async (_what, more) => {
    const { first } = await press(await addPerson(), { ...visit, ...more });
    expect(locationOf(first)).toContain('?saved=');
  });

  it('is told anew where something else is odd by then', async () => {
    const person = await addPerson();
    const url = `/app/patients/${person}/doses/new`;
    const { first } = await press(person, { ...visit, 'route-0': 'PO' });
    const other = await nurse.post(url, {
      ...visit,
      ...hiddenIn(first),
      'route-0': 'NASINHL',
      'expiry-0': '12/31/9999',
    });
    expect([other.status, toldIn(other).map(([field]) => field)]).toEqual([422, ['expiry-0', 'route-0']]);
  });

  it('opens what is folded away where that is odd', async () => {
    const { first } = await press(await addPerson(), { ...visit, 'route-0': 'PO' });
    expect(first.text).toContain('<details class="rest" open>');
    const { first: other } = await press(await addPerson(), { ...visit, 'expiry-0': '12/31/9999' });
    expect(other.text).toContain('<details class="rest">');
  });

  it('is told in Spanish', async () => {
    const person = await addPerson();
    const url = `/app/patients/${person}/doses/new`;
    const form = hiddenIn(await nurse.get(url));
    const { text } = await nurse.post(`${url}?lang=es`, { ...form, ...visit, 'route-0': 'PO' });
    expect(text).toContain('Guardar de todos modos');
  });

  describe('of somebody who has died', () => {
    it.each([{ deceasedBoolean: true }, { deceasedDateTime: '2026-05-20' }])(
      'is written into a chart that says so: %j',
      async (death) => {
        const { text } = await nurse.get(`/app/patients/${await addPerson(death)}`);
        expect(text).toContain('This person has died. Nothing is due.');
        expect(text).not.toContain('no advice of its own for this season');
        const alive = await nurse.get(`/app/patients/${await addPerson()}`);
        expect(alive.text).not.toContain('has died');
      },
    );

    it.each([
      ['on the day', { deceasedDateTime: '2026-05-20' }, '2026-05-20', 'told'],
      ['the day after', { deceasedDateTime: '2026-05-20' }, '2026-05-21', 'refused'],
      ['in the month that is known', { deceasedDateTime: '2026-05' }, '2026-05-31', 'told'],
      ['after the month that is known', { deceasedDateTime: '2026-05' }, '2026-06-01', 'refused'],
      ['nobody knows when', { deceasedBoolean: true }, '2026-06-01', 'told'],
    ])('%s is %s', async (_when, death, date, what) => {
      const person = await addPerson(death);
      const { first, again } = await press(person, { ...visit, date });
      const words =
        what === 'told' ? 'This person has died.' : expect.stringContaining('The date is after the death');
      expect([first.status, toldIn(first)]).toEqual([422, [['date', words]]]);
      const second = await again();
      expect(second.status).toBe(what === 'told' ? 303 : 422);
      expect(await dosesOf(person)).toHaveLength(what === 'told' ? 1 : 0);
    });

    it.each(['past', 'not-given'])('is held to the same by the form %s', async (kind) => {
      const person = await addPerson({ deceasedDateTime: '2026-05-20' });
      const fields = { kind, vaccine: '03', reason: 'PATOBJ', 'given-year': '2026', 'given-month': '5' };
      const late = await press(person, { ...fields, 'given-day': '21' }, `?kind=${kind}`);
      expect(toldIn(late.first)).toEqual([
        ['given-month', expect.stringContaining('The date is after the death')],
      ]);
      const { first, again } = await press(person, { ...fields, 'given-day': '19' }, `?kind=${kind}`);
      expect(toldIn(first)).toEqual([['given-month', 'This person has died.']]);
      expect(locationOf(await again())).toContain('?saved=');
    });
  });

  it('of the past is told of its age and its day too', async () => {
    const person = await addPerson();
    await addDose(person, '03', '2025-09-01');
    const past = { kind: 'past', vaccine: '94', 'given-year': '2025' };
    const young = await press(person, { ...past, 'given-month': '1' }, '?kind=past');
    expect(toldIn(young.first)).toEqual([['vaccine', expect.stringContaining('does not count before')]]);
    expect(locationOf(await young.again())).toContain('?saved=');
    const twice = await press(person, { ...past, 'given-month': '9', 'given-day': '1' }, '?kind=past');
    expect(toldIn(twice.first)).toEqual([['vaccine', expect.stringContaining('for the same day already')]]);
    // Of a month it is not known on which day it was.
    const month = await press(person, { ...past, 'given-month': '9' }, '?kind=past');
    expect(locationOf(month.first)).toContain('?saved=');
  });

  describe('that could not be saved', () => {
    it('is shown as it was typed, and saved by the next press, once', async () => {
      const person = await addPerson();
      const rules = server.context.writeRules as WriteRule[];
      const url = `/app/patients/${person}/doses/new`;
      const fields = { ...hiddenIn(await nurse.get(url)), ...visit };
      rules.push(() => {
        throw new Problem('busy', 'The store cannot take more now');
      });
      const failed = await nurse.post(url, fields);
      rules.pop();
      expect(failed.status).toBe(422);
      expect(failed.text).toContain('Nothing was saved');
      expect(failed.text).toContain('value="A1"');
      const saved = await nurse.post(url, { ...visit, ...hiddenIn(failed), 'lot-0': 'A2' });
      expect(locationOf(saved)).toContain('?saved=');
      expect(locationOf(await nurse.post(url, { ...visit, ...hiddenIn(failed) }))).toContain('?again=1');
      expect((await dosesOf(person)).map(({ lotNumber }) => lotNumber)).toEqual(['A2']);
    });

    it('takes back what was saved by another press of "Undo"', async () => {
      const person = await addPerson();
      const { first } = await press(person, visit);
      const chart = await nurse.get(locationOf(first));
      const rules = server.context.writeRules as WriteRule[];
      rules.push(() => {
        throw new Problem('busy', 'The store cannot take more now');
      });
      const failed = await nurse.post(`/app/patients/${person}`, hiddenIn(chart));
      rules.pop();
      expect(failed.status).toBe(503);
      expect(locationOf(await nurse.post(`/app/patients/${person}`, hiddenIn(chart)))).toContain('undone=1');
      expect((await dosesOf(person)).map(({ status }) => status)).toEqual(['entered-in-error']);
    });

    it.each([
      ['busy', 'Ana', 'Nothing was saved: the registry is busy'],
      ['business-rule', 'Quentin', 'Nothing was saved. The registry does not take it so: Not this one'],
    ] as const)('shows a new patient as typed: %s', async (kind, given, words) => {
      const rules = server.context.writeRules as WriteRule[];
      const birth = { 'birth-year': '2025', 'birth-month': '2', 'birth-day': '3' };
      const form = hiddenIn(await nurse.get('/app/patients/new'));
      const fields = { ...form, given, family: `Later-${kind}`, sex: 'female', ...birth };
      rules.push(() => {
        throw new Problem(kind, 'Not this one');
      });
      const failed = await nurse.post('/app/patients/new', fields);
      rules.pop();
      expect([failed.status, failed.text.includes(words)]).toEqual([422, true]);
      expect(failed.text).toContain(`value="Later-${kind}"`);
      const added = await nurse.post('/app/patients/new', { ...fields, ...hiddenIn(failed) });
      expect(locationOf(added)).toContain('?added=1');
    });

    it('is asked for again where nobody knows the form any more', async () => {
      const person = await addPerson();
      const { first, again } = await press(person, { ...visit, once: 'b'.repeat(22) });
      expect([first.status, first.text.includes('this form is too old')]).toEqual([422, true]);
      expect(locationOf(await again())).toContain('?saved=');
    });
  });

  it('is asked about where a scan does not say where the lot ends', async () => {
    const person = await addPerson();
    const url = `/app/patients/${person}/doses/new`;
    const form = { ...hiddenIn(await nurse.get(url)), date: '2026-06-01', do: 'fill' };
    const scanned = await nurse.post(url, { ...form, scan: '010030006468101' + '31' });
    expect(scanned.status).toBe(422);
    const read = await nurse.post(url, { ...form, scan: '0100349281051050' + '17270630' + '10AB12321XY' });
    expect(toldIn(read)).toContainEqual([
      'lot-0',
      expect.stringContaining('AB12321XY may hold a serial number too'),
    ]);
    expect(read.text).toContain('value="AB12321XY"');
  });

  it('is of a person whose name turns no direction, and is isolated', async () => {
    const turned = { system: 'urn:x', value: '123\u202E456' };
    const person = await addPerson({
      name: [{ family: 'Levi\u202E', given: ['\u200Fמרים'] }],
      identifier: [turned],
    });
    const { text } = await nurse.get(`/app/patients/${person}`);
    expect(text).toContain('<bdi>מרים Levi</bdi>');
    expect(text).not.toMatch(/[\u200e\u200f\u202a-\u202e]/);
  });

  it('can be written down of somebody whose birth date is not whole', async () => {
    const person = await addPerson({ birthDate: '2024' });
    const { text } = await nurse.get(`/app/patients/${person}`);
    expect(text).toContain('The birth date is not known to the day');
    expect(text).toContain(`href="/app/patients/${person}/doses/new" id="record"`);
    expect(text).toContain(`href="/app/patients/${person}/doses/new?kind=not-given"`);
    const { first } = await press(person, visit);
    expect(locationOf(first)).toContain('?saved=');
    const past = { kind: 'past', vaccine: '03', 'given-year': '2025', 'given-month': '1' };
    expect(locationOf((await press(person, past, '?kind=past')).first)).toContain('?saved=');
    expect(await dosesOf(person)).toHaveLength(2);
  });

  it('is said to be there and not counted where its day is not known', async () => {
    const person = await addPerson();
    await addDose(person, '03', '2025-05', {
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }], text: 'M-M-R II' },
    });
    const told = '1 vaccine is on file and not counted, since its day is not known: M-M-R II (May 2025).';
    const chart = await nurse.get(`/app/patients/${person}`);
    expect(chart.text).toContain(`${told} Ask for the day. Until then more may be shown as due than is.`);
    const related = await add({
      resourceType: 'RelatedPerson',
      active: true,
      patient: { reference: `Patient/${person}` },
    });
    await server.addUser(`mother-${person}`, { role: 'individual', relatedPerson: [related] });
    const mother = await signedInBrowser(server, `mother-${person}`);
    const record = await mother.get(`/app/record/${person}`);
    expect(record.text).toContain(`${told} So this list may be too long.`);
    expect((await mother.get(`/app/record/${person}/print/school`)).text).toContain(`<p>${told}</p>`);
    const { pages } = await readPdf((await mother.get(`/app/record/${person}/print/school/file`)).bytes);
    expect(pages.flatMap(({ read }) => read.map(({ words }) => words))).toContain(told);
    const whole = await addPerson();
    await addDose(whole, '03', '2025-05-02');
    expect((await nurse.get(`/app/patients/${whole}`)).text).not.toContain('not counted');
  });
});
