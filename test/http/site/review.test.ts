import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type InteractionContext, withCaller } from '../../../src/interaction/context.ts';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import { toDoseTask } from '../../../src/registry/deduplication/dose-task.ts';
import { toReviewTask } from '../../../src/registry/identity/review-task.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { doseFor, report } from '../identity-world.ts';
import type { Answer, Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser } from './site-server.ts';

const comparison = {
  outcome: 'possible',
  grade: 'possible',
  score: 0.72,
  points: 31,
  fields: [
    { field: 'given', level: 'nickname', points: 12 },
    { field: 'birthDate', level: 'same', points: 20 },
    { field: 'address', level: 'town', points: -1 },
  ],
  rule: 'another given name',
} as const;

async function create(ctx: InteractionContext, resource: object): Promise<string> {
  const parsed = { resource: resource as never, exactNumbers: false };
  return (await createResource(ctx, parsed)).version.id;
}

let asked = 0;

type Given = { readonly known?: string; readonly newer?: string; readonly fields?: readonly object[] };

/** Two records with a dose each, and the question whether they are one person. */
async function askedPair(server: SmartServer, given: Given = {}) {
  const system = withCaller(server.auth.system, { kind: 'system', name: 'matching', managesRecords: true });
  const open = server.auth.system;
  const wisia = report('b', { name: [{ family: 'Szymborska', given: ['Wisia'] }] });
  const known = given.known ?? (await create(open, report('a')));
  const newer = given.newer ?? (await create(open, wisia));
  const ofKnown = doseFor(known, '2022-08-01', { lotNumber: 'KNOWN1', primarySource: true });
  const ofNewer = doseFor(newer, '2025-08-01', { lotNumber: 'NEWER1', primarySource: true });
  if (given.known === undefined) await create(open, ofKnown);
  if (given.newer === undefined) await create(open, ofNewer);
  const compared = given.fields ? { fields: given.fields } : {};
  const id = `ask-${++asked}`;
  const at = `2026-05-${String(asked).padStart(2, '0')}T10:00:00Z`;
  const task = toReviewTask(id, { record: newer, with: known }, { ...comparison, ...compared } as never, at);
  const key = { type: 'Task', id: id as ResourceId } as const;
  await updateResource(system, key, { resource: task, exactNumbers: false });
  return { id, known, newer };
}

const versionIn = ({ text }: Answer) => /name="version" value="([^"]*)"/.exec(text)?.[1] ?? '';

