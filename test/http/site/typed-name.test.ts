import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser } from './site-server.ts';

describe('a new patient who was searched for', () => {
  let server: SmartServer;
  let nurse: Browser;

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
  });
  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
  });
  afterAll(() => server.close());

  /** The form to which the search for nobody leads. */
  async function formFor(text: string): Promise<Answer> {
    const csrf = csrfIn(await nurse.get('/app/patients'));
    const searched = await nurse.post('/app/patients', { csrf, text });
    const found = await nurse.get(String(searched.headers['location']));
    const [, link = ''] = /href="(\/app\/patients\/new\?q=[^"]+)"/.exec(found.text) ?? [];
    return nurse.get(link);
  }

  const namesIn = ({ text }: Answer) =>
    ['given', 'family'].map((name) => new RegExp(`id="${name}"[^>]* value="([^"]*)"`).exec(text)?.[1] ?? '');
  const waysIn = ({ text }: Answer) =>
    [...text.matchAll(/<a href="(\/app\/patients\/new\?q=[^"]+&amp;name=\d+)">([^<]*)<\/a>/g)].map(
      ([, url = '', words = '']) => ({
        url: url.replaceAll('&amp;', '&'),
        words: words.replace(/\p{Cf}/gu, ''),
      }),
    );

  it.each([
    ['García López, Ana', 'Ana', 'García López'],
    ['Nguyen, Van An', 'Van An', 'Nguyen'],
    ['Kowalski, Miles 617-555-0112', 'Miles', 'Kowalski'],
  ])('is filled in where a comma says which is which: %s', async (text, given, family) => {
    const form = await formFor(text);
    expect(namesIn(form)).toEqual([given, family]);
    expect(waysIn(form)).toEqual([]);
  });

  it.each([
    ['Ana García López', 'Last name García López, first names Ana', ['Ana', 'García López']],
    ['Nguyen Van An', 'Last name Nguyen, first names Van An', ['Van An', 'Nguyen']],
    ['Miles Kowalski', 'Last name Kowalski, first names Miles', ['Miles', 'Kowalski']],
    ['Kowalski', 'Last name Kowalski', ['', 'Kowalski']],
  ])(
    'is not guessed: all words of %s are shown, and which is the family name is chosen',
    async (text, way, names) => {
      const form = await formFor(text);
      expect(namesIn(form)).toEqual(['', '']);
      expect(form.text.replace(/\p{Cf}/gu, '')).toContain(`You searched for “${text}”.`);
      const chosen = waysIn(form).find(({ words }) => words === way);
      const filled = await nurse.get(chosen?.url ?? '');
      expect(namesIn(filled)).toEqual(names);
      expect(chosen?.url).not.toContain(encodeURIComponent(text.split(' ')[0] ?? ''));
    },
  );

  it('is still shown as it was typed where the form is wrong', async () => {
    const form = await formFor('Ana García López');
    const hidden = Object.fromEntries(
      ['csrf', 'once', 'q'].map((name) => [
        name,
        new RegExp(`action="/app/patients/new".*?name="${name}" value="([^"]*)"`, 's').exec(form.text)?.[1] ??
          '',
      ]),
    );
    const wrong = await nurse.post('/app/patients/new', { ...hidden, given: 'Ana' });
    expect(wrong.status).toBe(422);
    expect(wrong.text.replace(/\p{Cf}/gu, '')).toContain('“Ana García López”');
    expect(namesIn(wrong)).toEqual(['Ana', '']);
  });

  it.each(['9', '-1', 'x', ''])('has no way %s', async (at) => {
    const [{ url = '' } = {}] = waysIn(await formFor('Ana López'));
    expect(namesIn(await nurse.get(url.replace(/name=0$/, `name=${at}`)))).toEqual(['', '']);
  });
});
