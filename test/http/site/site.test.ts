import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { Browser, type SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser, signIn } from './site-server.ts';
import { trial } from './trial-page.tsx';

/** What the trial page was drawn from. */
function shown(text: string): Readonly<Record<string, unknown>> {
  const code = /<code>([^<]*)<\/code>/.exec(text)?.[1]?.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return JSON.parse(code ?? '{}') as Readonly<Record<string, unknown>>;
}

describe('the pages of who has signed in', () => {
  let server: SmartServer;
  let nurse: Browser;

  beforeAll(async () => {
    server = await openSiteServer([trial]);
    await server.addUser('nurse', { role: 'clinician', organization: ['a'] });
    await server.addUser('other', { role: 'clinician', organization: ['a'] });
    await server.addUser('auditor', { role: 'auditor' });
    await server.addUser('mother', { role: 'individual', patient: 'p' });
  });

  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
  });

  afterAll(() => server.close());

  it('ask who is there, and lead on to the page that was asked for', async () => {
    const stranger = new Browser(server);
    const page = await stranger.get('/app/trial/p?x=1');
    expect(page.text).toContain('name="next" value="/app/trial/p?x=1"');
    const answer = await signIn(stranger, 'nurse', '/app/trial/p?x=1');
    expect(answer).toMatchObject({ status: 303, headers: { location: '/app/trial/p?x=1' } });
  });

  it('are private, framed by nobody, and run no script of anybody', async () => {
    const { headers } = await nurse.get('/app/trial/p');
    expect(headers).toMatchObject({
      'cache-control': 'private, no-store',
      'x-frame-options': 'DENY',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).toContain("form-action 'self'");
  });

  it('show what the visitor may see, and answer the rest as what never was', async () => {
    expect(shown((await nurse.get('/app/trial/p')).text)).toMatchObject({ family: 'Smith' });
    const mother = await signedInBrowser(server, 'mother');
    const [own, others, never] = [
      await mother.get('/app/trial/p'),
      await mother.get('/app/trial/r'),
      await mother.get('/app/trial/never'),
    ];
    expect([own.status, others.status, never.status]).toEqual([200, 404, 404]);
    expect(others.text.replaceAll('/trial/r', '/trial/never')).toBe(never.text);
  });

  it('say which role a page is for, and who gives it', async () => {
    const auditor = await signedInBrowser(server, 'auditor');
    const { status, text } = await auditor.get('/app/trial/p');
    expect(status).toBe(403);
    expect(text).toContain(
      'This page is for: Clinician and Patient or family. An administrator of the registry can give you that role.',
    );
  });

  it('refuse a form without its token, with another one, or from another site', async () => {
    const csrf = csrfIn(await nurse.get('/app/trial/p'));
    const strange = csrfIn(await (await signedInBrowser(server, 'other')).get('/app/trial/p'));
    const post = (fields: Record<string, string>, headers = {}) =>
      nurse.post('/app/trial/p', fields, headers);
    expect((await post({ text: 'x' })).status).toBe(403);
    expect((await post({ text: 'x', csrf: strange })).status).toBe(403);
    expect((await post({ text: 'x', csrf }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ text: 'x', csrf })).status).toBe(303);
  });

  it('keep what was typed for the session, under an id that is worth nothing in another', async () => {
    const csrf = csrfIn(await nurse.get('/app/trial/p'));
    const { headers } = await nurse.post('/app/trial/p', { text: 'Kowalski', csrf });
    const to = String(headers['location']);
    expect(to).toMatch(/^\/app\/trial\/p\?q=[\w-]{22}$/);
    expect(shown((await nurse.get(to)).text)['kept']).toBe('Kowalski');
    const other = await signedInBrowser(server, 'other');
    expect(shown((await other.get(to)).text)).not.toHaveProperty('kept');
  });

  it('do not take a session that was there before anybody signed in', async () => {
    const browser = new Browser(server);
    await browser.get('/app');
    const before = browser.cookies.get('jenner');
    await signIn(browser, 'nurse');
    expect(browser.cookies.get('jenner')).not.toBe(before);
    const thief = new Browser(server);
    thief.cookies.set('jenner', before ?? '');
    expect((await thief.get('/app/trial/p')).text).toContain('name="password"');
  });

  it('give back what was typed when the session has ended, to who typed it, once', async () => {
    const csrf = csrfIn(await nurse.get('/app/trial/p'));
    server.at.now += 16 * 60_000;
    const asked = await nurse.post('/app/trial/p', { text: 'typed long', csrf });
    expect(asked.text).toContain('name="next" value="/app/trial/p?typed=1"');
    await signIn(nurse, 'nurse', '/app/trial/p?typed=1');
    const back = shown((await nurse.get('/app/trial/p?typed=1')).text);
    expect(back).toMatchObject({ text: 'typed long', here: '/app/trial/p' });
    expect(shown((await nurse.get('/app/trial/p?typed=1')).text)).not.toHaveProperty('text');
  });

  it('give it to nobody else who signs in by the same browser', async () => {
    const csrf = csrfIn(await nurse.get('/app/trial/p'));
    server.at.now += 16 * 60_000;
    await nurse.post('/app/trial/p', { text: 'typed long', csrf });
    await signIn(nurse, 'other', '/app/trial/p?typed=1');
    expect(shown((await nurse.get('/app/trial/p?typed=1')).text)).not.toHaveProperty('text');
  });

  it('leave one row of the audit each, with whom they showed; a write tells of itself', async () => {
    await nurse.get('/app/trial/p');
    const csrf = csrfIn(await nurse.get('/app/trial/p'));
    await nurse.post('/app/trial/p', { csrf, write: '1' });
    await nurse.get('/app/trial/never');
    const rows = (await server.auditRows()).filter(({ agent }) => agent.user === 'nurse').slice(0, 3);
    expect(rows.map(({ interaction, patients, outcome }) => [interaction, patients, outcome])).toEqual([
      ['page trial', [], 0],
      ['create', ['p'], 0],
      ['page trial', ['p'], 0],
    ]);
    const system = server.auth.system;
    expect((await searchAll(system, 'Immunization', [['patient', 'Patient/p']])).length).toBeGreaterThan(1);
  });

  it('answer what breaks by a page with a number, and nothing else', async () => {
    const csrf = csrfIn(await nurse.get('/app/trial/p'));
    const { status, text } = await nurse.post('/app/trial/p', { csrf, fail: '1' });
    expect(status).toBe(500);
    expect(text).toContain('If you call us about this, tell us this number:');
    expect(text).not.toContain('broken');
  });

  it('save a list as a file, by the same URL and for the same eyes', async () => {
    const { headers, text } = await nurse.get('/app/_parts?sort=-count&format=csv');
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="parts.csv"',
    });
    expect(text).toBe('\uFEFFVaccine,Of\r\nVarivax,77\r\nM-M-R II,31\r\nPentacel,14\r\n');
  });

  it('remember light or dark where somebody has chosen', async () => {
    expect((await nurse.get('/app')).text).not.toContain('data-theme');
    expect((await nurse.get('/app?theme=dark')).text).toContain('data-theme="dark"');
    expect((await nurse.get('/app')).text).toContain('data-theme="dark"');
  });
});