describe('the questions of the queue', () => {
  let server: SmartServer;
  let clerk: Browser;
  let pair: Awaited<ReturnType<typeof askedPair>>;

  const dosesOf = async (patient: string) =>
    (await searchAll(server.auth.system, 'Immunization', [['patient', `Patient/${patient}`]])).length;
  const say = async (browser: Browser, id: string, decision: string, more: Record<string, string> = {}) => {
    const page = await browser.get(`/app/review/${id}`);
    const fields = { csrf: csrfIn(page), version: versionIn(page), decision, reason: '', ...more };
    return browser.post(`/app/review/${id}`, fields);
  };

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('clerk', { role: 'programme-staff' });
    await server.addUser('second', { role: 'administrator' });
    await server.addUser('nurse', { role: 'clinician', organization: ['a'] });
    clerk = await signedInBrowser(server, 'clerk');
  });

  beforeEach(async () => {
    pair = await askedPair(server);
  });

  afterAll(() => server.close());

  it('show what differs with a sign and a word, how alike each field is, and the doses of both', async () => {
    const { status, text } = await clerk.get(`/app/review/${pair.id}`);
    expect(status).toBe(200);
    expect(text).toContain('Wisia Szymborska and Wislawa Maria Szymborska');
    expect(text).toMatch(
      /Name <span class="unequal" aria-hidden="true">≠<\/span><span class="out-of-sight">/,
    );
    expect(text).not.toMatch(/Birth date <span class="unequal"/);
    expect(text).toContain('Likeness 72%. A rule sent it to people: another given name.');
    expect(text).toMatch(/Given name<\/th><td role="cell">a nickname<\/td><td role="cell">\+12</);
    expect(text).toContain('2 doses would count.');
    expect(text).toContain('data-key="s"');
  });

  it('are decided with a reason, and the next one stands there with the way back', async () => {
    const other = await askedPair(server);
    const answer = await say(clerk, pair.id, 'same', { reason: 'the mother says so' });
    expect(answer.status).toBe(303);
    expect(String(answer.headers['location'])).toMatch(/^\/app\/review\/ask-\d+\?done=/);
    expect(await dosesOf(pair.known)).toBe(2);
    const next = await clerk.get(`/app/review/${other.id}?done=${pair.id}`);
    expect(next.text).toContain('One person now:');
    expect(next.text).toContain('Undo');
    const decided = await clerk.get(`/app/review/${pair.id}`);
    expect(decided.text).toContain('the mother says so');
    expect(decided.text).toContain('by clerk');
  });

  // WEB.md, check 18.
  it('give all doses back to each record when a merge is undone on the next page', async () => {
    const before = [await dosesOf(pair.known), await dosesOf(pair.newer)];
    await say(clerk, pair.id, 'same');
    expect([await dosesOf(pair.known), await dosesOf(pair.newer)]).toEqual([2, 2]);
    const answer = await say(clerk, pair.id, 'undo');
    expect(String(answer.headers['location'])).toBe(`/app/review/${pair.id}?undone=1`);
    expect([await dosesOf(pair.known), await dosesOf(pair.newer)]).toEqual(before);
    expect((await clerk.get(`/app/review/${pair.id}?undone=1`)).text).toContain('with all their doses');
    expect((await clerk.get('/app/review?state=constructor&kind=__proto__')).status).toBe(200);
    const later = await clerk.get('/app/review?state=later');
    expect(later.text).toContain(`/app/review/${pair.id}"`);
  });

  it('leave the person’s own pages where they were once the two are one', async () => {
    await say(clerk, pair.id, 'same');
    await server.addUser('herself', { role: 'individual', patient: pair.known });
    const herself = await signedInBrowser(server, 'herself');
    const own = `/app/record/${pair.known}`;
    const asked = new Set([
      '/app',
      ...['', '/share', '/report', '/print', '/print/school'].map((page) => own + page),
    ]);
    // Those that are found on the way are asked for too.
    for (const url of asked) {
      const { status, text } = await herself.get(url);
      expect(status, url).toBe(200);
      const [, ...parts] = text.split(/(?:href|action)="(?=\/app\/record\/)/);
      for (const part of parts) asked.add(part.slice(0, part.search(/["#]/)).replaceAll('&amp;', '&'));
    }
    expect([...asked].filter((url) => url !== '/app' && !url.startsWith(own))).toEqual([]);
    const form = await herself.get(`${own}/report`);
    const once = /name="once" value="([^"]*)"/.exec(form.text)?.[1] ?? '';
    const sent = await herself.post(`${own}/report`, { csrf: csrfIn(form), once, vaccine: 'Flu' });
    expect(String(sent.headers['location'])).toBe(`${own}/report?sent=1`);
  });

  it('tell of each dose of which of the two it is, also when the two are one by now', async () => {
    const rowOf = ({ text }: Answer, year: string) =>
      [...text.matchAll(/<tr role="row"><th scope="row"[^>]*>([^<]*)<\/th>(.*?)<\/tr>/g)].find(
        ([, day = '']) => day.includes(year),
      )?.[2];
    const sides = async () => {
      const page = await clerk.get(`/app/review/${pair.id}`);
      return [rowOf(page, '2022'), rowOf(page, '2025')];
    };
    const expected = ['Known record', 'Newer record'].map((head) => expect.stringContaining(`>${head}<`));
    expect(await sides()).toEqual(expected);
    // A code alone is told by its name.
    expect((await sides())[0]).toContain('>MMR<');
    await say(clerk, pair.id, 'same');
    expect(await sides()).toEqual(expected);
  });

  it('tell both answers where somebody else was faster, and do nothing', async () => {
    const page = await clerk.get(`/app/review/${pair.id}`);
    await say(await signedInBrowser(server, 'second'), pair.id, 'not-same');
    const fields = { csrf: csrfIn(page), version: versionIn(page), decision: 'same', reason: 'my reason' };
    const { status, text } = await clerk.post(`/app/review/${pair.id}`, fields);
    expect(status).toBe(409);
    expect(text).toContain('Someone changed this since you opened it');
    expect(text).toContain('You chose: Same. Meanwhile second chose: Not same.');
    expect(text).toContain('value="my reason"');
    expect(await dosesOf(pair.known)).toBe(1);
  });

  it('keep what was typed where it is too long, and say so first', async () => {
    const { status, text } = await say(clerk, pair.id, 'same', { reason: 'x'.repeat(1001) });
    expect(status).toBe(422);
    expect(text).toContain('<a href="#reason">Write at most 1000 characters.</a>');
    expect(text).toContain('x'.repeat(1001));
    expect(await dosesOf(pair.known)).toBe(1);
  });

  it('are for who decides for the registry, and say so to others', async () => {
    const nurse = await signedInBrowser(server, 'nurse');
    const { status, text } = await nurse.get(`/app/review/${pair.id}`);
    expect(status).toBe(403);
    expect(text).toContain('This page is for: Program staff and Registry administrator.');
    expect((await nurse.get('/app')).text).not.toContain('href="/app/review"');
    expect((await clerk.get('/app')).text).toContain('href="/app/review"');
  });

  it('refuse a form without its token, and what is no question', async () => {
    expect((await clerk.post(`/app/review/${pair.id}`, { decision: 'same' })).status).toBe(403);
    expect((await clerk.get('/app/review/task')).status).toBe(404);
    expect((await clerk.get('/app/review/never')).status).toBe(404);
    expect((await say(clerk, pair.id, 'perhaps')).status).toBe(404);
  });

  it('are a list that filters, sorts and pages by its URL, and a file', async () => {
    const oldest = await clerk.get('/app/review');
    const newest = await clerk.get('/app/review?sort=-asked');
    const idsIn = ({ text }: Answer) =>
      [...text.matchAll(/href="\/app\/review\/(ask-\d+)"/g)].map(([, id]) => id);
    expect(idsIn(newest)).toEqual([...idsIn(oldest)].reverse());
    expect(idsIn(await clerk.get('/app/review?kind=doses'))).toEqual([]);
    expect((await clerk.get('/app/review?kind=doses')).text).toContain('Nothing waits here.');
    const { headers, text } = await clerk.get('/app/review?format=csv');
    expect(headers['content-disposition']).toBe('attachment; filename="review-queue.csv"');
    expect(text).toContain('Wisia Szymborska and Wislawa Maria Szymborska,One person?,72%,2026-05-');
  });

  it('show two doses side by side, let one count, and both again', async () => {
    const system = withCaller(server.auth.system, { kind: 'system', name: 'matching', managesRecords: true });
    const given = { lotNumber: 'LOT-A', primarySource: true };
    const told = { lotNumber: 'LOT-B', primarySource: false };
    const patient = { reference: `Patient/${pair.known}` };
    const [newer, other] = [
      await create(server.auth.system, doseFor(pair.known, '2023-02-04', told)),
      await create(server.auth.system, doseFor(pair.known, '2023-02-01', given)),
    ];
    const fields = [{ field: 'date', level: '3 days', weight: 43 }];
    const rule = 'as far apart as doses of a series may be';
    const evaluation = { verdict: 'unsure', score: 0.5, fields, rule } as const;
    const doses = { newer: { id: newer, patient }, other: { id: other, patient }, evaluation };
    const id = `dose-${newer}`;
    const task = toDoseTask({ id, at: '2026-05-20T10:00:00Z' }, doses as never);
    const key = { type: 'Task', id: id as ResourceId } as const;
    await updateResource(system, key, { resource: task as never, exactNumbers: false });
    const { text } = await clerk.get(`/app/review/${id}`);
    expect(text).toContain('Are these two doses one, told twice?');
    expect(text).toMatch(/Lot <span class="unequal"/);
    expect(text).toContain('3 days apart');
    expect(text).not.toContain('The doses, were they one person');
    await say(clerk, id, 'same');
    expect((await clerk.get(`/app/review?done=${id}`)).text).toContain('One dose counts:');
    await say(clerk, id, 'undo');
    expect((await clerk.get(`/app/review/${id}?undone=1`)).text).toContain('The doses count as before.');
  });

  it('are of the persons as they are now, and one answer closes all that ask of the same two', async () => {
    const third = await askedPair(server, { known: pair.known });
    await say(clerk, third.id, 'same', { reason: 'one child' });
    const again = await askedPair(server, { known: third.newer, newer: pair.newer });
    const { text } = await clerk.get(`/app/review/${pair.id}`);
    expect(text).toContain('One of these records has become one with others since this was asked.');
    expect(text).toContain(`Asked of the record ${pair.known}`);
    expect(text).toContain('1 more question asks of the same two persons.');
    expect(text.match(/<td role="cell">Known record<\/td>/g)).toHaveLength(2);
    expect(text.match(/<td role="cell">Newer record<\/td>/g)).toHaveLength(1);
    await say(clerk, pair.id, 'not-same', { reason: 'two children' });
    const answered = await clerk.get(`/app/review/${again.id}`);
    expect(answered.text).toContain('two children');
    expect(answered.text).not.toContain('more question');
  });

  it('say first that two may be twins, and that there is another home than the one in common', async () => {
    const plain = await clerk.get(`/app/review/${pair.id}`);
    expect(plain.text).not.toContain('These may be twins.');
    expect(plain.text).not.toContain('another home');
    const fields = [
      { field: 'given', level: 'different', points: -9 },
      { field: 'family', level: 'same', points: 9 },
      { field: 'birthDate', level: 'same', points: 20 },
      { field: 'birthOrder', level: 'one-multiple', points: -2 },
      { field: 'address', level: 'same', points: 17 },
    ];
    const home = { line: ['4 Oak Street'], city: 'Lowell', state: 'MA', postalCode: '01850' };
    const members = { address: [home, { ...report('a').address[0], line: ['17 Elm St'] }] };
    const newer = await create(server.auth.system, report('c', members));
    const { id } = await askedPair(server, { newer, fields });
    const { text } = await clerk.get(`/app/review/${id}`);
    expect(text).toContain('They were born on one day into one family, and have different given names.');
    expect(text).toContain('At least one record says that more than one child was born.');
    expect(text.indexOf('These may be twins.')).toBeLessThan(text.indexOf('The two records'));
    expect(text).toContain('The newer record also has another home: 4 Oak Street, Lowell, MA 01850');
    expect(text).not.toContain('The known record also has another home');
  });

  it('are counted on the start page, up to a hundred', async () => {
    const figure = async () =>
      /Questions to decide<\/a><\/h2><p class="figure">([^<]*)</.exec((await clerk.get('/app')).text)?.[1];
    const waiting = Number(await figure());
    expect(waiting).toBeGreaterThan(0);
    const system = withCaller(server.auth.system, { kind: 'system', name: 'matching', managesRecords: true });
    const ask = (id: string) => {
      const task = toReviewTask(
        id,
        { record: pair.newer, with: pair.known },
        comparison,
        '2026-05-31T10:00:00Z',
      );
      const key = { type: 'Task', id: id as ResourceId } as const;
      return updateResource(system, key, { resource: task, exactNumbers: false });
    };
    for (let n = waiting; n < 100; n++) await ask(`many-${n}`);
    expect(await figure()).toBe('100');
    await ask('one-more');
    expect(await figure()).toBe('more than 100');
  });

  it('are Spanish in Spanish', async () => {
    const { text } = await clerk.get(`/app/review/${pair.id}?lang=es`);
    expect(text).toContain('¿Son estos dos registros de una persona?');
    expect(text).toContain('otro nombre de pila');
    expect(text).toContain('un apodo');
    await clerk.get('/app?lang=en');
  });
});
