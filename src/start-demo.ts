import type { Patient } from 'fhir/r4.js';
import { type Epoch, openEpoch } from './auth/epoch.ts';
import { openTokens } from './auth/oauth/tokens.ts';
import { openPasswords } from './auth/secrets/passwords.ts';
import { newSecret } from './auth/secrets/random-secret.ts';
import { openThrottle } from './auth/sign-in/throttle.ts';
import { openUsers } from './auth/users/user-records.ts';
import { addDemoAccounts, type DemoAccounts, demoInterface } from './cli/demo-accounts.ts';
import { chartsOf } from './cli/demo-charts.ts';
import { fillWithDemo, forecastCurl, forecastGreeted, type Greeting } from './cli/demo-command.ts';
import { sendDemoReports } from './cli/demo-reports.ts';
import type { Config } from './config.ts';
import { demoMessage } from './hl7v2/demo/demo-message.ts';
import { demoMessagePlugin } from './hl7v2/demo/demo-message-plugin.ts';
import { type InteractionContext, openContext } from './interaction/context.ts';
import { addDemoEhr } from './open-demo-ehr.ts';
import { openStore } from './open-store.ts';
import { loadKnowledgeBases } from './shipped/knowledge-bases.ts';
import { scheduleSettings } from './shipped/schedule-settings.ts';
import { loadWebAssets } from './shipped/web-assets.ts';
import { type Ground, openGround, type StartOptions, startServer } from './start-server.ts';
import type { Store } from './store/contract/store.ts';
import type { Clock } from './values/clock.ts';
import type { EpochMs } from './values/instant.ts';
import { isLoopback } from './values/is-loopback.ts';
import { parseResourceId } from './values/resource-id.ts';
import { type DemoPasswords, demoPlugin } from './web/demo/demo-plugin.ts';
import { stubEhrPlugin } from './web/demo/stub-ehr-plugin.ts';

type Server = Parameters<typeof demoPlugin>[0];

export type DemoStart = {
  readonly config: Config;
  readonly people: number;
  /** Who writes the made-up people. */
  readonly operator: string;
  readonly options: StartOptions;
};

export type RunningDemo = {
  readonly server: Awaited<ReturnType<typeof startServer>>;
  readonly store: Store;
  readonly greeting: Greeting;
};

const minute = 60_000;
const day = 24 * 60 * minute;

/** A server in memory, filled with made-up people; with access control it has accounts, apps and a start page too. */
export async function startDemo({ config, people, operator, options }: DemoStart): Promise<RunningDemo> {
  const store = await openStore({ kind: 'sqlite-memory' });
  const ground = await openGround(config, store);
  const { context } = ground;
  const ctx = openContext(context, store, { kind: 'system', name: operator });
  const today = context.clock.today();
  const resources = await fillWithDemo(ctx, people, today);
  const schedules = scheduleSettings(loadKnowledgeBases(config.data), config);
  const person = await forecastGreeted(ctx, people, today, schedules);
  const settings = {
    ...config,
    hl7Port: config.hl7Port ?? usualHl7Port,
    hl7Account: config.hl7Account ?? demoInterface,
  };
  const listening: { hl7Port?: number } = {};
  const onHl7Port = (port: number | undefined) => {
    if (port !== undefined) listening.hl7Port = port;
  };
  const shown = { ...options, showsParts: true };
  const more = config.hl7Port === undefined ? { ...shown, onHl7Port } : shown;
  if (config.hl7Port !== undefined) listening.hl7Port = config.hl7Port;
  const entrances = [...(options.entrances ?? []), messageEntrance(ctx, person?.id)];
  const filled = { ground, ctx, people, shown: person?.id };
  const doors = config.auth === 'off' ? undefined : await openDoors(config, filled);
  if (doors) entrances.push(...doors.entrances);
  const server = await startServer(settings, ground, {
    ...more,
    entrances,
    ...(doors && { fetchEhr: doors.fetchEhr }),
  });
  if (doors) await sendDemoReports(server, ctx, doors.logins.users);
  const greeting = {
    url: config.publicUrl,
    resources,
    ...(person && { person, ...listening }),
    ...(doors && { logins: doors.logins }),
  };
  return { store, server, greeting };
}

/** The port that MLLP has by custom. */
const usualHl7Port = 2575;

