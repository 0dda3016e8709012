import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FetchError } from '../../../src/auth/clients/fetch-json.ts';
import { passingSeal } from '../../../src/auth/secrets/key-file.ts';
import { openSigningKeys } from '../../../src/auth/secrets/signing-keys.ts';
import { openThrottle } from '../../../src/auth/sign-in/throttle.ts';
import { accountCommands } from '../../../src/cli/accounts.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { commandLineAccount } from '../../../src/open-authorization.ts';
import { systemClock } from '../../../src/values/clock.ts';
import { fillAccessWorld } from '../../http/access-world.ts';
import { openTestServer, type TestServer } from '../../http/open-test-server.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const goodKeys = { keys: [publicKey.export({ format: 'jwk' })] };

const seal = passingSeal();
let server: TestServer;
let said: string;
let warned: string[];
let told: string[];
let lies: unknown;
let commands: ReturnType<typeof accountCommands>;
beforeEach(async () => {
  server = await openTestServer();
  await fillAccessWorld(server);
  said = '';
  warned = [];
  told = [];
  lies = goodKeys;
  commands = accountCommands({
    withStore: (command, work) => {
      told.push(command);
      return work(server.store, () => seal);
    },
    output: {
      write: (text: string) => {
        said += text;
      },
    },
    warn: (text) => void warned.push(text),
    readInput: async () => 'pass word 1\n',
    fetchKeys: async () => {
      if (lies instanceof Error) throw lies;
      return { json: lies, maxAge: undefined };
    },
  });
});
afterEach(() => server.close());

const json = true;
const add = (login: string, options: object) => commands.userAdd(login, { json, ...options });

it.each<[string, object, string]>([
  ['--patient', { patient: 'never' }, 'Patient/never'],
  ['--practitioner', { practitioner: 'never' }, 'Practitioner/never'],
  ['--practitioner-role', { practitionerRole: 'never' }, 'PractitionerRole/never'],
  ['--related-person', { relatedPerson: ['never'] }, 'RelatedPerson/never'],
  ['--organization', { organization: ['a', 'never'] }, 'Organization/never'],
])('warns of a user whose %s is not there yet', async (option, named, told) => {
  const warning = expect.stringContaining(`${option} never: there is no ${told} in the store`);
  expect(await add('ann', { role: 'clinician', ...named })).toBe(0);
  expect(warned).toContainEqual(warning);
  await add('bob', { role: 'administrator' });
  warned.length = 0;
  expect(await commands.userChange('bob', { json, ...named })).toBe(0);
  expect(warned).toContainEqual(warning);
});

it.each([{ passwordStdin: true }, { resetPassword: true }, { resetCode: true }])(
  'lets who was kept out try anew: %j',
  async (asked) => {
    const throttle = openThrottle(server.store, systemClock);
    await add('ann', { role: 'auditor' });
    const attempt = { login: 'Ann', address: '192.0.2.7' };
    for (let tries = 0; tries < 5; tries++) expect(await throttle.begin(attempt)).toBe(true);
    expect(await throttle.begin(attempt)).toBe(false);
    await commands.userChange('ann', { json, role: 'auditor' });
    expect(await throttle.begin(attempt)).toBe(false);
    await commands.userChange('ann', { json, ...asked });
    expect(await throttle.begin(attempt)).toBe(true);
  },
);

it('keeps, lists and removes the EHRs that open the app', async () => {
  const options = {
    json,
    name: 'Harbor EHR',
    iss: 'https://ehr.example/fhir/',
    clientId: 'jenner',
    kind: 'key',
  } as const;
  expect(await commands.ehrAdd({ ...options, organization: 'never', write: true })).toBe(0);
  const { id, ...shown } = JSON.parse(said);
  expect(shown).toEqual({
    name: 'Harbor EHR',
    iss: 'https://ehr.example/fhir',
    client_id: 'jenner',
    kind: 'key',
    organization: 'never',
    write: true,
  });
  expect(warned).toContainEqual(expect.stringContaining('--organization never'));
  expect(told.at(-1)).toBe('ehr add --name … --iss … --client-id … --kind key --organization never --write');
  await expect(commands.ehrAdd({ ...options, iss: 'https://ehr.example/fhir' })).rejects.toThrow(
    'is there already',
  );
  for (const wrong of [
    { iss: 'http://ehr.example/fhir' },
    { iss: 'ehr' },
    { clientId: '' },
    { name: '' },
    { kind: 'public', jwksUrl: 'https://jenner.example/jwks' },
    { organization: 'no id!' },
    { write: true },
  ] as const) {
    const added = commands.ehrAdd({ ...options, iss: 'https://other.example/fhir', ...wrong });
    await expect(added).rejects.toMatchObject({ name: 'OperatorError' });
  }
  said = '';
  await commands.ehrList({ json });
  expect(JSON.parse(said)).toHaveLength(1);
  expect(await commands.ehrRemove(id, { json })).toBe(0);
  await expect(commands.ehrRemove(id, { json })).rejects.toThrow('there is no ehr');
});

