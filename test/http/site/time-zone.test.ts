import type { Immunization } from 'fhir/r4.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { parseTimeZone, type TimeZone } from '../../../src/values/time-zone.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser } from './site-server.ts';

describe.each`
  where                 | instant                   | today           | tomorrow        | words            | time
  ${'America/New_York'} | ${'2026-06-02T03:00:00Z'} | ${'2026-06-01'} | ${'2026-06-02'} | ${'Jun 1, 2026'} | ${'Jun 1, 2026, 23:00:00 EDT'}
  ${'Pacific/Auckland'} | ${'2026-06-01T20:00:00Z'} | ${'2026-06-02'} | ${'2026-06-03'} | ${'Jun 2, 2026'} | ${'Jun 2, 2026, 08:00:00 GMT+12'}
`('the pages of a registry in $where at $instant', ({ where, instant, today, tomorrow, words, time }) => {
  let server: SmartServer;
  let nurse: Browser;
  let child: string;

  beforeAll(async () => {
    server = await openSiteServer([], parseTimeZone(where) as TimeZone);
    server.at.now = Date.parse(instant);
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
    await server.addUser('auditor', { role: 'auditor' });
    const resource = {
      resourceType: 'Patient',
      name: [{ family: 'Kowalski', given: ['Miles'] }],
      gender: 'male',
      birthDate: '2024-03-28',
      managingOrganization: { reference: 'Organization/a' },
    };
    const created = { resource: resource as never, exactNumbers: false };
    child = (await createResource(server.auth.system, created)).version.id;
    nurse = await signedInBrowser(server, 'nurse');
  });
  afterAll(() => server.close());

  const url = () => `/app/patients/${child}/doses/new`;
  /** What a failure shows is short. */
  const fieldsIn = ({ text }: Answer) => (text.match(/<input[^>]*>/g) ?? []).join('\n');
  const givenOn = async (date: string) => {
    const page = await nurse.get(url());
    const once = /name="once" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    const dose = { 'vaccine-0': 'MMR (CVX 03)', 'lot-0': 'A1234', 'expiry-0': '06/30/2027' };
    return nurse.post(url(), { csrf: csrfIn(page), once, rows: '1', date, do: 'save', ...dose });
  };

  it('offers today as the day of a dose, takes it, and refuses tomorrow', async () => {
    expect(fieldsIn(await nurse.get(url()))).toContain(`name="date" value="${today}"`);
    const refused = await givenOn(tomorrow);
    expect([refused.status, refused.text.includes('future')]).toEqual([422, true]);
    expect((await givenOn(today)).status).toBe(303);
    const doses = await searchAll(server.auth.system, 'Immunization', [['patient', `Patient/${child}`]]);
    const days = doses.map(({ text }) => (JSON.parse(text) as Immunization).occurrenceDateTime);
    expect(days).toEqual([today]);
  });

  it('lists whom to see on that day, and offers it for what was not given', async () => {
    const listed = await nurse.get('/app/today');
    expect(listed.text.match(/<p>[^<]* 2026<\/p>/)?.[0]).toBe(`<p>${words}</p>`);
    const [, , day = ''] = today.split('-');
    const form = await nurse.get(`${url()}?kind=not-given`);
    expect(fieldsIn(form)).toMatch(new RegExp(`name="given-day"[^>]*value="${day}"`));
  });

  it('tells times as the clocks there show them, and finds what was done by the days there', async () => {
    const auditor = await signedInBrowser(server, 'auditor');
    const { text } = await auditor.get('/app/admin/audit');
    const shown = new Set(text.match(/\w+ \d+, 2026, \d\d:\d\d:\d\d [\w+]+/g));
    expect([...shown]).toEqual([time]);
    const rowsOf = async (day: string) =>
      (await auditor.get(`/app/admin/audit?from=${day}&to=${day}&format=csv`)).text.split('\r\n').length;
    expect(await rowsOf(today)).toBeGreaterThan(2);
    // A head, and the end of its line.
    expect(await rowsOf(tomorrow)).toBe(2);
  });
});
