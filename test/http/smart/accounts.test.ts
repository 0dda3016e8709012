import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import { codeAt } from '../../../src/auth/sign-in/totp.ts';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import { Browser, launch, openSmartServer, type SmartServer } from './smart-server.ts';

let server: SmartServer;
let app: Client;
let count = 0;
let login: string;
beforeAll(async () => {
  server = await openSmartServer();
  app = await server.addClient();
}, 60_000);
afterAll(() => server.close());
beforeEach(async () => {
  count++;
  login = `user-${count}`;
  await server.addUser(login, { role: 'individual', patient: 'p' });
  server.at.now += 24 * 3600_000;
});

const failureOf = async (name: string, password: string, code = '') => {
  const page = await new Browser(server).signIn(name, password, code);
  return page.body.view === 'home' ? 'signed in' : page.body.failure;
};

describe('signing in', () => {
  it('tells a login that nobody has from a wrong password by nothing, and does the same work', async () => {
    const before = server.passwords.work();
    const [unknown, wrong] = [
      await new Browser(server).signIn('nobody', 'x'),
      await new Browser(server).signIn(login, 'x'),
    ];
    expect(server.passwords.work() - before).toBe(2);
    const shown = ({ status, body: { csrf: _, login: __, ...rest } }: typeof wrong) => [status, rest];
    expect(shown(unknown)).toEqual(shown(wrong));
    expect(wrong.body.failure).toBe('wrong');
  });

  it.each([['nobody'], [undefined]])(
    'blocks an account after five wrong attempts, whether there is one (%s) or not',
    async (who) => {
      const name = who === undefined ? login : `${who}-${count}`;
      for (let i = 0; i < 5; i++) expect(await failureOf(name, 'wrong')).toBe('wrong');
      const before = server.passwords.work();
      // Not even by the right password, under another spelling, or from elsewhere.
      expect(await failureOf(name, `password of ${name}`)).toBe('wait');
      expect(await failureOf(name.toUpperCase(), `password of ${name}`)).toBe('wait');
      expect(server.passwords.work()).toBe(before);
      const other = await openSmartServer({ beside: server });
      const there = await new Browser(other).signIn(name, `password of ${name}`);
      expect([there.status, there.body.failure]).toEqual([429, 'wait']);
      await other.app.close();
      server.at.now += 31_000;
      expect(await failureOf(name, `password of ${name}`)).toBe(who === undefined ? 'signed in' : 'wrong');
    },
  );

  it('makes each further attempt wait longer, up to half an hour', async () => {
    for (let i = 0; i < 5; i++) await failureOf(login, 'wrong');
    for (const minutes of [0.5, 1, 2, 4, 8, 16, 30, 30]) {
      server.at.now += minutes * 60_000 - 1000;
      expect(await failureOf(login, 'wrong')).toBe('wait');
      server.at.now += 1001;
      expect(await failureOf(login, 'wrong')).toBe('wrong');
    }
  });

  it('counts those who try at once', async () => {
    const attempts = await Promise.all(Array.from({ length: 20 }, () => failureOf(login, 'wrong')));
    expect(attempts.filter((failure) => failure === 'wrong').length).toBeLessThanOrEqual(5);
  });

  it('forgets wrong attempts once somebody has signed in', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) expect(await failureOf(login, 'wrong')).toBe('wrong');
      expect(await failureOf(login, `password of ${login}`)).toBe('signed in');
    }
  });

  it('blocks an address after fifty wrong attempts, as the proxy names it', async () => {
    const attempt = async (from: string) => {
      const browser = new Browser(server);
      const page = await browser.get('/auth/sign-in');
      const fields = { csrf: page.body.csrf, login: crypto.randomUUID(), password: 'x' };
      return (await browser.post('/auth/sign-in', fields, { 'x-forwarded-for': from })).body.failure;
    };
    for (let i = 0; i < 50; i++) expect(await attempt('192.0.2.7')).toBe('wrong');
    expect(await attempt('192.0.2.7')).toBe('wait');
    expect(await attempt('192.0.2.8')).toBe('wrong');
  });

  it('counts the addresses of one IPv6 network together', async () => {
    const attempt = async (n: number) => {
      const browser = new Browser(server);
      const page = await browser.get('/auth/sign-in');
      const fields = { csrf: page.body.csrf, login: crypto.randomUUID(), password: 'x' };
      const from = { 'x-forwarded-for': `2001:db8:1:1::${n.toString(16)}` };
      return (await browser.post('/auth/sign-in', fields, from)).body.failure;
    };
    for (let n = 1; n <= 50; n++) expect(await attempt(n)).toBe('wrong');
    expect(await attempt(51)).toBe('wait');
  });

  describe('while somebody else tries wrong passwords', () => {
    const tryFrom = async (from: string, password: string, browser = new Browser(server)) => {
      const page = await browser.get('/auth/sign-in');
      const fields = { csrf: page.body.csrf, login, password };
      const answer = await browser.post('/auth/sign-in', fields, { 'x-forwarded-for': from });
      return answer.status === 303 ? 'signed in' : answer.body.failure;
    };
    const right = () => `password of ${login}`;
    const everywhere = async () => {
      for (let n = 0; n < 100; n++) {
        expect(await tryFrom(`203.0.113.${Math.floor(n / 5)}`, 'wrong')).toBe('wrong');
      }
    };

    it('is not kept from its owner in another network', async () => {
      for (let i = 0; i < 5; i++) expect(await tryFrom('198.51.100.1', 'wrong')).toBe('wrong');
      expect(await tryFrom('198.51.100.1', right())).toBe('wait');
      expect(await tryFrom('198.51.100.2', right())).toBe('signed in');
      // What the owner does takes nothing back of what was tried from there.
      expect(await tryFrom('198.51.100.1', right())).toBe('wait');
    });

    it('is open again when what was tried is forgotten', async () => {
      await everywhere();
      for (let i = 0; i < 5; i++) await tryFrom('203.0.113.1', 'wrong');
      expect(await tryFrom('203.0.113.1', right())).toBe('wait');
      await server.auth.throttle.forget(login.toUpperCase());
      expect(await tryFrom('203.0.113.1', right())).toBe('signed in');
    });

    it('is blocked for browsers that are not known after a hundred from everywhere', async () => {
      await everywhere();
      expect(await tryFrom('198.51.100.3', right())).toBe('wait');
      server.at.now += 31_000;
      expect(await tryFrom('198.51.100.3', right())).toBe('signed in');
    });

    it('is open to a browser that its owner has used, which has attempts of its own', async () => {
      const own = new Browser(server);
      expect(await tryFrom('198.51.100.4', right(), own)).toBe('signed in');
      await everywhere();
      for (let i = 0; i < 5; i++) await tryFrom('198.51.100.4', 'wrong');
      expect(await tryFrom('198.51.100.4', right(), own)).toBe('signed in');
      expect(await tryFrom('198.51.100.4', right())).toBe('wait');
      for (let i = 0; i < 5; i++) expect(await tryFrom('198.51.100.4', 'wrong', own)).toBe('wrong');
      expect(await tryFrom('198.51.100.4', right(), own)).toBe('wait');
      server.at.now += 31_000;
      expect(await tryFrom('198.51.100.4', right(), own)).toBe('signed in');
    });

    it('knows a browser by its own cookie, for the account that it was used for, until the password changes', async () => {
      const own = new Browser(server);
      await tryFrom('198.51.100.5', right(), own);
      const device = own.cookies.get('jenner-device') ?? '';
      expect(device).toMatch(/^[\w-]{43}$/);
      const isKnown = async (cookie: string, name = login) => {
        const browser = new Browser(server);
        browser.cookies.set('jenner-device', cookie);
        const user = await server.auth.users.read(name);
        for (let i = 0; i < 6; i++) await tryFrom('198.51.100.5', 'wrong');
        const found = await server.auth.devices.isKnown(cookie, name, user);
        return found && (await tryFrom('198.51.100.5', right(), browser)) === 'signed in';
      };
      expect(await isKnown(device)).toBe(true);
      expect(await isKnown(own.cookies.get('jenner') ?? '')).toBe(false);
      await server.addUser(`other-${count}`, { role: 'individual', patient: 'q' });
      expect(await isKnown(device, `other-${count}`)).toBe(false);
      expect(await isKnown(device, 'nobody')).toBe(false);
      server.at.now += 1;
      await server.auth.users.change(login, (user) => ({ ...user, sessionsFrom: server.at.now as never }));
      expect(await isKnown(device)).toBe(false);
      await server.auth.users.change(login, ({ sessionsFrom: _, ...user }) => user);
      server.at.now += 180 * 24 * 3600_000;
      expect(await isKnown(device)).toBe(false);
    });
  });

  it('is refused to who is disabled', async () => {
    await server.auth.users.change(login, (user) => ({ ...user, disabled: true }));
    expect(await failureOf(login, `password of ${login}`)).toBe('wrong');
  });
});