/** A message of the person that is shown, to try the doors of HL7 v2 with. */
function messageEntrance(ctx: InteractionContext, shown: string | undefined) {
  const { clock } = ctx;
  const message = async () => {
    const id = shown === undefined ? undefined : parseResourceId(shown);
    const found = id === undefined ? undefined : await ctx.view.read({ type: 'Patient', id });
    const person = JSON.parse(found?.text ?? '{"resourceType":"Patient"}') as Patient;
    return demoMessage({ person, today: clock.today(), controlId: ctx.newId() });
  };
  return (app: Server) => demoMessagePlugin(app, { message });
}

type Filled = {
  readonly ground: Ground;
  readonly ctx: InteractionContext;
  readonly people: number;
  /** Whose forecast is asked for by the printed command. */
  readonly shown: string | undefined;
};

/** Accounts, apps, a token, and the page that leads to them. */
async function openDoors({ host, publicUrl }: Config, { ground, ctx, people, shown }: Filled) {
  const { store, context } = ground;
  const { clock } = context;
  const epoch = openEpoch(store);
  const accounts = await withPasswords((passwords) =>
    addDemoAccounts({ store, epoch, clock, passwords, publicUrl, people }),
  );
  const { backend, ehr, sample } = accounts.clients;
  const stub = await addDemoEhr({ store, clock, publicUrl, people });
  const tokens = openTokens(store, clock, epoch);
  const issue = ({ client_id, scope }: typeof backend, lasts: number) =>
    tokens.issue({
      kind: 'access',
      client: client_id,
      scopes: scope.split(' '),
      until: (clock.now() + lasts) as EpochMs,
    });
  const token = await issue(backend, day);
  const key = isLoopback(host) ? undefined : newSecret();
  const options = {
    key,
    publicUrl,
    zone: clock.zone,
    assets: loadWebAssets(),
    users: accounts.users,
    openers: openersOf(accounts),
    sampleApp: { clientId: sample.client_id, redirect: sample.redirect ?? '', scope: shownScopes },
    curl: forecastCurl(publicUrl, shown ?? 'demo-p-000001', token),
    people: () => chartsOf(ctx),
    passwords: await demoPasswords(store, epoch, clock, accounts),
    stub: { charts: stub.charts, launchFor: stub.ehr.launchFor, iss: stub.ehr.iss },
    ehrUser: 'clinician',
    ehrToken: () => issue(ehr, minute),
  };
  return {
    entrances: [(app: Server) => demoPlugin(app, options), (app: Server) => stubEhrPlugin(app, stub.ehr)],
    fetchEhr: stub.fetch,
    logins: {
      start: `${publicUrl}/demo${key === undefined ? '' : `?key=${key}`}`,
      users: accounts.users,
      clients: Object.values(accounts.clients),
      token,
    },
  };
}

/** People try to change a password, and find the way back on the page where they began. */
async function demoPasswords(
  store: Store,
  epoch: Epoch,
  clock: Clock,
  { users }: DemoAccounts,
): Promise<DemoPasswords> {
  const records = openUsers(store, epoch);
  const first = new Map<string, string | undefined>();
  for (const { login } of users) first.set(login, (await records.read(login))?.passwordHash);
  return {
    changed: async () => {
      const changed: string[] = [];
      for (const [login, hash] of first) {
        const user = await records.read(login);
        if (user?.passwordHash !== hash || user?.secondFactor || user?.disabled) changed.push(login);
      }
      return changed;
    },
    restore: async (login) => {
      const passwordHash = first.get(login);
      if (passwordHash === undefined) return;
      await records.change(login, ({ secondFactor: _, disabled: __, ...user }) => ({
        ...user,
        passwordHash,
      }));
      await openThrottle(store, clock).forget(login);
    },
  };
}

/** What the sample app asks for: to tell who is there, and to show their vaccines. */
const shownScopes =
  'openid fhirUser offline_access patient/Patient.rs patient/Immunization.rs patient/ImmunizationRecommendation.rs ' +
  'patient/ImmunizationEvaluation.rs patient/Observation.rs patient/Condition.rs ' +
  'patient/AllergyIntolerance.rs patient/Procedure.rs';

function hasUser({ users }: DemoAccounts, login: string): boolean {
  return users.some((user) => user.login === login);
}

function openersOf(accounts: DemoAccounts): readonly string[] {
  return ['patient', 'parent', 'clinician'].filter((login) => hasUser(accounts, login));
}

async function withPasswords<Result>(
  work: (passwords: ReturnType<typeof openPasswords>) => Promise<Result>,
): Promise<Result> {
  const passwords = openPasswords();
  try {
    return await work(passwords);
  } finally {
    await passwords.close();
  }
}