it('refuses an issuer of CDS Hooks that another app has', async () => {
  const options = {
    json,
    name: 'EHR',
    kind: 'key',
    jwksUrl: 'https://ehr.example/jwks',
    cdsIssuer: 'https://ehr.example',
  } as const;
  expect(await commands.clientAdd(options)).toBe(0);
  const { client_id: id, cds_issuer: shown } = JSON.parse(said);
  expect(shown).toBe('https://ehr.example');
  await expect(commands.clientAdd(options)).rejects.toThrow(`client ${id} (EHR) has it already`);
  expect(await commands.clientChange(id, { json, cdsIssuer: 'https://ehr.example' })).toBe(0);
});

it('refuses what is no id', async () => {
  const refused = {
    name: 'OperatorError',
    message: '--patient no id!: the id of a resource was expected',
  };
  await expect(add('ann', { role: 'individual', patient: 'no id!' })).rejects.toMatchObject(refused);
  await commands.userList({ json: false });
  expect(said).not.toContain('ann');
});

it('warns of a client whose organization or group is not there, or was deleted', async () => {
  await server.send('DELETE', '/fhir/Group/roster');
  const app = {
    json,
    name: 'App',
    kind: 'key',
    jwksUrl: 'https://a.example/jwks',
    scope: 'system/*.rs',
  } as const;
  expect(await commands.clientAdd({ ...app, organization: 'a' })).toBe(0);
  expect(warned).toEqual([]);
  expect(await commands.clientAdd({ ...app, organization: 'never' })).toBe(0);
  expect(await commands.clientAdd({ ...app, group: ['roster'] })).toBe(0);
  expect(warned).toEqual([
    expect.stringContaining('--organization never: there is no Organization/never'),
    expect.stringContaining('--group roster: there is no Group/roster'),
  ]);
});

it.each<[object, string | undefined]>([
  [{ role: 'clinician' }, '--organization'],
  [{ role: 'board-of-health' }, '--organization'],
  [{ role: 'individual' }, '--patient or --related-person'],
  [{ role: 'clinician', organization: ['a'] }, undefined],
  [{ role: 'individual', patient: 'mine' }, undefined],
  [{ role: 'administrator' }, undefined],
  [{ role: 'auditor' }, undefined],
])('warns of an account %j that can do nothing', async (options, told) => {
  await add('ann', options);
  expect(warned).toEqual(told === undefined ? [] : [expect.stringContaining(told)]);
});

it.each<[object, string | undefined]>([
  [{ kind: 'public', redirect: ['http://localhost:1/a'] }, '--scope'],
  [{ kind: 'public', scope: 'patient/*.rs' }, '--redirect'],
  [{ kind: 'secret', scope: 'patient/*.rs launch' }, '--redirect'],
  [{ kind: 'secret', scope: 'system/*.rs' }, undefined],
  [{ kind: 'secret', scope: 'https://jenner-iis.org/scope/launch' }, undefined],
  [{ kind: 'public', scope: 'patient/*.rs', redirect: ['http://localhost:1/a'] }, undefined],
])('warns of an app %j that can do nothing', async (options, told) => {
  await commands.clientAdd({ json, name: 'App', ...options });
  expect(warned).toEqual(told === undefined ? [] : [expect.stringContaining(told)]);
});

it('lists where people work, and when they last signed in', async () => {
  await add('ann', { role: 'clinician', organization: ['a', 'b'] });
  said = '';
  await commands.userList({ json: false });
  expect(said).toMatch(/^ann {2}clinician {4}at a, b {2}never signed in\n1 users\n$/);
});