/** Signed in, with a second factor that is on. */
async function withCode() {
  const browser = new Browser(server);
  await browser.signIn(login);
  const account = await browser.get('/app/account');
  const setup = await browser.fill(account, '/app/account', { change: 'code-start' });
  const { secret, uri } = setup.body.setup;
  expect(uri).toBe(`otpauth://totp/Jenner:${login}?secret=${secret}&issuer=Jenner`);
  const code = () => codeAt(secret, Math.floor(server.at.now / 30_000));
  const wrong = await browser.fill(setup, '/app/account', { change: 'code-on', code: '000000' });
  expect([wrong.status, wrong.body.failure, wrong.body.setup.secret]).toEqual([400, 'code', secret]);
  const on = await browser.fill(wrong, '/app/account', { change: 'code-on', code: code() });
  expect(on.body).toMatchObject({ done: 'code-on', hasCode: true });
  return { browser, code, recovery: on.body.recovery as readonly string[] };
}

describe('the second factor', () => {
  const password = () => `password of ${login}`;

  it('is asked for once it is on, and each code is good once', async () => {
    const { code } = await withCode();
    // It was used to turn it on.
    expect(await failureOf(login, password(), code())).toBe('wrong-code');
    server.at.now += 31_000;
    expect(await failureOf(login, password(), '')).toBe('code');
    const used = code();
    expect(await failureOf(login, password(), used)).toBe('signed in');
    expect(await failureOf(login, password(), used)).toBe('wrong-code');
  });

  it('takes the code before and after, and no other', async () => {
    const { code } = await withCode();
    const at = server.at.now;
    const codeIn = (seconds: number) => {
      server.at.now = at + seconds * 1000;
      const there = code();
      server.at.now = at + 600_000;
      return there;
    };
    expect(await failureOf(login, password(), codeIn(540))).toBe('wrong-code');
    expect(await failureOf(login, password(), codeIn(660))).toBe('wrong-code');
    expect(await failureOf(login, password(), codeIn(570))).toBe('signed in');
    expect(await failureOf(login, password(), codeIn(630))).toBe('signed in');
    // One that is older than the last is not taken any more.
    expect(await failureOf(login, password(), codeIn(600))).toBe('wrong-code');
  });

  it('can be replaced by a recovery code, once each', async () => {
    const { recovery } = await withCode();
    expect(recovery).toHaveLength(10);
    const [first = '', second = ''] = recovery;
    expect(await failureOf(login, password(), first.toLowerCase().replaceAll('-', ' '))).toBe('signed in');
    expect(await failureOf(login, password(), first)).toBe('wrong-code');
    expect(await failureOf(login, password(), second)).toBe('signed in');
  });

  it('is counted like a wrong password when it is wrong', async () => {
    await withCode();
    for (let i = 0; i < 5; i++) expect(await failureOf(login, password(), '111111')).toBe('wrong-code');
    expect(await failureOf(login, password(), '111111')).toBe('wait');
  });

  it('is taken away only soon after somebody has signed in', async () => {
    const { browser, code } = await withCode();
    server.at.now += 6 * 60_000;
    const account = await browser.get('/app/account');
    const asked = await browser.fill(account, '/app/account', { change: 'code-off' });
    expect(asked.body.view).toBe('signIn');
    const again = new Browser(server);
    await again.signIn(login, password(), code());
    const off = await again.fill(await again.get('/app/account'), '/app/account', { change: 'code-off' });
    expect(off.body).toMatchObject({ done: 'code-off', hasCode: false });
  });
});

