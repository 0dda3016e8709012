import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { openJobRecords } from '../../../src/job/job-records.ts';
import { type Answer, Browser, type SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser, signIn } from './site-server.ts';

const valueIn = ({ text }: Answer, name: string) =>
  new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(text)?.[1] ?? '';
const secretIn = ({ text }: Answer) => /<p class="secret"><code>([^<]*)</.exec(text)?.[1];
const where = ({ headers }: Answer) => String(headers['location'] ?? '');

describe('the pages of administration', () => {
  let server: SmartServer;
  let boss: Browser;

  /** Fills in the form of a page: what stands there, and these fields. */
  const send = async (path: string, fields: Record<string, string>) => {
    const page = await boss.get(path);
    const [version, once] = ['version', 'once'].map((name) => valueIn(page, name));
    return boss.post(path, {
      csrf: csrfIn(page),
      ...(version && { version }),
      ...(once && { once }),
      ...fields,
    });
  };

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('boss', { role: 'administrator' });
    await server.addUser('nurse', { role: 'clinician', organization: ['a'] });
    await server.addUser('auditor', { role: 'auditor' });
    await server.addClient({ name: 'Growth Buddy' });
    boss = await signedInBrowser(server, 'boss');
  });

  afterAll(() => server.close());

  const pages = ['users', 'users/new', 'clients', 'clients/new', 'jobs', 'audit'];

  it.each(pages)('%s is for administrators, and says so to others', async (name) => {
    expect((await boss.get(`/app/admin/${name}`)).status).toBe(200);
    const nurse = await signedInBrowser(server, 'nurse');
    const { status, text } = await nurse.get(`/app/admin/${name}`);
    expect(status).toBe(403);
    expect(text).toContain('This page is for: Registry administrator');
    expect((await nurse.get('/app')).text).not.toContain('/app/admin');
  });

  it('the audit is for auditors too, who see nothing else of it', async () => {
    const auditor = await signedInBrowser(server, 'auditor');
    const { status, text } = await auditor.get('/app/admin/audit');
    expect(status).toBe(200);
    expect(text).not.toContain('/app/admin/users');
    expect((await auditor.get('/app/admin/users')).status).toBe(403);
  });

  describe('accounts', () => {
    const fields = { role: 'clinician', organization: 'a', person: '', related: '', certificate: '' };
    const rest = { matching: '', subject: '' };

    it('are listed with where they work, and filtered, sorted and saved by their URL', async () => {
      const { text } = await boss.get('/app/admin/users');
      expect(text).toContain('Harbor Clinic');
      const { text: found } = await boss.get('/app/admin/users?of=clinician');
      expect(found).toContain('>nurse</a>');
      expect(found).not.toContain('>boss</a>');
      expect((await boss.get('/app/admin/users?name=zzz')).text).toContain('Nothing fits this filter.');
      const { text: csv } = await boss.get('/app/admin/users?sort=-name&format=csv');
      const names = csv.split('\r\n').map((line) => line.split(',')[0]);
      expect(names.indexOf('nurse')).toBeLessThan(names.indexOf('boss'));
    });

    it('have no role that nobody has chosen', async () => {
      const { text } = await boss.get('/app/admin/users/new');
      expect(/<select id="role"[^>]*>(<option[^>]*>[^<]*)/.exec(text)?.[1]).toContain('Choose one');
      const answer = await send('/app/admin/users/new', { ...fields, ...rest, role: '', login: 'no.role' });
      expect(answer.status).toBe(422);
      expect((await boss.get('/app/admin/users?name=no.role')).text).toContain('Nothing fits this filter.');
    });

    it('are added with a password that is shown once, and works', async () => {
      const answer = await send('/app/admin/users/new', { ...fields, ...rest, login: 'new.nurse' });
      expect(where(answer)).toMatch(/^\/app\/admin\/users\/[0-9a-f]{32}\?saved=1&q=[\w-]{22}$/);
      const shown = await boss.get(where(answer));
      const password = secretIn(shown) ?? '';
      expect(password).toHaveLength(20);
      expect(shown.headers['cache-control']).toBe('private, no-store');
      expect(secretIn(await boss.get(where(answer)))).toBeUndefined();
      const browser = new Browser(server);
      const page = await browser.get('/auth/sign-in?next=%2Fapp');
      const asked = { csrf: csrfIn(page), next: '/app', login: 'new.nurse', password, code: '' };
      expect((await browser.post('/auth/sign-in', asked)).status).toBe(303);
    });

    it('are refused with all that is wrong, first on the page, and what was typed is kept', async () => {
      const { status, text } = await send('/app/admin/users/new', {
        ...fields,
        ...rest,
        login: 'no such login!',
        organization: 'not an/id',
        certificate: 'beef',
      });
      expect(status).toBe(422);
      for (const field of ['login', 'organization', 'certificate'])
        expect(text).toContain(`href="#${field}"`);
      expect(text).toContain('value="no such login!"');
      expect(text.indexOf('role="alert"')).toBeLessThan(text.indexOf('<h1>'));
      const { text: taken } = await send('/app/admin/users/new', { ...fields, ...rest, login: 'NURSE' });
      expect(taken).toContain('This user name is taken.');
    });

    it('take organizations and persons by name, and ask which one is meant', async () => {
      const asked = { ...fields, ...rest, login: 'by.name', organization: 'harbor' };
      const answer = await send('/app/admin/users/new', asked);
      expect(where(answer)).toMatch(/^\/app\/admin\/users\/new\?which=[\w-]{22}$/);
      const page = await boss.get(where(answer));
      expect(page.text).toContain('<a href="#pick-organization-0">Which of these is “harbor”?</a>');
      expect(page.text).toMatch(/<label for="pick-organization-0-0">Harbor Clinic · [^<]*a<\/label>/);
      expect(page.text).toContain('value="by.name"');
      expect(page.text).not.toMatch(/type="radio"[^>]* checked/);
      const again = await send('/app/admin/users/new', { ...asked, 'asked-organization-0': 'harbor' });
      expect(where(again)).toContain('?which=');
      const picked = { 'asked-organization-0': 'harbor', 'pick-organization-0': 'a' };
      const saved = await send('/app/admin/users/new', { ...asked, ...picked });
      expect(await server.auth.users.read('by.name')).toMatchObject({ organizations: ['a'] });
      expect((await boss.get(where(saved))).text).toContain('a: Harbor Clinic');
    });

    it('ask of a person by name too, tell the audit whom that showed, and take an id as it is', async () => {
      const resource = { resourceType: 'Patient', id: 'orla', name: [{ family: 'Quill', given: ['Orla'] }] };
      await createResource(server.auth.system, { resource: resource as never, exactNumbers: false });
      const asked = {
        ...fields,
        ...rest,
        login: 'quill',
        role: 'individual',
        organization: '',
        person: 'orla quill',
      };
      const page = await boss.get(where(await send('/app/admin/users/new', asked)));
      const id = /value="(Patient\/[^"]+)"/.exec(page.text)?.[1] ?? '';
      expect(page.text).toContain('>Orla Quill · ');
      const rows = await server.auditRows();
      expect(rows[0]?.patients).toEqual([id.replace('Patient/', '')]);
      await send('/app/admin/users/new', { ...asked, person: id });
      expect(await server.auth.users.read('quill')).toMatchObject({ fhirUser: id });
      const nobody = await send('/app/admin/users/new', { ...asked, login: 'x', person: 'zzz zzz' });
      expect((await boss.get(where(nobody))).text).toContain('Nobody is called “zzz zzz”.');
    });

    it('say what is named and not there, and what can do nothing', async () => {
      const answer = await send('/app/admin/users/new', {
        ...fields,
        ...rest,
        login: 'idle',
        organization: '',
        person: 'Practitioner/nobody',
      });
      const { text } = await boss.get(where(answer));
      expect(text).toContain('Not in the registry: Practitioner/nobody.');
      expect(text).toContain('This account can do nothing yet');
    });

    it('are changed and disabled, which ends their sessions', async () => {
      const user = await server.addUser('leaver', { role: 'clinician', organization: ['a'] });
      const leaver = await signedInBrowser(server, 'leaver');
      server.at.now += 1000;
      const path = `/app/admin/users/${user.subject}`;
      const answer = await send(path, { ...fields, ...rest, role: 'vaccine-coordinator', disabled: 'yes' });
      expect(where(answer)).toBe(`${path}?saved=1`);
      expect(await server.auth.users.read('leaver')).toMatchObject({
        role: 'vaccine-coordinator',
        disabled: true,
        passwordHash: 'hash of password of leaver',
      });
      expect((await leaver.get('/app')).text).toContain('name="password"');
      const rows = (await server.auditRows()).filter(({ interaction }) => interaction === 'account');
      expect(rows[0]).toMatchObject({
        agent: { user: 'boss' },
        query: 'user change leaver role=vaccine-coordinator organization=a disabled=yes',
        outcome: 0,
      });
    });

    it('tell both versions where somebody else was faster', async () => {
      const user = await server.addUser('shared', { role: 'clinician', organization: ['a'] });
      const path = `/app/admin/users/${user.subject}`;
      const old = await boss.get(path);
      await send(path, { ...fields, ...rest, organization: 'b' });
      const late = {
        ...fields,
        ...rest,
        csrf: csrfIn(old),
        version: valueIn(old, 'version'),
        role: 'auditor',
      };
      const { status, text } = await boss.post(path, late);
      expect(status).toBe(409);
      expect(text).toContain('Someone changed this since you opened it');
      expect(text).toMatch(/What stands there now.*<dd>b<\/dd>/s);
      expect(text).toMatch(/<option value="auditor" selected/);
      expect(await server.auth.users.read('shared')).toMatchObject({
        role: 'clinician',
        organizations: ['b'],
      });
    });

    it('have a new password that ends their sessions, and lose the second factor, where that is asked for', async () => {
      const user = await server.addUser('lost', { role: 'clinician', organization: ['a'] });
      await server.auth.users.change('lost', (one) => ({
        ...one,
        secondFactor: { sealed: 'x', lastStep: 0, recovery: [] },
      }));
      const path = `/app/admin/users/${user.subject}`;
      expect((await boss.get(path)).text).toContain('Has a second factor.');
      server.at.now += 1000;
      const answer = await send(path, { ...fields, ...rest, renew: 'yes', 'reset-code': 'yes' });
      expect(secretIn(await boss.get(where(answer)))).toHaveLength(20);
      const now = await server.auth.users.read('lost');
      expect(now).toMatchObject({ sessionsFrom: server.at.now, grantsFrom: server.at.now });
      expect(now).not.toHaveProperty('secondFactor');
      expect(now?.passwordHash).not.toBe('hash of password of lost');
    });

    it.each([{ renew: 'yes' }, { 'reset-code': 'yes' }])(
      'let who was kept out try anew: %j',
      async (asked) => {
        const name = `tried-${Object.keys(asked)[0]}`;
        const user = await server.addUser(name, { role: 'clinician', organization: ['a'] });
        const attempt = { login: name, address: '192.0.2.7' };
        for (let tries = 0; tries < 5; tries++) expect(await server.auth.throttle.begin(attempt)).toBe(true);
        expect(await server.auth.throttle.begin(attempt)).toBe(false);
        const path = `/app/admin/users/${user.subject}`;
        await send(path, { ...fields, ...rest });
        expect(await server.auth.throttle.begin(attempt)).toBe(false);
        await send(path, { ...fields, ...rest, ...asked });
        expect(await server.auth.throttle.begin(attempt)).toBe(true);
      },
    );

    it('leave the registry an administrator', async () => {
      const { subject } = (await server.auth.users.read('boss')) ?? {};
      const { status, text } = await send(`/app/admin/users/${subject}`, { ...fields, ...rest });
      expect(status).toBe(422);
      expect(text).toContain('You are the last administrator.');
    });

    it('refuse a form of another site, and of nobody', async () => {
      const page = await boss.get('/app/admin/users/new');
      const typed = { ...fields, ...rest, login: 'forged', csrf: csrfIn(page) };
      expect((await boss.post('/app/admin/users/new', { ...typed, csrf: 'x' })).status).toBe(403);
      const answer = await boss.post('/app/admin/users/new', typed, { 'sec-fetch-site': 'cross-site' });
      expect(answer.status).toBe(403);
      expect(await server.auth.users.read('forged')).toBeUndefined();
    });
  });

  describe('apps', () => {
    const fields = {
      name: 'Shot Clock',
      kind: 'secret',
      scope: 'patient/Immunization.rs\nlaunch/patient',
      redirect: 'https://shots.example/back',
      launch: '',
      jwksUrl: '',
      jwks: '',
      group: '',
      organization: '',
      matching: '',
      trust: '',
    };

    it('are registered with a secret that is shown once', async () => {
      const answer = await send('/app/admin/clients/new', fields);
      const shown = await boss.get(where(answer));
      expect(secretIn(shown)).toHaveLength(43);
      expect(secretIn(await boss.get(where(answer)))).toBeUndefined();
      const id = /clients\/([^?]*)/.exec(where(answer))?.[1] ?? '';
      expect(await server.auth.clients.read(id)).toMatchObject({
        scope: 'patient/Immunization.rs launch/patient',
        redirects: ['https://shots.example/back'],
      });
      expect((await boss.get('/app/admin/clients?of=secret')).text).toContain('>Shot Clock</a>');
    });

    it('are made once by who presses twice, and lead both times to the one made', async () => {
      const page = await boss.get('/app/admin/clients/new');
      const form = { csrf: csrfIn(page), once: valueIn(page, 'once'), ...fields, name: 'Pressed Twice' };
      const press = () => boss.post('/app/admin/clients/new', form);
      const answers = await Promise.all([press(), press()]);
      expect(new Set(answers.map(where)).size).toBe(1);
      expect(secretIn(await boss.get(where(await press())))).toHaveLength(43);
      const { text } = await boss.get('/app/admin/clients?name=Pressed');
      expect(text.match(/>Pressed Twice<\/a>/g)).toHaveLength(1);
    });

    it('are refused twice where somebody presses twice, and made once it is mended', async () => {
      const page = await boss.get('/app/admin/clients/new');
      const form = { csrf: csrfIn(page), once: valueIn(page, 'once'), ...fields, name: 'Mended' };
      const press = () => boss.post('/app/admin/clients/new', { ...form, kind: 'key' });
      const answers = await Promise.all([press(), press()]);
      for (const { text } of answers) expect(text).toContain('Kind and keys do not go together');
      const again = valueIn(answers[0], 'once');
      const made = await boss.post('/app/admin/clients/new', { ...form, once: again });
      expect(where(made)).toContain('?saved=1');
      const old = await boss.post('/app/admin/clients/new', { ...form, once: 'never-was' });
      expect([old.status, old.text.includes('this form is too old')]).toEqual([422, true]);
    });

    it('are refused where kind and keys do not go together, and where a scope is none', async () => {
      const { text } = await send('/app/admin/clients/new', { ...fields, kind: 'key' });
      expect(text).toContain('Kind and keys do not go together');
      const bad = { ...fields, scope: 'patient/Nothing.rs', redirect: 'http://shots.example/', trust: '11' };
      const { status, text: wrong } = await send('/app/admin/clients/new', bad);
      expect(status).toBe(422);
      for (const field of ['scope', 'redirect', 'trust']) expect(wrong).toContain(`href="#${field}"`);
    });

    it('are changed and disabled; what is left empty is gone', async () => {
      const client = await server.addClient({ name: 'Old name', organization: 'a' });
      const path = `/app/admin/clients/${client.id}`;
      await send(path, { ...fields, name: 'New name', kind: 'public', disabled: 'yes' });
      const now = await server.auth.clients.read(client.id);
      expect(now).toMatchObject({ name: 'New name', disabled: true, tokensFrom: expect.any(Number) });
      expect(now).not.toHaveProperty('organization');
    });

    it('tell both versions where somebody else was faster', async () => {
      const client = await server.addClient({ name: 'Both', scope: 'launch' });
      const path = `/app/admin/clients/${client.id}`;
      const old = await boss.get(path);
      await send(path, { ...fields, kind: 'public', name: 'First' });
      const late = { ...fields, kind: 'public', name: 'Second', csrf: csrfIn(old) };
      const { status, text } = await boss.post(path, { ...late, version: valueIn(old, 'version') });
      expect(status).toBe(409);
      expect(text).toMatch(/What stands there now.*<dd>First<\/dd>/s);
      expect(text).toContain('value="Second"');
      expect(await server.auth.clients.read(client.id)).toMatchObject({ name: 'First' });
    });
  });

  describe('long work', () => {
    const job = (id: string, more: object) => ({
      id,
      kind: 'import',
      input: {},
      created: server.at.now,
      updated: server.at.now,
      attempts: 1,
      progress: { done: 30, total: 120 },
      ...more,
    });

    beforeAll(async () => {
      const jobs = openJobRecords(server.store, server.auth.clock);
      const lease = { owner: 'o', until: server.at.now + 30_000 };
      await jobs.add(job('runs', { state: 'running', lease }) as never);
      await jobs.add(job('ended', { state: 'failed', reason: 'no such file' }) as never);
    });

    it('is shown with how far it is, and asks anew by a header while it runs, for as long as a session lasts', async () => {
      const { headers, text } = await boss.get('/app/admin/jobs/runs');
      expect(headers['refresh']).toBe('10; url=/app/admin/jobs/runs?looks=1');
      expect(text).toMatch(/<progress aria-labelledby="far" max="120" value="30">/);
      expect(text).not.toContain('<script');
      expect((await boss.get('/app/admin/jobs/runs?looks=90')).headers['refresh']).toBeUndefined();
      const ended = await boss.get('/app/admin/jobs/ended');
      expect(ended.headers['refresh']).toBeUndefined();
      expect(ended.text).toContain('no such file');
      expect(ended.text).not.toContain('Cancel this work');
    });

    it('is told of on the start page of who may see it, where it has failed in the last days', async () => {
      const tile =
        /<a href="\/app\/admin\/jobs\?state=failed">Work that has failed<\/a><\/h2><p class="figure">1</;
      expect((await boss.get('/app')).text).toMatch(tile);
      await server.addUser('clerk', { role: 'programme-staff' });
      const clerk = await signedInBrowser(server, 'clerk');
      expect((await clerk.get('/app')).text).not.toContain('Work that has failed');
    });

    it('is not told of any more after a week, nor what runs', async () => {
      const jobs = openJobRecords(server.store, server.auth.clock);
      const [ended] = (await jobs.list()).filter(({ id }) => id === 'ended');
      await jobs.add({ ...ended, id: 'long-ago', updated: server.at.now - 8 * 86_400_000 } as never);
      expect((await boss.get('/app')).text).toContain('<p class="figure">1</p><p>Imports');
    });

    it('is listed by state, and cancelled', async () => {
      expect((await boss.get('/app/admin/jobs?state=failed')).text).not.toContain('/jobs/runs"');
      const answer = await send('/app/admin/jobs/runs', { do: 'cancel' });
      const page = await boss.get(where(answer));
      expect(page.text).toContain('It will stop within ten seconds.');
      expect(page.text).not.toContain('Cancel this work');
    });
  });

  describe('the audit', () => {
    it('tells who did what, newest first, by person, date, who and outcome', async () => {
      const nurse = await signedInBrowser(server, 'nurse');
      await nurse.get('/app/admin/users');
      const { text } = await boss.get('/app/admin/audit?who=nurse');
      expect(text).toContain('</span>nurse</td>');
      expect(text).not.toMatch(/<\/span>boss<\/td>/);
      expect((await boss.get('/app/admin/audit?who=nurse&outcome=done')).text).toContain('Sign in');
      expect(text).toContain('Clinician');
      await boss.get('/app/admin/users');
      await server.auditRows();
      const own = await boss.get('/app/admin/audit?who=boss');
      expect(own.text).toContain('Page: accounts');
      expect(own.text).toContain('Running the registry');
      expect(own.text).not.toMatch(/HSYSADMIN<|admin-users</);
      expect((await boss.get('/app/admin/audit?to=2020')).text).toContain('Nothing is told that fits');
      const signs = await boss.get(`/app/admin/audit?who=${encodeURIComponent('a,b|c\\')}`);
      expect([signs.status, signs.text.includes('Nothing is told that fits')]).toEqual([200, true]);
      expect((await boss.get('/app/admin/audit?person=never')).text).toContain('Nothing is told that fits');
    });

    it('says what of a filter cannot be read, and shows nothing then', async () => {
      const { status, text } = await boss.get('/app/admin/audit?from=31.1.2026');
      expect(status).toBe(200);
      expect(text).toContain('<a href="#from">Type a date as 2026-01-31, 2026-01 or 2026.</a>');
      expect(text).toContain('value="31.1.2026"');
    });

    it('is a file, and pages by its URL', async () => {
      const { text } = await boss.get('/app/admin/audit?format=csv');
      expect(text.split('\r\n')[0]).toBe(
        '\uFEFFWhen,Who,Role,What,Whose record,Why,Outcome,Works for,App,From',
      );
      const first = await boss.get('/app/admin/audit');
      const next = /href="([^"]*after=[^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&');
      expect((await boss.get(next ?? '')).text).toContain('Back to the first page');
    });
  });

  it('speak Spanish', async () => {
    const spanish = new Browser(server);
    await signIn(spanish, 'boss');
    for (const name of pages) {
      const { text } = await spanish.get(`/app/admin/${name}?lang=es`);
      expect(text).toContain('lang="es"');
    }
    expect((await spanish.get('/app/admin/users/new?lang=es')).text).toContain('Nombre de usuario');
  });
});
