import type { QuestionnaireResponse, Task } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { readPdf } from '../../unit/pdf/read-pdf.ts';
import type { Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser } from './site-server.ts';

const papers = ['/print', '/print/school', '/print/file', '/print/school/file'];

const cvx = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] });

describe('the record of a child', () => {
  let server: SmartServer;
  let mother: Browser;
  let child: string;

  beforeAll(async () => {
    server = await openSiteServer();
    child = await create({
      resourceType: 'Patient',
      name: [{ use: 'official', family: 'Kowalski', given: ['Henry'] }],
      gender: 'male',
      birthDate: '2021-02-28',
      managingOrganization: { reference: 'Organization/a' },
    });
    await create(doseOf('2022-01-28', '03', { lotNumber: 'TOO-EARLY' }));
    await create(doseOf('2025-04-01', '03'));
    const related = await create({
      resourceType: 'RelatedPerson',
      active: true,
      patient: { reference: `Patient/${child}` },
    });
    await server.addUser('mother', { role: 'individual', relatedPerson: [related] });
    await server.addUser('stranger', { role: 'individual', patient: 'p' });
    await server.addUser('nurse', { role: 'clinician', organization: ['a'] });
  });

  beforeEach(async () => {
    mother = await signedInBrowser(server, 'mother');
  });

  afterAll(() => server.close());

  async function create(resource: object): Promise<string> {
    const parsed = { resource: resource as never, exactNumbers: false };
    return (await createResource(server.auth.system, parsed)).version.id;
  }

  const doseOf = (date: string, code: string, more: object = {}) => ({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: cvx(code),
    occurrenceDateTime: date,
    patient: { reference: `Patient/${child}` },
    ...more,
  });

  const path = () => `/app/record/${child}`;

  it('says of one that another took the place of nothing but that', async () => {
    const old = await create({
      resourceType: 'Patient',
      active: false,
      name: [{ family: 'Kowalski', given: ['Olga'] }],
      birthDate: '1990-02-28',
      link: [{ type: 'replaced-by', other: { reference: `Patient/${child}` } }],
    });
    await server.addUser('olga', { role: 'individual', patient: old });
    const { status, text } = await (await signedInBrowser(server, 'olga')).get(`/app/record/${old}`);
    expect(status).toBe(200);
    expect(text).toContain('<h1>This record is no longer in use</h1>');
    expect(text).not.toMatch(/Olga needs|Olga is up to date/);
  });

  it('says first, in words, how many vaccines are needed, and whom to call', async () => {
    const { status, text } = await mother.get(path());
    expect(status).toBe(200);
    expect(text).toMatch(/<h1>Henry needs \d+ vaccines now<\/h1>/);
    expect(text).toContain('Harbor Clinic');
  });

  it('says why a dose does not count, and asks for the next all the same', async () => {
    const { text } = await mother.get(path());
    const row = /<tr role="row"><th scope="row" role="rowheader">Measles[\s\S]*?<\/tr>/.exec(text)?.[0] ?? '';
    expect(row).toContain('Does not count: given too young');
    expect(row).toContain('Needed next');
    expect(row).toMatch(/Due now|Overdue/);
    expect(row).not.toMatch(/of 2/);
  });

  it('is nobody else’s: others, and what never was, are answered alike', async () => {
    const stranger = await signedInBrowser(server, 'stranger');
    for (const page of ['', ...papers, '/share', '/share/file', '/report']) {
      expect((await stranger.get(`${path()}${page}`)).status, page).toBe(404);
      expect((await stranger.get(`/app/record/never${page}`)).status, page).toBe(404);
    }
  });

  it('is the family’s: who works at a clinic has the chart, and prints the papers', async () => {
    const nurse = await signedInBrowser(server, 'nurse');
    const statusOf = async (page: string) => (await nurse.get(`${path()}${page}`)).status;
    for (const page of ['', '/share', '/share/file', '/report']) expect(await statusOf(page), page).toBe(404);
    for (const page of papers) expect(await statusOf(page), page).toBe(200);
  });

  it('shows the history when it cannot be worked out what is due', async () => {
    const undated = await create({
      resourceType: 'Patient',
      name: [{ family: 'Kowalski', given: ['Nora'] }],
      birthDate: '2021',
    });
    await create({ ...doseOf('2022-01-28', '03'), patient: { reference: `Patient/${undated}` } });
    await server.addUser('nora', { role: 'individual', patient: undated });
    const nora = await signedInBrowser(server, 'nora');
    const { status, text } = await nora.get(`/app/record/${undated}`);
    expect(status).toBe(200);
    expect(text).toContain('We cannot work out what is due');
    expect(text).toContain('Jan 28, 2022');
    expect(text).not.toContain('version 4');
  });

  it('says that nothing is on file, and how to add it', async () => {
    const empty = await create({
      resourceType: 'Patient',
      name: [{ family: 'Kowalski', given: ['Ann'] }],
      birthDate: '2021-02-28',
    });
    await server.addUser('ann', { role: 'individual', patient: empty });
    const ann = await signedInBrowser(server, 'ann');
    const { text } = await ann.get(`/app/record/${empty}`);
    expect(text).toContain('We have no vaccines on file');
    expect(text).toContain('Bring your paper card, or tell us about it.');
  });

  it('prints what was given and no advice, with a code', async () => {
    const { text } = await mother.get(`${path()}/print`);
    expect(text).toContain('Official immunization record');
    expect(text).toContain('Does not count: given too young');
    expect(text).not.toMatch(/Overdue|Due now|Needed next/);
    expect(text).toContain('alt="QR code with the name, the birth date and');
  });

  it('prints a school form with the doses that count', async () => {
    const { text } = await mother.get(`${path()}/print/school`);
    const row = /rowheader">Measles[\s\S]*?<\/tr>/.exec(text)?.[0] ?? '';
    expect(row).toContain('Apr 1, 2025');
    expect(row).not.toContain('Jan 28, 2022');
  });

  describe('as a PDF', () => {
    it('is the official record, with each dose and no advice, and a name that tells nobody', async () => {
      const answer = await mother.get(`${path()}/print/file`);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/pdf',
        'content-disposition': 'attachment; filename="immunization-record.pdf"',
        'cache-control': 'private, no-store',
      });
      const { pages, title } = await readPdf(answer.bytes);
      expect(title).toBe('Official immunization record');
      const text = pages.flatMap((page) => page.read.map(({ words }) => words)).join('|');
      expect(text).toContain('Henry');
      expect(text).toMatch(/Measles[^|]*MMR\|Jan 28, 2022 Does not count: given too young\|/);
      expect(text).not.toMatch(/Overdue|Due now|Needed next/);
      expect(pages[0]?.alts).toEqual([expect.stringContaining('QR code with the name')]);
    });

    it('tells every dose, five a row', async () => {
      const patient = await create({
        resourceType: 'Patient',
        name: [{ family: 'Often', given: ['Ada'] }],
        birthDate: '2010-02-28',
      });
      const days = Array.from({ length: 7 }, (_, nth) => `${2015 + nth}-10-0${nth + 1}`);
      for (const day of days) {
        await create({ ...doseOf(day, '141'), patient: { reference: `Patient/${patient}` } });
      }
      await server.addUser('ada', { role: 'individual', patient });
      const { bytes } = await (await signedInBrowser(server, 'ada')).get(`/app/record/${patient}/print/file`);
      const { pages } = await readPdf(bytes);
      const words = pages.flatMap((page) => page.read).map((each) => each.words);
      for (const [nth] of days.entries()) {
        expect(words.filter((one) => one.startsWith(`Oct ${nth + 1}, ${2015 + nth}`))).toHaveLength(1);
      }
      expect(words.filter((one) => one.startsWith('Flu'))).toHaveLength(2);
    });

    it('is the form for a school, in the language of the page', async () => {
      const answer = await mother.get(`${path()}/print/school/file`);
      expect(answer.headers['content-disposition']).toContain('school-form.pdf');
      const { pages } = await readPdf(answer.bytes);
      const text = pages.flatMap((page) => page.read.map(({ words }) => words)).join('|');
      expect(text).toMatch(/Measles[^|]*\|Apr 1, 2025\|/);
      expect((await mother.get(`${path()}/print/school`)).text).toContain(`${path()}/print/school/file`);
    });

    it('is told of where the font has no such letters', async () => {
      const patient = await create({
        resourceType: 'Patient',
        name: [{ family: '陳', given: ['大文'] }],
        birthDate: '2021-02-28',
      });
      await server.addUser('chen', { role: 'individual', patient });
      const chen = await signedInBrowser(server, 'chen');
      const { status, text } = await chen.get(`/app/record/${patient}/print/file`);
      expect(status).toBe(422);
      expect(text).toContain('letters that our PDF cannot write');
    });
  });

  describe('shared', () => {
    it('makes no card before somebody asks for it, and says what each tells', async () => {
      const asked = await mother.get(`${path()}/share`);
      expect(asked.text).not.toContain('data:image/png');
      const { text } = await mother.get(`${path()}/share?show=1`);
      expect(text).toContain('Whoever scans this code sees the name, the birth date, and each dose below.');
      expect(text).toContain('Code 1 of 1');
      expect(text).toContain('data:image/png;base64,');
      expect(text).toContain('Jan 28, 2022');
    });

    it('saves a file that wallets open, whose name tells nobody', async () => {
      const { headers, body } = await mother.get(`${path()}/share/file`);
      expect(headers).toMatchObject({
        'content-type': 'application/smart-health-card',
        'content-disposition': 'attachment; filename="immunizations.smart-health-card"',
      });
      expect(body.verifiableCredential).toHaveLength(1);
    });

    it('makes all codes worthless when asked to', async () => {
      const csrf = csrfIn(await mother.get(`${path()}/share`));
      const { headers } = await mother.post(`${path()}/share`, { csrf });
      const { text } = await mother.get(String(headers['location']));
      expect(text).toContain('Codes and files made before now are worth nothing');
    });
  });

  describe('given by a link', () => {
    const share = () => `${path()}/share`;
    const send = async (fields: Record<string, string> = {}, form = mother.get(share())) => {
      const page = await form;
      const once = /name="once" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      const usual = { csrf: csrfIn(page), once, make: 'link', label: '', life: 'week', passcode: '' };
      return mother.post(share(), { ...usual, ...fields });
    };
    /** The page where sending the form leads. */
    const make = async (fields: Record<string, string> = {}) => {
      const sent = await send(fields);
      return sent.status === 303 ? mother.get(String(sent.headers['location'])) : sent;
    };
    const end = async (id: string) =>
      mother.post(share(), { csrf: csrfIn(await mother.get(share())), end: id });
    const idsIn = (text: string) =>
      [...text.matchAll(/name="end" value="([^"]+)"/g)].map(([, id]) => id ?? '');
    const manifest = (url: string, passcode?: string) =>
      server.inject({
        method: 'POST',
        url: new URL(url).pathname,
        payload: { recipient: 'Camp', ...(passcode && { passcode }) },
      });
    /** The URL of the manifest in the link that the page tells. */
    const urlIn = (text: string): string => {
      const link = /id="made"[^>]*value="([^"]*)"/.exec(text)?.[1] ?? '';
      const payload = Buffer.from(link.split('shlink:/')[1] ?? '', 'base64url').toString();
      return JSON.parse(payload).url;
    };

    it('tells it once, with its code, and lists it without', async () => {
      const made = await make({ label: 'Camp <Oak>', passcode: 'four words' });
      expect(made.status).toBe(200);
      expect(made.text).toContain('alt="QR code of the link"');
      expect(made.text).toContain('It opens with your passcode.');
      expect(made.text).not.toContain('four words');
      const url = urlIn(made.text);
      expect((await manifest(url)).status).toBe(401);
      expect((await manifest(url, 'four words')).status).toBe(200);
      const later = await mother.get(share());
      expect(later.text).toContain('Camp &lt;Oak>');
      expect(later.text).toMatch(/Works · made .* until .* with a passcode · opened once/);
      expect(later.text).not.toContain('shlink:');
      for (const id of idsIn(later.text)) await end(id);
    });

    it('is one link, whoever presses twice', async () => {
      const form = await mother.get(share());
      const sent = await Promise.all([1, 2].map(() => send({}, Promise.resolve(form))));
      expect(sent.map(({ status }) => status)).toEqual([303, 303]);
      const [one, two] = await Promise.all(
        sent.map(({ headers }) => mother.get(String(headers['location']))),
      );
      expect(urlIn(two?.text ?? '')).toBe(urlIn(one?.text ?? ''));
      const ids = idsIn((await mother.get(share())).text);
      expect(ids).toHaveLength(1);
      for (const id of ids) await end(id);
    });

    it('is made of a form without a mark of its own too', async () => {
      const { status, text } = await make({ once: '' });
      expect([status, urlIn(text)]).toEqual([200, expect.stringContaining('http')]);
      for (const id of idsIn(text)) await end(id);
    });

    it('says of a form that nobody knows that it was sent, and gives a new one', async () => {
      const { status, text } = await make({ once: 'unknown', label: 'Camp' });
      expect([status, text.includes('This form was sent before.')]).toEqual([422, true]);
      expect(idsIn(text)).toEqual([]);
      expect(text).toContain('value="Camp"');
      const again = await send({}, Promise.resolve({ ...(await mother.get(share())), text }));
      expect(again.status).toBe(303);
      for (const id of idsIn((await mother.get(share())).text)) await end(id);
    });

    it('is shown to who made it, of this record alone', async () => {
      const sent = await send();
      const to = String(sent.headers['location']);
      const note = /made=([^#]+)/.exec(to)?.[1] ?? '';
      const patient = await create({ resourceType: 'Patient', name: [{ family: 'Uncle' }] });
      await server.addUser('uncle', { role: 'individual', patient });
      const stranger = await signedInBrowser(server, 'uncle');
      const shown = await stranger.get(`/app/record/${patient}/share?made=${note}`);
      expect([shown.status, shown.text.includes('id="made"')]).toEqual([200, false]);
      for (const id of idsIn((await mother.get(to)).text)) await end(id);
    });

    it('ends it at once', async () => {
      const { text } = await make();
      const url = urlIn(text);
      expect((await manifest(url)).status).toBe(200);
      const [id = ''] = idsIn(text);
      const { headers } = await end(id);
      expect((await mother.get(String(headers['location']))).text).toContain(
        'The link opens nothing any more.',
      );
      expect((await manifest(url)).status).toBe(404);
    });

    it('ends when it was to', async () => {
      const of = async (life: string) => {
        const { text } = await make({ life });
        const [id = ''] = idsIn(text);
        const [, made = '', until = ''] = /Works · made ([^·]*) · until ([^·]*) ·/.exec(text) ?? [];
        await end(id);
        return (Date.parse(`${until} UTC`) - Date.parse(`${made} UTC`)) / 86_400_000;
      };
      expect(await of('day')).toBe(1);
      expect(await of('year')).toBe(365);
      expect(await of('for ever')).toBe(7);
    });

    it.each([
      [{ passcode: '123' }, 'A passcode has 4 to 64 characters.', 'label'],
      [{ passcode: '12\t34' }, 'A passcode has 4 to 64 characters.', 'label'],
      [{ label: 'x'.repeat(81) }, 'At most 80 characters, please.', 'passcode'],
    ])('says what is wrong, makes none, and keeps what was typed: %j', async (wrong, words, other) => {
      const { status, text } = await make({ [other]: 'typed', ...wrong });
      expect(status).toBe(422);
      expect(text).toContain(words);
      expect(text).toContain('value="typed"');
      expect(idsIn(text)).toEqual([]);
    });

    it('are twenty at most', async () => {
      for (let n = 0; n < 20; n++) expect((await make()).status).toBe(200);
      const { status, text } = await make();
      expect(status).toBe(422);
      expect(text).toContain('Twenty links are in use. End one first.');
      for (const id of idsIn(text)) await end(id);
    });

    it('is named without the control characters that were pasted', async () => {
      const { status, text } = await make({ label: 'Camp\tOak' });
      expect([status, text.includes('<bdi>Camp Oak</bdi>')]).toEqual([200, true]);
      for (const id of idsIn(text)) await end(id);
    });

    it('is nobody else’s to make or to end', async () => {
      const [id = ''] = idsIn((await make()).text);
      const patient = await create({ resourceType: 'Patient', name: [{ family: 'Aunt' }] });
      await server.addUser('aunt', { role: 'individual', patient });
      const stranger = await signedInBrowser(server, 'aunt');
      const csrf = csrfIn(await stranger.get('/app'));
      for (const fields of [{ make: 'link' }, { end: id }]) {
        expect((await stranger.post(share(), { csrf, ...fields })).status).toBe(404);
      }
      expect(idsIn((await mother.get(share())).text)).toEqual([id]);
      await end(id);
    });
  });

  describe('reported', () => {
    async function reportForm() {
      const page = await mother.get(`${path()}/report`);
      return { csrf: csrfIn(page), once: /name="once" value="([^"]*)"/.exec(page.text)?.[1] ?? '' };
    }

    async function report(fields: Record<string, string>) {
      return mother.post(`${path()}/report`, { ...(await reportForm()), kind: 'missing', ...fields });
    }

    it('becomes the word of the family and a task of the clinic, whose answer the family sees', async () => {
      const sent = await report({
        vaccine: 'Chickenpox',
        'given-year': '2024',
        'given-month': '5',
        place: 'Puebla',
      });
      expect(String(sent.headers['location'])).toBe(`${path()}/report?sent=1`);
      const system = server.auth.system;
      const [said] = await searchAll(system, 'QuestionnaireResponse', [['patient', `Patient/${child}`]]);
      expect((JSON.parse(said?.text ?? '{}') as QuestionnaireResponse).item).toContainEqual({
        linkId: 'date',
        answer: [{ valueString: '2024-05' }],
      });
      const [stored] = await searchAll(system, 'Task', [['patient', `Patient/${child}`]]);
      const task = JSON.parse(stored?.text ?? '{}') as Task;
      expect(task).toMatchObject({
        status: 'requested',
        owner: { reference: 'Organization/a' },
        description: 'missing: Chickenpox; 2024-05; Puebla',
      });
      expect((await mother.get(`${path()}/report`)).text).toContain('Waiting');
      const nurse = await signedInBrowser(server, 'nurse');
      const chart = await nurse.get(`/app/patients/${child}`);
      expect(chart.text).toContain('The family says');
      const fields = { csrf: csrfIn(chart), report: task.id ?? '', status: 'completed' };
      // The second press finds it said, and leads there too.
      for (const _press of [1, 2])
        expect((await nurse.post(`/app/patients/${child}`, fields)).status).toBe(303);
      expect((await mother.get(`${path()}/report`)).text).toContain('Done');
      expect((await nurse.get(`/app/patients/${child}`)).text).not.toContain('The family says');
    });

    it('reads in Spanish, with the vaccine and the day in words', async () => {
      await report({ vaccine: 'Hep B, adult', 'given-year': '2025', 'given-month': '5', place: 'Puebla' });
      const { text } = await mother.get(`${path()}/report?lang=es`);
      expect(text).toMatch(/Hepatitis B, adultos; may\w* 2025; Puebla/);
      const english = await mother.get(`${path()}/report?lang=en`);
      expect(english.text).toContain('Hep B, adult; May 2025; Puebla');
    });

    it('is one though it is sent twice at once', async () => {
      const fields = { ...(await reportForm()), kind: 'missing', vaccine: 'Twice' };
      const answers = await Promise.all([1, 2].map(() => mother.post(`${path()}/report`, fields)));
      for (const { headers } of answers) expect(headers['location']).toBe(`${path()}/report?sent=1`);
      const told = await searchAll(server.auth.system, 'Task', [['patient', `Patient/${child}`]]);
      expect(told.filter(({ text }) => text.includes('missing: Twice'))).toHaveLength(1);
    });

    it.each([
      ['tomorrow', { 'given-year': '2026', 'given-month': '6', 'given-day': '2' }, 422],
      ['next month', { 'given-year': '2026', 'given-month': '7' }, 422],
      ['today', { 'given-year': '2026', 'given-month': '6', 'given-day': '1' }, 303],
      ['this month', { 'given-year': '2026', 'given-month': '6' }, 303],
    ])('of a shot of %s is judged by the day', async (_when, date, expected) => {
      const { status, text } = await report({ vaccine: 'Flu', ...date });
      expect(status).toBe(expected);
      expect(text.includes('The date is in the future.')).toBe(expected === 422);
    });

    it('says so when nobody knows the form, and takes it then', async () => {
      const old = await report({ vaccine: 'Old', once: 'a'.repeat(22) });
      expect([old.status, old.text.includes('It was not sent')]).toEqual([422, true]);
      const once = /name="once" value="([^"]*)"/.exec(old.text)?.[1] ?? '';
      expect((await report({ vaccine: 'Old', once })).status).toBe(303);
    });

    it('answers no other task', async () => {
      const other = await create({
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        for: { reference: `Patient/${child}` },
      });
      const nurse = await signedInBrowser(server, 'nurse');
      const csrf = csrfIn(await nurse.get(`/app/patients/${child}`));
      const answer = await nurse.post(`/app/patients/${child}`, { csrf, report: other, status: 'completed' });
      expect(answer.status).toBe(404);
      const [stored] = await searchAll(server.auth.system, 'Task', [['_id', other]]);
      expect(JSON.parse(stored?.text ?? '{}')).toMatchObject({ status: 'requested' });
    });

    it.each([
      [{}, 'Tell us which vaccine.'],
      [{ vaccine: 'Flu', 'given-year': '2024', 'given-month': '14' }, 'That date does not exist.'],
      [{ vaccine: 'Flu', 'given-year': '2004' }, 'The date is before birth.'],
    ])('says what is missing of %o, and sends nothing', async (fields, sentence) => {
      const before = await searchAll(server.auth.system, 'Task', [['patient', `Patient/${child}`]]);
      const { status, text } = await report(fields as Record<string, string>);
      expect(status).toBe(422);
      expect(text).toContain(sentence);
      const after = await searchAll(server.auth.system, 'Task', [['patient', `Patient/${child}`]]);
      expect(after).toHaveLength(before.length);
    });
  });
});