describe('the password', () => {
  const change = async (browser: Browser, current: string, password: string, again = password) =>
    browser.fill(await browser.get('/app/account'), '/app/account', {
      change: 'password',
      current,
      password,
      again,
    });

  it('is changed by who knows it; other sessions end', async () => {
    const [here, there] = [new Browser(server), new Browser(server)];
    await here.signIn(login);
    await there.signIn(login);
    server.at.now += 1000;
    const done = await change(here, `password of ${login}`, 'a new password');
    expect(done.body).toMatchObject({ view: 'account', done: 'password' });
    expect((await there.get('/app')).body.view).toBe('signIn');
    expect(await failureOf(login, `password of ${login}`)).toBe('wrong');
    expect(await failureOf(login, 'a new password')).toBe('signed in');
  });

  it.each([
    ['wrong', 'guessed', 'a new password', 'a new password'],
    ['weak', undefined, 'short', 'short'],
    ['differs', undefined, 'a new password', 'another password'],
  ])('is not changed when it is %s', async (failure, current, password, again) => {
    const browser = new Browser(server);
    await browser.signIn(login);
    const answer = await change(browser, current ?? `password of ${login}`, password, again);
    expect([answer.status, answer.body.failure]).toEqual([400, failure]);
    expect(await failureOf(login, `password of ${login}`)).toBe('signed in');
  });
});

