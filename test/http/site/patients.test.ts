import type { Immunization, Patient } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { parseResourceBody } from '../../../src/interaction/parse-body.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser, signIn } from './site-server.ts';

const separator = '\u001d';
/** M-M-R II, 0006-4681-01. */
const knownGtin = withCheckDigit('0030006468101');

function withCheckDigit(body: string): string {
  const digits = body.length === 13 ? body : body.padStart(13, '0');
  const sum = [...digits].reduce((all, digit, at) => all + Number(digit) * (at % 2 === 0 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

describe('the pages of a nurse', () => {
  let server: SmartServer;
  let nurse: Browser;
  let child: string;

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
    await server.addUser('coordinator', { role: 'vaccine-coordinator', organization: ['a'] });
  });

  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
    child = await addChild('Kowalski');
  });

  afterAll(() => server.close());

  async function addChild(family: string, more: object = {}): Promise<string> {
    const resource = {
      resourceType: 'Patient',
      name: [{ use: 'official', family, given: ['Miles', 'Liam'] }],
      gender: 'male',
      birthDate: '2024-03-28',
      telecom: [{ system: 'phone', value: '617-555-0112' }],
      managingOrganization: { reference: 'Organization/a' },
      ...more,
    };
    const ctx = server.auth.system;
    return (await createResource(ctx, { resource: resource as never, exactNumbers: false })).version.id;
  }

  async function dosesOf(patient: string): Promise<readonly Immunization[]> {
    const found = await searchAll(server.auth.system, 'Immunization', [['patient', `Patient/${patient}`]]);
    return found.map(({ text }) => JSON.parse(text) as Immunization);
  }

  const locationOf = ({ headers }: Answer) => String(headers['location'] ?? '');

  async function search(fields: Record<string, string>): Promise<Answer> {
    return nurse.post('/app/patients', { csrf: csrfIn(await nurse.get('/app/patients')), ...fields });
  }

  /** The hidden fields of the form of a page. */
  function hiddenIn({ text }: Answer): Record<string, string> {
    const found = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
  }

  const oneDose = {
    date: '2026-06-01',
    eligibility: 'V02',
    sheet: 'yes',
    'vaccine-0': 'MMR (CVX 03)',
    'lot-0': 'A1234',
    'expiry-0': '06/30/2027',
    'site-0': 'LT',
    'route-0': 'SQ',
    do: 'save',
  };

  async function formPage(query = ''): Promise<{ readonly url: string; readonly page: Answer }> {
    const url = `/app/patients/${child}/doses/new`;
    return { url, page: await nurse.get(`${url}${query}`) };
  }

  async function record(fields: Record<string, string>): Promise<Answer> {
    const { url, page } = await formPage();
    return nurse.post(url, { ...hiddenIn(page), ...fields });
  }

  describe('finding', () => {
    it.each([
      ['a name', { text: 'kowal mil' }],
      ['a name, the last first', { text: 'Kowalski, Miles' }],
      ['a phone as it is typed', { text: '(617) 555 0112' }],
    ])('lists who is meant by %s, under a URL that tells nobody', async (_what, fields) => {
      await addChild('Kowalski');
      const answer = await search(fields);
      expect(answer.status).toBe(303);
      expect(locationOf(answer)).toMatch(/^\/app\/patients\?q=[\w-]{22}$/);
      const { text } = await nurse.get(locationOf(answer));
      expect(text).toContain(`href="/app/patients/${child}"`);
      expect(text).toContain('Miles Liam Kowalski');
    });

    it('opens a sole hit at once', async () => {
      const only = await addChild('Unique-Name');
      expect(locationOf(await search({ text: 'Unique-Name' }))).toBe(`/app/patients/${only}`);
    });

    it('looks up a child of another clinic by whole name and birth date, and by nothing less', async () => {
      const other = await addChild('Faraway', { managingOrganization: { reference: 'Organization/school' } });
      expect(locationOf(await search({ text: 'Miles Faraway' }))).toContain('?q=');
      expect((await nurse.get(`/app/patients/${other}`)).status).toBe(404);
      const whole = { text: 'Miles Faraway', 'birth-year': '2024', 'birth-month': '3', 'birth-day': '28' };
      expect(locationOf(await search(whole))).toBe(`/app/patients/${other}`);
      server.at.now += 2000;
      expect((await nurse.get(`/app/patients/${other}`)).status).toBe(200);
    });

    it('says what to try when nobody is found, and fills in the form of a new patient', async () => {
      const to = locationOf(
        await search({ text: 'Nobody, Zoë', 'birth-year': '2025', 'birth-month': '1', 'birth-day': '2' }),
      );
      const { text } = await nurse.get(to);
      expect(text).toContain('Nobody was found');
      const add = /href="(\/app\/patients\/new\?q=[^"]+)"/.exec(text)?.[1] ?? '';
      const form = await nurse.get(add);
      expect(form.text).toContain('value="Zoë"');
      expect(form.text).toContain('value="Nobody"');
      expect(form.text).toContain('value="2025"');
    });

    it.each([
      ['nothing', { text: ' ' }, 'Type a name, a number, a phone or a birth date.'],
      [
        'a day that does not exist',
        { text: 'Kowalski', 'birth-year': '2024', 'birth-month': '13' },
        'That birth date does not exist.',
      ],
    ])('puts right %s', async (_what, fields, sentence) => {
      const { status, text } = await search(fields);
      expect(status).toBe(422);
      expect(text).toContain(sentence);
    });
  });

  describe('adding somebody', () => {
    const whole = {
      given: 'Ana María',
      family: 'García',
      sex: 'female',
      mother: 'Sofía',
      phone: '617-555-0199',
      'birth-year': '2025',
      'birth-month': '2',
      'birth-day': '3',
    };

    it('keeps the patient for the clinic, and opens the chart', async () => {
      const hidden = hiddenIn(await nurse.get('/app/patients/new'));
      const answer = await nurse.post('/app/patients/new', { ...hidden, ...whole });
      const id = /^\/app\/patients\/([^?]+)\?added=1$/.exec(locationOf(answer))?.[1] ?? '';
      const chart = await nurse.get(locationOf(answer));
      expect(chart.text).toContain('The patient was added.');
      const [stored] = await searchAll(server.auth.system, 'Patient', [['_id', id]]);
      expect(JSON.parse(stored?.text ?? '{}')).toMatchObject({
        name: [{ family: 'García', given: ['Ana', 'María'] }],
        birthDate: '2025-02-03',
        managingOrganization: { reference: 'Organization/a' },
        contact: [{ name: { given: ['Sofía'] } }],
      } satisfies Partial<Patient>);
    });

    it('says all that is missing at once, and keeps what was typed', async () => {
      const csrf = csrfIn(await nurse.get('/app/patients/new'));
      const { status, text } = await nurse.post('/app/patients/new', { csrf, ...whole, family: '', sex: '' });
      expect(status).toBe(422);
      expect(text).toContain('Type the last name.');
      expect(text).toContain('Choose the sex.');
      expect(text).toContain('value="Ana María"');
    });

    it.each([
      [{ given: '-1' }, 'Type the first name.'],
      [{ family: '99' }, 'Type the last name.'],
      [{ mother: '617-555-0199' }, 'Type a name, or leave this empty.'],
      [{ phone: 'none' }, 'Type the phone with its area code, or leave it empty.'],
      [{ 'birth-year': '20251' }, 'Type the whole birth date.'],
      [{ 'birth-day': '03 1' }, 'Type the whole birth date.'],
      [{ 'birth-year': '1825' }, 'Type a year within 125 years.'],
    ])('adds nobody with %o', async (wrong, sentence) => {
      const csrf = csrfIn(await nurse.get('/app/patients/new'));
      const { status, text } = await nurse.post('/app/patients/new', { csrf, ...whole, ...wrong });
      expect(status).toBe(422);
      expect(text).toContain(sentence);
    });

    it('takes control characters for blanks, which were copied along', async () => {
      const hidden = hiddenIn(await nurse.get('/app/patients/new'));
      const fields = { ...whole, given: 'Zo\u0000e\u000bMay', family: 'Controlled' };
      const answer = await nurse.post('/app/patients/new', { ...hidden, ...fields });
      const id = /^\/app\/patients\/([^?]+)\?added=1$/.exec(locationOf(answer))?.[1] ?? '';
      const [stored] = await searchAll(server.auth.system, 'Patient', [['_id', id]]);
      expect(JSON.parse(stored?.text ?? '{}')).toMatchObject({ name: [{ given: ['Zo', 'e', 'May'] }] });
    });
  });

  describe('the chart', () => {
    it('offers what is due, and no form to who may not write', async () => {
      const { text } = await nurse.get(`/app/patients/${child}`);
      expect(text).toContain('Give today');
      expect(text).toContain('MMR, dose 1');
      const coordinator = await signedInBrowser(server, 'coordinator');
      const seen = await coordinator.get(`/app/patients/${child}`);
      expect(seen.status).toBe(200);
      expect(seen.text).not.toContain('Record doses');
      expect((await coordinator.get(`/app/patients/${child}/doses/new`)).status).toBe(403);
    });

    it('says first what must not be given', async () => {
      const condition = {
        resourceType: 'Condition',
        subject: { reference: `Patient/${child}` },
        code: {
          text: 'Severe immunodeficiency',
          coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code: '080' }],
        },
        clinicalStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
        },
      };
      await createResource(server.auth.system, { resource: condition as never, exactNumbers: false });
      const { text } = await nurse.get(`/app/patients/${child}`);
      expect(text.indexOf('Do not give')).toBeGreaterThan(0);
      expect(text.indexOf('Do not give')).toBeLessThan(text.indexOf('Give today'));
      expect(text).toContain('Severe immunodeficiency');
    });
  });

  describe('recording doses', () => {
    it('fills a row for each vaccine that was chosen, a combination once', async () => {
      const { page } = await formPage('?give=0&give=1&give=2&with-0=120&with-1=120&with-2=03&with-3=21');
      expect(page.text).toContain('value="DTaP-Hib-IPV (CVX 120)"');
      expect(page.text).toContain('value="MMR (CVX 03)"');
      expect(hiddenIn(page)['rows']).toBe('2');
    });

    it('keeps them as they were given, and takes them back on the next page', async () => {
      const answer = await record({
        ...oneDose,
        rows: '2',
        'vaccine-1': '21',
        'lot-1': 'B5678',
        'expiry-1': '2027-01-31',
        'eligibility-1': 'V01',
      });
      expect(locationOf(answer)).toMatch(new RegExp(`^/app/patients/${child}\\?saved=[\\w-]{22}$`));
      const doses = await dosesOf(child);
      expect(doses).toHaveLength(2);
      expect(doses.find(({ lotNumber }) => lotNumber === 'A1234')).toMatchObject({
        status: 'completed',
        vaccineCode: { coding: [{ code: '03' }] },
        occurrenceDateTime: '2026-06-01',
        expirationDate: '2027-06-30',
        primarySource: true,
        site: { coding: [{ code: 'LT' }] },
        route: { coding: [{ code: 'SQ' }] },
        programEligibility: [{ coding: [{ code: 'V02' }] }],
        performer: [{ actor: { reference: 'Practitioner/doc' } }, { actor: { reference: 'Organization/a' } }],
        education: [{ presentationDate: '2026-06-01' }],
      });
      expect(doses.find(({ lotNumber }) => lotNumber === 'B5678')?.programEligibility).toMatchObject([
        { coding: [{ code: 'V01' }] },
      ]);
      const chart = await nurse.get(locationOf(answer));
      expect(chart.text).toContain('2 doses recorded.');
      const { undo = '', csrf = '' } = hiddenIn(chart);
      const undone = await nurse.post(`/app/patients/${child}`, { csrf, undo });
      expect(locationOf(undone)).toBe(`/app/patients/${child}?undone=1`);
      expect((await dosesOf(child)).map(({ status }) => status)).toEqual([
        'entered-in-error',
        'entered-in-error',
      ]);
      // Once: a second press of the button changes nothing.
      await nurse.post(`/app/patients/${child}`, { csrf, undo });
      expect(await dosesOf(child)).toHaveLength(2);
    });

    it('saves nothing twice when somebody goes back and saves again', async () => {
      const { url, page } = await formPage();
      const fields = { ...hiddenIn(page), ...oneDose };
      await nurse.post(url, fields);
      const again = await nurse.post(url, fields);
      expect(locationOf(again)).toBe(`/app/patients/${child}?again=1`);
      expect((await nurse.get(locationOf(again))).text).toContain('Nothing was saved twice.');
      expect(await dosesOf(child)).toHaveLength(1);
    });

    it('goes on with what was typed after the session has ended', async () => {
      const { url, page } = await formPage();
      const fields = { ...hiddenIn(page), ...oneDose };
      server.at.now += 16 * 60_000;
      const asked = await nurse.post(url, fields);
      expect(asked.text).toContain(`value="${url}?typed=1"`);
      await signIn(nurse, 'nurse', `${url}?typed=1`);
      const back = await nurse.get(`${url}?typed=1`);
      expect(back.text).toContain('value="A1234"');
      expect(await dosesOf(child)).toHaveLength(0);
    });

    it.each([
      ['no vaccine', { 'vaccine-0': '', 'lot-0': '' }, 'Type at least one vaccine.'],
      ['a vaccine that nobody knows', { 'vaccine-0': 'Wonder vaccine' }, 'Dose 1: no vaccine is called so'],
      ['no lot', { 'lot-0': '' }, 'Dose 1: type the lot as it stands on the box.'],
      ['no expiry', { 'expiry-0': '13/01/2027' }, 'Dose 1: type the expiry date as MM/DD/YYYY or MM/YYYY.'],
      [
        'an expired lot',
        { 'expiry-0': '05/31/2026' },
        'Dose 1: lot A1234 expired on May 31, 2026. Do not give it.',
      ],
      ['tomorrow', { date: '2026-12-02' }, 'The date is in the future.'],
      ['a day before birth', { date: '2024-03-27' }, 'The date is before birth.'],
      ['a lot of what parts a scan', { 'lot-0': '\u001d' }, 'Dose 1: type the lot as it stands on the box.'],
    ])(
      'saves nothing with %s, and says so in a sentence that leads there',
      async (_what, wrong, sentence) => {
        const { status, text } = await record({ ...oneDose, ...wrong });
        expect(status).toBe(422);
        expect(text).toContain(sentence);
        expect(/role="alert"[^>]*autofocus/.test(text)).toBe(true);
        expect(await dosesOf(child)).toHaveLength(0);
      },
    );

    it('says of no lot that it has expired on a day that does not exist', async () => {
      const { text } = await record({ ...oneDose, date: 'today' });
      expect(text).toContain('That date does not exist.');
      expect(text).not.toContain('expired');
    });

    it('fills vaccine, lot and expiry from a scan, and saves nothing by it', async () => {
      const scan = `01${knownGtin}17270630${'10'}U7452AB`;
      const { status, text } = await record({
        ...oneDose,
        'vaccine-0': '',
        'lot-0': '',
        'expiry-0': '',
        scan,
      });
      expect(status).toBe(200);
      expect(text).toContain('value="MMR (CVX 03)"');
      expect(text).toContain('value="U7452AB"');
      expect(text).toContain('value="06/30/2027"');
      expect(await dosesOf(child)).toHaveLength(0);
    });

    it.each([
      [
        'a wrong check digit',
        `01${knownGtin.slice(0, -1)}${(Number(knownGtin.at(-1)) + 1) % 10}1727063010A`,
        'wrong check digit',
      ],
      ['month 13', `01${knownGtin}1727130010A`, 'The expiry month does not exist.'],
      ['a missing separator', `01${knownGtin}10U7452AB17270630`, 'The lot does not end where it should.'],
      [
        'a lot of 21 letters',
        `01${knownGtin}10${'A'.repeat(21)}${separator}17270630`,
        'The lot does not end',
      ],
    ])('answers a scan with %s by a sentence, and saves nothing', async (_what, scan, sentence) => {
      const { status, text } = await record({ ...oneDose, scan });
      expect(status).toBe(422);
      expect(text).toContain(sentence);
      expect(await dosesOf(child)).toHaveLength(0);
    });

    it('adds a row, twelve at most', async () => {
      const { text } = await record({ ...oneDose, do: 'another' });
      expect(text).toContain('id="vaccine-1"');
      const full = await record({ ...oneDose, rows: '12', do: 'another' });
      expect(full.text).not.toContain('id="vaccine-12"');
    });
  });

  describe('past doses and refusals', () => {
    async function other(kind: string, fields: Record<string, string>): Promise<Answer> {
      const { url, page } = await formPage(`?kind=${kind}`);
      return nurse.post(url, { ...hiddenIn(page), ...fields });
    }

    it('keeps a past dose as far as its day is known', async () => {
      const answer = await other('past', {
        vaccine: 'MMR',
        'given-year': '2025',
        'given-month': '5',
        place: 'Puebla',
      });
      expect(answer.status).toBe(303);
      expect(await dosesOf(child)).toMatchObject([
        { occurrenceDateTime: '2025-05', primarySource: false, location: { display: 'Puebla' } },
      ]);
      expect((await nurse.get(`/app/patients/${child}`)).text).toContain('May 2025');
    });

    it('keeps one past dose after the other, at the same place, and tells what was saved', async () => {
      const dated = { 'given-year': '2025', 'given-month': '5' };
      const answer = await other('past', { ...dated, vaccine: 'MMR', place: 'Puebla', do: 'next' });
      expect(locationOf(answer)).toMatch(/^\/app\/patients\/[^/]+\/doses\/new\?kind=past&saved=/);
      const next = await nurse.get(locationOf(answer));
      expect(next.text).toContain('1 dose recorded. MMR.');
      expect(next.text).toMatch(/name="place"[^>]* value="Puebla"/);
      expect(next.text).not.toMatch(/name="vaccine"[^>]* value="MMR/);
      const url = `/app/patients/${child}/doses/new`;
      const last = { ...hiddenIn(next), ...dated, kind: 'past', vaccine: 'IPV', place: 'Puebla' };
      expect(locationOf(await nurse.post(url, last))).toMatch(/^\/app\/patients\/[^/]+\?saved=/);
      expect(await dosesOf(child)).toHaveLength(2);
      // What was saved of one child is told of no other.
      const sibling = await addChild('Sibling');
      const query = locationOf(answer).split('?')[1];
      expect((await nurse.get(`/app/patients/${sibling}/doses/new?${query}`)).text).not.toContain(
        'recorded.',
      );
      const elsewhere = await nurse.get(`${url}?kind=past&saved=made-up`);
      expect([elsewhere.status, elsewhere.text]).toEqual([200, expect.not.stringContaining('recorded.')]);
    });

    it('keeps a refusal with its reason, and lists it', async () => {
      const fields = {
        vaccine: '03',
        reason: 'PATOBJ',
        'given-year': '2026',
        'given-month': '6',
        'given-day': '1',
      };
      const answer = await other('not-given', fields);
      expect(await dosesOf(child)).toMatchObject([
        { status: 'not-done', statusReason: { coding: [{ code: 'PATOBJ' }] } },
      ]);
      const { text } = await nurse.get(locationOf(answer));
      expect(text).toContain('It is written down as not given.');
      expect(text).toContain('Measles, mumps, rubella: declined, Jun 1, 2026');
    });

    it.each([
      ['past', { vaccine: 'MMR' }, 'That date does not exist.'],
      ['past', { vaccine: 'MMR', 'given-year': '2023' }, 'The date is before birth.'],
      ['not-given', { vaccine: 'MMR', reason: 'because' }, 'Choose why.'],
    ])('saves nothing of %s with %o', async (kind, fields, sentence) => {
      const { status, text } = await other(kind, fields);
      expect(status).toBe(422);
      expect(text).toContain(sentence);
      expect(await dosesOf(child)).toHaveLength(0);
    });
  });

  it('takes out a dose that was entered by mistake, and puts it back', async () => {
    await record(oneDose);
    const [dose] = await dosesOf(child);
    const url = `/app/doses/${dose?.id}`;
    const page = await nurse.get(url);
    expect(page.text).toContain('A1234');
    const csrf = csrfIn(page);
    await nurse.post(url, { csrf, change: 'mistake' });
    expect((await nurse.get(url)).text).toContain('This dose was entered by mistake. It does not count.');
    expect((await dosesOf(child))[0]?.status).toBe('entered-in-error');
    // The second press finds it put back, and leads there too.
    for (const _press of [1, 2])
      expect(locationOf(await nurse.post(url, { csrf, change: 'given' }))).toBe(url);
    expect((await dosesOf(child))[0]).toMatchObject({ status: 'completed', meta: { versionId: '3' } });
  });

  it('leaves all else of such a dose as it was written, digits included', async () => {
    const sent = {
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
      patient: { reference: `Patient/${child}` },
      occurrenceDateTime: '2025-04-02',
      doseQuantity: { value: 0.5, unit: 'mL' },
    };
    const text = JSON.stringify(sent).replace('0.5', '0.50');
    const ctx = server.auth.system;
    const { id } = (await createResource(ctx, parseResourceBody(text))).version;
    const url = `/app/doses/${id}`;
    const csrf = csrfIn(await nurse.get(url));
    for (const change of ['mistake', 'given']) {
      await nurse.post(url, { csrf, change });
      const [{ text: kept = '' } = {}] = await searchAll(ctx, 'Immunization', [['_id', id]]);
      expect(kept).toContain(change === 'mistake' ? '"entered-in-error"' : '"completed"');
      expect(kept).toContain('"value":0.50');
    }
  });
});