it('tells the audit which roles, scopes and places were given, and no names, addresses and passwords', async () => {
  await add('ann', {
    role: 'clinician',
    organization: ['a', 'b'],
    subject: 'ann@example.org',
    passwordStdin: true,
  });
  await commands.userChange('ann', { json, role: 'auditor', resetCode: true, disabled: true });
  await commands.userChange('ann', { json, disabled: false });
  await add('ada', { role: 'administrator' });
  const { userRemove, clientAdd } = commands;
  await userRemove('ann', { json, as: 'ada' });
  const app = {
    name: 'A',
    kind: 'key',
    jwksUrl: 'https://a.example/k',
    scope: 'system/*.rs',
    group: ['roster'],
  };
  await clientAdd({ json, ...app } as never);
  expect(told).toEqual([
    'user add ann --role clinician --organization a b --subject … --password-stdin',
    'user change ann --role auditor --reset-code --disable',
    'user change ann --enable',
    'user add ada --role administrator',
    'user remove ann --as ada',
    'client add --name … --kind key --jwks-url … --scope system/*.rs --group roster',
  ]);
});

it.each<[unknown, string | undefined]>([
  [goodKeys, undefined],
  [{ keys: 'none' }, 'https://a.example/k: '],
  [new FetchError('no answer'), 'https://a.example/k: no answer; until its keys can be had'],
])('looks at the keys of an app when they are named: %j', async (found, warning) => {
  lies = found;
  const app = { json, name: 'A', kind: 'key', jwksUrl: 'https://a.example/k', scope: 'system/*.rs' } as const;
  expect(await commands.clientAdd(app)).toBe(0);
  const { client_id: id } = JSON.parse(said) as { readonly client_id: string };
  expect(await commands.clientChange(id, { json, jwksUrl: 'https://a.example/k' })).toBe(0);
  const one = warning === undefined ? [] : [expect.stringContaining(warning)];
  expect(warned).toEqual([...one, ...one]);
  // What is not named is not looked at.
  warned.length = 0;
  await commands.clientChange(id, { json, name: 'B' });
  expect(warned).toEqual([]);
});

it('does not let who acts as the last administrator leave none', async () => {
  await add('ada', { role: 'administrator' });
  await add('off', { role: 'administrator' });
  await commands.userDisable('off', { json });
  const ways = [
    () => commands.userRemove('ADA', { json, as: 'ada' }),
    () => commands.userDisable('ada', { json, as: 'ada' }),
    () => commands.userChange('ada', { json, as: 'ada', disabled: true }),
    () => commands.userChange('ada', { json, as: 'ada', role: 'auditor' }),
  ];
  for (const way of ways) await expect(way()).rejects.toThrow('is the last administrator');
  expect(await commands.userChange('ada', { json, as: 'ada', resetPassword: true })).toBe(0);
  await commands.userChange('off', { json, disabled: false });
  expect(await commands.userChange('ada', { json, as: 'ada', role: 'auditor' })).toBe(0);
  expect(await commands.userRemove('off', { json })).toBe(0);
});

it('acts as an administrator, and as nobody else', async () => {
  await add('ada', { role: 'administrator' });
  await add('cli', { role: 'clinician', organization: ['a'] });
  await add('off', { role: 'administrator' });
  await commands.userDisable('off', { json });
  expect(await commands.userList({ json, as: 'ada' })).toBe(0);
  const app = { json, name: 'App', kind: 'public' } as const;
  for (const [as, told] of [
    ['cli', 'only an administrator'],
    ['off', 'is disabled'],
    ['nobody', 'there is no such user'],
  ] as const) {
    for (const run of [
      () => commands.userList({ json, as }),
      () => commands.userAdd('eve', { json, as, role: 'administrator' }),
      () => commands.userChange('cli', { json, as, role: 'administrator' }),
      () => commands.userDisable('ada', { json, as }),
      () => commands.userRemove('ada', { json, as }),
      () => commands.clientAdd({ ...app, as }),
      () => commands.clientList({ json, as }),
      () => commands.clientChange('x', { json, as }),
      () => commands.clientRemove('x', { json, as }),
      () => commands.keysRotate({ json, as, cards: false }),
      () => commands.keysRotate({ json, as, cards: true }),
    ])
      await expect(run()).rejects.toThrow(told);
  }
});