it('tells who has tried too many passwords that it is that', async () => {
  const browser = new Browser(server);
  await browser.signIn(login);
  const change = async (current: string) => {
    const fields = { change: 'password', current, password: 'a new password', again: 'a new password' };
    const { status, body } = await browser.fill(await browser.get('/app/account'), '/app/account', fields);
    return [status, body.failure];
  };
  for (let tries = 0; tries < 5; tries++) expect(await change('guessed')).toEqual([400, 'wrong']);
  expect(await change(`password of ${login}`)).toEqual([429, 'wait']);
});

describe('the record of one’s own', () => {
  it('shows the apps, and "Stop" makes the next call 401', async () => {
    const answer = await launch(server, {
      client: app,
      login,
      scope: 'launch/patient patient/Patient.rs offline_access',
    });
    expect((await server.ask(answer.access_token, '/fhir/Patient/p')).status).toBe(200);
    const browser = new Browser(server);
    await browser.signIn(login);
    const page = await browser.get('/app/record/p/apps');
    expect(page.body.person).toMatchObject({ id: 'p', name: 'Ann Smith' });
    const [grant] = page.body.grants.slice(-1);
    expect(grant).toMatchObject({
      app: 'Growth Buddy',
      scopes: expect.arrayContaining(['patient/Patient.rs']),
    });
    const stopped = await browser.fill(page, '/app/record/p/apps', { stop: grant.id });
    expect(stopped.body).toMatchObject({ notice: 'stopped', grants: [] });
    expect((await server.ask(answer.access_token, '/fhir/Patient/p')).status).toBe(401);
  });

  it('shows an app once, and stops all that it was given, by whom and how often it was', async () => {
    const [twice, other] = [await server.addClient({ name: 'Twice' }), await server.addClient()];
    const second = `second-${count}`;
    await server.addUser(second, { role: 'individual', patient: 'p' });
    const scopes = ['launch/patient patient/Patient.rs', 'user/Patient.r', 'patient/Patient.s'];
    const given = [
      await launch(server, { client: twice, login, scope: scopes[0] ?? '' }),
      await launch(server, { client: twice, login, scope: scopes[1] ?? '' }),
      await launch(server, { client: twice, login: second, scope: scopes[2] ?? '' }),
    ];
    const kept = await launch(server, { client: other, login, scope: scopes[0] ?? '' });
    const browser = new Browser(server);
    await browser.signIn(login);
    const page = await browser.get('/app/record/p/apps');
    const shown = page.body.grants.filter(({ app }: { readonly app: string }) => app === 'Twice');
    expect(shown).toHaveLength(1);
    expect(shown[0].scopes).toEqual(expect.arrayContaining(scopes.flatMap((text) => text.split(' '))));
    await browser.fill(page, '/app/record/p/apps', { stop: shown[0].id });
    for (const { access_token } of given) {
      expect((await server.ask(access_token, '/fhir/Patient?_id=p')).status).toBe(401);
    }
    expect((await server.ask(kept.access_token, '/fhir/Patient/p')).status).toBe(200);
  });

  it('is answered to nobody else', async () => {
    await server.addUser(`doc-${count}`, { role: 'clinician', organization: ['a'] });
    for (const [who, id] of [
      [login, 'q'],
      [login, 'never'],
      [`doc-${count}`, 'p'],
    ] as const) {
      const browser = new Browser(server);
      await browser.signIn(who);
      const page = await browser.get(`/app/record/${id}/apps`);
      expect([page.status, page.body.view, page.body.code]).toEqual([404, 'problem', 'not-found']);
    }
    const browser = new Browser(server);
    await browser.signIn(login);
    expect((await browser.get('/app/record/p/seen')).status).toBe(404);
  });

  it('is hidden from other organizations by an objection, and shown again', async () => {
    const staff = await server.addClient({ scope: 'user/*.rs' });
    await server.addUser(`nurse-${count}`, { role: 'clinician', organization: ['a'] });
    const scope = 'user/Patient.rs';
    const { access_token: token } = await launch(server, { client: staff, login: `nurse-${count}`, scope });
    const sees = async () => (await server.ask(token, '/fhir/Patient/p')).status;
    expect(await sees()).toBe(200);
    const browser = new Browser(server);
    await browser.signIn(login);
    const page = await browser.get('/app/record/p/apps');
    expect(page.body.objects).toBe(false);
    const hidden = await browser.fill(page, '/app/record/p/apps', { sharing: 'object' });
    expect(hidden.body).toMatchObject({ objects: true, notice: 'sharing-changed' });
    expect(await sees()).toBe(404);
    const shared = await browser.fill(hidden, '/app/record/p/apps', { sharing: 'share' });
    expect(shared.body.objects).toBe(false);
    expect(await sees()).toBe(200);
  });
});

