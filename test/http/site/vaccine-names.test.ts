import type { Immunization } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

describe('a vaccine that is typed', () => {
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
    child = await addPerson();
    url = `/app/patients/${child}/doses/new`;
  });
  afterAll(() => server.close());

  async function addPerson(more: object = {}): Promise<string> {
    const resource = {
      resourceType: 'Patient',
      name: [{ family: 'Kowalski', given: ['Miles'] }],
      gender: 'male',
      birthDate: '2012-03-28',
      managingOrganization: { reference: 'Organization/a' },
      ...more,
    };
    const ctx = server.auth.system;
    return (await createResource(ctx, { resource: resource as never, exactNumbers: false })).version.id;
  }

  const dosesOf = async (patient: string) => {
    const found = await searchAll(server.auth.system, 'Immunization', [['patient', `Patient/${patient}`]]);
    return found.map(({ text }) => JSON.parse(text) as Immunization);
  };
  const hiddenIn = ({ text }: Answer) =>
    Object.fromEntries(
      [...text.matchAll(/<input type="hidden" name="([^"]+)" value(?:="([^"]*)")?/g)].map(
        ([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"').replaceAll('&amp;', '&')],
      ),
    );
  const choicesIn = ({ text }: Answer) =>
    [...text.matchAll(/<input type="radio" id="[^"]+" name="which[^"]*" value="([^"]+)"/g)].map(
      ([, value]) => value,
    );
  const locationOf = ({ headers }: Answer) => String(headers['location'] ?? '');

  /** A form, filled in and sent; `fields` as a page shows them. */
  async function send(query: string, fields: Record<string, string>): Promise<Answer> {
    return nurse.post(url, { ...hiddenIn(await nurse.get(url + query)), ...fields });
  }
  const given = { 'given-year': '2026', 'given-month': '5', 'given-day': '2' };

  it('as a trade name is recorded with the manufacturer, and the chart says so', async () => {
    const row = { 'vaccine-0': 'gardasil 9', 'lot-0': 'A1', 'expiry-0': '06/30/2027' };
    const answer = await send('', { date: '2026-06-01', do: 'save', ...row });
    expect(await dosesOf(child)).toMatchObject([
      {
        vaccineCode: { coding: [{ code: '165' }], text: 'HPV9 (Gardasil 9)' },
        manufacturer: {
          identifier: { system: 'http://hl7.org/fhir/sid/mvx', value: 'MSD' },
          display: 'Merck and Co., Inc.',
        },
      },
    ]);
    const { text } = await nurse.get(locationOf(answer));
    expect(text).toContain('HPV9 (Gardasil 9), Merck and Co., Inc.');
  });

  it('may be several: it is asked which, and the form waits', async () => {
    const row = { 'vaccine-0': 'Havrix', 'lot-0': 'A1', 'expiry-0': '06/30/2027' };
    const fields = { date: '2026-06-01', do: 'save', ...row };
    const asked = await send('', fields);
    expect(asked.status).toBe(422);
    expect(asked.text).toContain('<a href="#which-0">Dose 1: “Havrix” may be several vaccines.');
    expect(choicesIn(asked)).toEqual([
      'Havrix, Hep A, adult (CVX 52)',
      'Havrix, Hep A, ped/adol, 2 dose (CVX 83)',
    ]);
    expect(await dosesOf(child)).toEqual([]);
    const chosen = { ...fields, ...hiddenIn(asked), 'which-0': choicesIn(asked)[1] ?? '' };
    expect(locationOf(await nurse.post(url, chosen))).toContain('?saved=');
    expect(await dosesOf(child)).toMatchObject([{ vaccineCode: { coding: [{ code: '83' }] } }]);
  });

  it('may be misspelled: it is asked which, be it one, and nothing is saved before that', async () => {
    const fields = { kind: 'past', vaccine: 'bostrix', ...given };
    const asked = await send('?kind=past', fields);
    expect([asked.status, asked.text]).toEqual([422, expect.stringContaining('nothing is called “bostrix”')]);
    expect(choicesIn(asked)).toEqual(['Boostrix, Tdap (CVX 115)']);
    expect(await dosesOf(child)).toEqual([]);
    expect((await send('?kind=past&lang=es', fields)).text).toContain('nada se llama «bostrix»');
    const chosen = { ...fields, ...hiddenIn(asked), which: choicesIn(asked)[0] ?? '' };
    expect(locationOf(await nurse.post(url, chosen))).toContain('?saved=');
  });

  it('is what was typed last, whatever was chosen before', async () => {
    const fields = { kind: 'past', vaccine: 'polio', ...given };
    const asked = await send('?kind=past', fields);
    expect(asked.text).toContain('Which of these?');
    const other = { ...fields, ...hiddenIn(asked), which: choicesIn(asked)[0] ?? '', vaccine: 'MMR' };
    expect(locationOf(await nurse.post(url, other))).toContain('?saved=');
    expect(await dosesOf(child)).toMatchObject([{ vaccineCode: { coding: [{ code: '03' }] } }]);
  });

  it('is asked of in Spanish as well', async () => {
    const asked = await send('?kind=past&lang=es', { kind: 'past', vaccine: 'sarampión', ...given });
    expect(asked.text).toContain('¿Cuál de estas?');
    expect(choicesIn(asked)[0]).toBe('MMR (CVX 03)');
    expect(asked.text).toContain('<option value="Gardasil 9, VPH 9 (CVX 165)">');
  });

  it('may be one that the schedule does not know', async () => {
    const answer = await send('?kind=past', { kind: 'past', vaccine: 'BCG', ...given });
    const { text } = await nurse.get(locationOf(answer));
    expect(text).toContain('BCG');
    expect(await dosesOf(child)).toMatchObject([{ vaccineCode: { coding: [{ code: '19' }] } }]);
  });

  describe('and was not given', () => {
    it('is each of those that were ticked, with one reason, and taken back at once', async () => {
      const query = '?kind=not-given&give=0&give=2&give=3&with-0=165&with-1=03&with-2=115&with-3=';
      const form = await nurse.get(url + query);
      expect(form.text).toContain('value="HPV9 (CVX 165)"');
      expect(form.text).toContain('value="Tdap (CVX 115)"');
      expect(form.text).not.toContain('value="MMR (CVX 03)" list=');
      const fields = {
        ...hiddenIn(form),
        vaccine: 'HPV9 (CVX 165)',
        'vaccine-1': 'Tdap (CVX 115)',
        'vaccine-2': '',
        reason: 'PATOBJ',
        ...given,
      };
      const answer = await nurse.post(url, fields);
      const kept = await dosesOf(child);
      expect(kept.map(({ vaccineCode }) => vaccineCode.coding?.[0]?.code).sort()).toEqual(['115', '165']);
      expect(kept).toMatchObject([
        { status: 'not-done', statusReason: { coding: [{ code: 'PATOBJ' }] } },
        { status: 'not-done', statusReason: { coding: [{ code: 'PATOBJ' }] } },
      ]);
      const chart = await nurse.get(locationOf(answer));
      expect(chart.text).toContain('HPV9; Tdap');
      await nurse.post(`/app/patients/${child}`, hiddenIn(chart));
      expect((await dosesOf(child)).map(({ status }) => status)).toEqual([
        'entered-in-error',
        'entered-in-error',
      ]);
    });

    it('is asked for where none is told, and more are added', async () => {
      const none = await send('?kind=not-given', { reason: 'PATOBJ' });
      expect(none.text).toContain('href="#vaccine"');
      const more = await send('?kind=not-given', { vaccine: 'MMR', do: 'another' });
      expect(more.status).toBe(200);
      expect(more.text).toContain('id="vaccine-1"');
      expect(more.text).toContain('value="MMR"');
      expect(await dosesOf(child)).toEqual([]);
    });

    it('is kept once, however often it is typed, and none where one is not known', async () => {
      const fields = { rows: '2', vaccine: 'MMR', reason: 'RELIG', ...given };
      const wrong = await send('?kind=not-given', { ...fields, 'vaccine-1': 'Wonder' });
      expect(wrong.text).toContain('href="#vaccine-1"');
      expect(await dosesOf(child)).toEqual([]);
      await send('?kind=not-given', { ...fields, 'vaccine-1': '03' });
      expect(await dosesOf(child)).toHaveLength(1);
    });
  });
});