it('rotates keys of tokens, or of health cards, and tells the audit which', async () => {
  await expect(commands.keysRotate({ json, cards: false, stolen: true })).rejects.toThrow('--cards --stolen');
  expect(await commands.keysRotate({ json: false, cards: true, stolen: true })).toBe(0);
  expect(said).toMatch(
    /^signing health cards with key \S{43} from now on; every card that is out is worth nothing\n$/,
  );
  said = '';
  expect(await commands.keysRotate({ json: false, cards: true })).toBe(0);
  expect(said).toMatch(/^signing health cards with key \S{43} from now on\n$/);
  said = '';
  expect(await commands.keysRotate({ json, cards: false })).toBe(0);
  const { kid } = JSON.parse(said);
  expect((await openSigningKeys({ store: server.store, seal, clock: systemClock }).signer()).kid).toBe(kid);
  expect(told).toEqual([
    'keys rotate --stolen',
    'keys rotate --cards --stolen',
    'keys rotate --cards',
    'keys rotate',
  ]);
});

it('ends for good what an account or an app had, when it is disabled or its password is reset', async () => {
  const kept = async (collection: string) => {
    const { records } = await server.store.listRecords({ collection, count: 10 });
    return JSON.parse(records[0]?.value ?? '{}') as {
      readonly grantsFrom?: number;
      readonly tokensFrom?: number;
    };
  };
  const ways = [
    (login: string) => commands.userDisable(login, { json }),
    (login: string) => commands.userChange(login, { json, disabled: true }),
    (login: string) => commands.userChange(login, { json, resetPassword: true }),
  ];
  for (const way of ways) {
    await add('kim', { role: 'administrator' });
    expect(await kept('user')).not.toHaveProperty('grantsFrom');
    await way('kim');
    expect(await kept('user')).toMatchObject({
      grantsFrom: expect.any(Number),
      sessionsFrom: expect.any(Number),
    });
    await commands.userChange('kim', { json, disabled: false });
    expect(await kept('user')).toHaveProperty('grantsFrom');
    await commands.userRemove('kim', { json });
  }
  said = '';
  await commands.clientAdd({
    json,
    name: 'A',
    kind: 'public',
    redirect: ['http://127.0.0.1/cb'],
    scope: 'openid',
  } as never);
  const { client_id } = JSON.parse(said) as { readonly client_id: string };
  await commands.clientChange(client_id, { json, disabled: true });
  await commands.clientChange(client_id, { json, disabled: false });
  expect(await kept('client')).toMatchObject({ tokensFrom: expect.any(Number) });
});

it('joins whom it brings as the server is set, also as an account', async () => {
  await add('brings', { role: 'programme-staff' });
  const matchingOf = async (matching: string) => {
    const config = { parentUntilAge: 18, department: undefined, matching } as never;
    const account = await commandLineAccount(config, server.ctx, server.store, 'brings', 'cli:root');
    const caller = account.callerAs();
    return caller.kind === 'token' ? caller.matching : undefined;
  };
  expect([await matchingOf('automatic'), await matchingOf('off')]).toEqual(['automatic', 'off']);
});

it('sees as an account what the account may, and writes no more', async () => {
  await add('cli', { role: 'clinician', organization: ['a'] });
  const config = { parentUntilAge: 18, department: undefined } as never;
  const account = await commandLineAccount(config, server.ctx, server.store, 'cli', 'cli:root');
  const caller = account.callerAs();
  expect(caller).toMatchObject({ kind: 'token', name: 'client:cli:root user:cli' });
  const ctx = openContext(server.context, server.store, caller);
  const { view } = ctx;
  const sees = async (id: string) => (await view.read({ type: 'Patient', id: id as never })) !== undefined;
  expect([await sees('mine'), await sees('theirs'), await sees('objecting')]).toEqual([true, false, false]);
  const create = (resource: object) =>
    createResource(ctx, { resource: resource as never, exactNumbers: false });
  const dose = create({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
    patient: { reference: 'Patient/mine' },
    occurrenceDateTime: '2021-02-03',
  });
  await expect(dose).resolves.toMatchObject({ version: { type: 'Immunization' } });
  const organization = create({ resourceType: 'Organization', name: 'Mine' });
  await expect(organization).rejects.toMatchObject({ status: 403 });
  await expect(commandLineAccount(config, server.ctx, server.store, 'nobody', 'x')).rejects.toThrow(
    '--as nobody',
  );
});