describe('the apps that somebody at work uses', () => {
  it('are shown to who allowed them, and stopped by nobody else', async () => {
    const [doc, other] = [`doctor-${count}`, `other-${count}`];
    for (const name of [doc, other]) await server.addUser(name, { role: 'clinician', organization: ['a'] });
    const staff = await server.addClient({ scope: 'user/*.rs launch/patient patient/*.rs' });
    const { access_token: token } = await launch(server, {
      client: staff,
      login: doc,
      scope: 'user/Patient.rs',
    });
    const reads = async () => (await server.ask(token, '/fhir/Patient/p')).status;
    expect(await reads()).toBe(200);
    const [browser, stranger] = [new Browser(server), new Browser(server)];
    await browser.signIn(doc);
    await stranger.signIn(other);
    const page = await browser.get('/app/apps');
    expect(page.body).toMatchObject({
      view: 'ownApps',
      grants: [{ app: 'Growth Buddy', scopes: ['user/Patient.rs'] }],
    });
    const stop = page.body.grants[0].id;
    const theirs = await stranger.get('/app/apps');
    expect(theirs.body.grants).toEqual([]);
    expect((await stranger.fill(theirs, '/app/apps', { stop })).body.notice).toBeUndefined();
    expect(await reads()).toBe(200);
    expect((await browser.post('/app/apps', { stop })).status).toBe(403);
    const stopped = await browser.fill(page, '/app/apps', { stop });
    expect(stopped.body).toMatchObject({ notice: 'stopped', grants: [] });
    expect(await reads()).toBe(401);
  });

  it('are each shown once, and stopped whole, whoever’s records they were for', async () => {
    const name = `often-${count}`;
    await server.addUser(name, { role: 'clinician', organization: ['a'] });
    const staff = await server.addClient({ scope: 'user/*.rs' });
    const tokens: string[] = [];
    for (const scope of ['user/Patient.rs', 'user/Patient.r user/Immunization.r']) {
      tokens.push((await launch(server, { client: staff, login: name, scope })).access_token);
    }
    const browser = new Browser(server);
    await browser.signIn(name);
    const page = await browser.get('/app/apps');
    expect(page.body.grants).toMatchObject([{ id: staff.id, since: expect.any(String) }]);
    const stopped = await browser.fill(page, '/app/apps', { stop: staff.id });
    expect(stopped.body).toMatchObject({ notice: 'stopped', grants: [] });
    for (const token of tokens) expect((await server.ask(token, '/fhir/Patient/p')).status).toBe(401);
  });

  it('are not those of who had the login before', async () => {
    const name = `again-${count}`;
    await server.addUser(name, { role: 'administrator' });
    const staff = await server.addClient({ scope: 'user/*.rs' });
    await launch(server, { client: staff, login: name, scope: 'user/Patient.rs' });
    await server.auth.users.remove(name);
    await server.addUser(name, { role: 'administrator' });
    const browser = new Browser(server);
    await browser.signIn(name);
    expect((await browser.get('/app/apps')).body.grants).toEqual([]);
  });
});

describe('a parent', () => {
  const peopleOf = async (name: string) => {
    const browser = new Browser(server);
    return (await browser.signIn(name)).body.people.map(({ id }: { readonly id: string }) => id);
  };
  const parsed = (resource: object) => ({ resource: resource as never, exactNumbers: false });

  it('sees a child until the age that the jurisdiction sets, while the relation holds', async () => {
    const today = new Date(server.at.now).toISOString().slice(5, 10);
    const child = async (id: string, birthDate: string | undefined, more: object = {}) => {
      const patient = { resourceType: 'Patient', id, ...(birthDate && { birthDate }) };
      await updateResource(server.auth.system, { type: 'Patient', id: id as never }, parsed(patient));
      const link = { resourceType: 'RelatedPerson', patient: { reference: `Patient/${id}` }, ...more };
      return (await createResource(server.auth.system, parsed(link))).version.id;
    };
    const links = [
      await child('young', '2020-01-01'),
      await child('eighteen', `2008-${today}`),
      await child('almost', `2008-12-31`),
      // Born in 2008: may be eighteen.
      await child('unsure', '2008'),
      await child('undated', undefined),
      await child('former', '2020-01-01', { active: false }),
      await child('over', '2020-01-01', { period: { end: '2025-12-31' } }),
    ];
    await server.addUser(`mum-${count}`, { role: 'individual', relatedPerson: links });
    expect(await peopleOf(`mum-${count}`)).toEqual(['young', 'almost']);
  });

  it.each([
    ['the relation has ended', { link: { active: false }, child: {} }],
    ['the child turns out to be older', { link: {}, child: { birthDate: '2000-01-01' } }],
    ['the child is no longer kept', { link: {}, child: { active: false } }],
  ])('sees a child no longer, within a second, when %s', async (_, { link, child }) => {
    const [patient, parent, login] = [`child-${count}`, `parent-${count}`, `dad-${count}`];
    const put = (type: 'Patient' | 'RelatedPerson', id: string, more: object) =>
      updateResource(
        server.auth.system,
        { type, id: id as never },
        parsed({ resourceType: type, id, ...more }),
      );
    const own = { birthDate: '2020-01-01' };
    const relation = { patient: { reference: `Patient/${patient}` } };
    await put('Patient', patient, own);
    await put('RelatedPerson', parent, relation);
    await server.addUser(login, { role: 'individual', relatedPerson: [parent] });
    const client = await server.addClient();
    const { access_token: token } = await launch(server, { client, login, scope: 'openid user/Patient.rs' });
    const sees = async () => (await server.ask(token, `/fhir/Patient/${patient}`)).status;
    expect(await sees()).toBe(200);
    // What changes nobody's reach makes nobody be looked up anew.
    const before = await server.auth.epoch.present();
    await put('Patient', patient, { ...own, gender: 'female' });
    server.at.now += 1000;
    expect(await server.auth.epoch.present()).toBe(before);
    if (Object.keys(link).length > 0) await put('RelatedPerson', parent, { ...relation, ...link });
    else await put('Patient', patient, { ...own, gender: 'female', ...child });
    server.at.now += 1000;
    expect(await sees()).toBe(404);
  });

  it('sees what an organization below sees no longer, within a second', async () => {
    const put = (partOf: object) =>
      updateResource(
        server.auth.system,
        { type: 'Organization', id: 'below' as never },
        parsed({ resourceType: 'Organization', id: 'below', name: 'Below', ...partOf }),
      );
    await put({ partOf: { reference: 'Organization/a' } });
    const patient = {
      resourceType: 'Patient',
      id: 'cared',
      managingOrganization: { reference: 'Organization/below' },
    };
    await updateResource(server.auth.system, { type: 'Patient', id: 'cared' as never }, parsed(patient));
    const login = `doc-${count}`;
    await server.addUser(login, { role: 'clinician', organization: ['a'] });
    const client = await server.addClient();
    const { access_token: token } = await launch(server, { client, login, scope: 'openid user/Patient.rs' });
    expect((await server.ask(token, '/fhir/Patient/cared')).status).toBe(200);
    await put({});
    server.at.now += 1000;
    expect((await server.ask(token, '/fhir/Patient/cared')).status).toBe(404);
  });
});
