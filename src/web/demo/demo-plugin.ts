import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Frame, PersonShown } from '../../pages/auth-pages.ts';
import { askedLanguage } from '../../pages/language.ts';
import { pageHeaders } from '../../pages/page-headers.ts';
import type { TimeZone } from '../../values/time-zone.ts';
import { renderPage } from '../render-page.ts';
import type { DemoUserShown, SampleApp, StubChartShown } from './demo-types.ts';
import { ehrPage } from './ehr-page.tsx';
import { letInByKey } from './let-in.ts';
import { samplePage } from './sample-page.tsx';
import { signInAs } from './sign-in-as.ts';
import { startPage } from './start-page.tsx';

export type DemoOptions = {
  /** What the address holds that opens the pages; absent where nobody else can reach them. */
  readonly key?: string | undefined;
  readonly publicUrl: string;
  /** Where the registry is. */
  readonly zone: TimeZone;
  readonly assets: Readonly<
    Record<'styles' | 'icon' | 'sampleScript' | 'sampleStyles', { readonly path: string }>
  >;
  readonly users: readonly DemoUserShown[];
  readonly openers: readonly string[];
  readonly sampleApp: SampleApp;
  readonly curl: string;
  /** What became of the passwords that are shown, and how they are set back; absent where nobody asks. */
  readonly passwords?: DemoPasswords;
  /** Whose charts the page that plays the EHR has. */
  readonly people: () => Promise<readonly PersonShown[]>;
  /** The EHR with a server of its own, from which Jenner's own app is opened. */
  readonly stub: {
    readonly iss: string;
    readonly charts: readonly StubChartShown[];
    readonly launchFor: (patient: string) => string | undefined;
  };
  /** Who works with that EHR. */
  readonly ehrUser: string;
  /** A token of the client that the EHR is: it says which patient an app is opened for. */
  readonly ehrToken: () => Promise<string>;
};

export type DemoPasswords = {
  /** Logins that are no longer signed in to by the password that is shown. */
  readonly changed: () => Promise<readonly string[]>;
  readonly restore: (login: string) => Promise<void>;
};

/** The start page of `jenner demo`, the EHR that it plays, and the sample app. Only the demo has it. */
export async function demoPlugin(app: FastifyInstance, options: DemoOptions): Promise<void> {
  const { assets, publicUrl, sampleApp } = options;
  const render = renderPage({ styles: assets.styles.path, icon: assets.icon.path }, options.zone);
  const [start, ehr] = [render(startPage), render(ehrPage)];
  if (options.key !== undefined) letInByKey(app, options.key);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
  app.get('/demo', async (request, reply) => {
    // A cookie of `localhost` is none of 127.0.0.1: the demo stays where its apps are registered.
    if (request.headers.host !== new URL(publicUrl).host) return reply.redirect(publicUrl + request.url, 303);
    const changed = (await options.passwords?.changed()) ?? [];
    const { charts } = options.stub;
    return sendPage(reply, start({ ...frameOf(request), ...options, charts, changed }));
  });
  app.post('/demo/restore', async (request, reply) => {
    const login = fieldOf(request, 'user');
    const isKnown = options.users.some((user) => user.login === login);
    if (!isKnown || !isOwnForm(request, publicUrl)) return refuse(reply);
    await options.passwords?.restore(login);
    return reply.redirect(`${publicUrl}/demo`, 303);
  });
  app.get('/demo/ehr', async (request, reply) =>
    sendPage(reply, ehr({ ...frameOf(request), people: await options.people() })),
  );
  app.post('/demo/launch', async (request, reply) => {
    const launch = new URL(`${publicUrl}/demo/app/launch`);
    launch.searchParams.set('iss', `${publicUrl}/fhir`);
    return goAs(app, options, { request, reply, login: fieldOf(request, 'user'), to: launch.href });
  });
  app.post('/demo/open', async (request, reply) => {
    const login = fieldOf(request, 'user');
    return goAs(app, options, { request, reply, login, to: `${publicUrl}/app` });
  });
  app.post('/demo/own-app', async (request, reply) => {
    const launch = isOwnForm(request, publicUrl)
      ? options.stub.launchFor(fieldOf(request, 'patient'))
      : undefined;
    if (launch === undefined) return refuse(reply);
    const to = new URL(`${publicUrl}/app/launch`);
    to.search = new URLSearchParams({ iss: options.stub.iss, launch }).toString();
    return reply.redirect(to.href, 303);
  });
  app.post('/demo/ehr', async (request, reply) => {
    if (!isOwnForm(request, publicUrl)) return refuse(reply);
    const to = await prepareLaunch(app, options, fieldOf(request, 'patient'));
    return goAs(app, options, { request, reply, login: options.ehrUser, to });
  });
  const page = samplePage(sampleApp, { script: assets.sampleScript.path, styles: assets.sampleStyles.path });
  for (const url of ['/demo/app', '/demo/app/launch'])
    app.get(url, (_request, reply) => sendPage(reply, page));
}

type Going = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly login: string;
  readonly to: string;
};

/** Signs the browser in as somebody of the demo, and sends it on. */
async function goAs(app: FastifyInstance, options: DemoOptions, going: Going): Promise<FastifyReply> {
  const { request, reply, login, to } = going;
  const user = options.users.find((one) => one.login === login);
  if (!user || !isOwnForm(request, options.publicUrl)) return refuse(reply);
  return reply.header('set-cookie', await signInAs(app, user)).redirect(to, 303);
}

/** As an EHR does it: server to server, with a token of its own. */
async function prepareLaunch(app: FastifyInstance, options: DemoOptions, patient: string): Promise<string> {
  const answer = await app.inject({
    method: 'POST',
    url: '/auth/launch',
    headers: { authorization: `Bearer ${await options.ehrToken()}`, 'content-type': 'application/json' },
    payload: JSON.stringify({ client_id: options.sampleApp.clientId, user: options.ehrUser, patient }),
  });
  if (answer.statusCode !== 201) throw new Error(`the demo's EHR was answered ${answer.statusCode}`);
  return String((answer.json() as { readonly url: unknown }).url);
}

/** Nobody else's page signs a browser in. */
function isOwnForm({ headers }: FastifyRequest, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined ? headers.origin === new URL(publicUrl).origin : site === 'same-origin';
}

function refuse(reply: FastifyReply): FastifyReply {
  return reply.status(403).type('text/plain; charset=utf-8').send('This did not come from the demo.');
}

function fieldOf({ body }: FastifyRequest, name: string): string {
  return new URLSearchParams(typeof body === 'string' ? body : '').get(name) ?? '';
}

function frameOf({ url, headers }: FastifyRequest): Frame {
  const { cookie } = headers;
  const { language } = askedLanguage(url, { cookie, acceptLanguage: headers['accept-language'] });
  return { language, csrf: '', here: url };
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.headers(pageHeaders()).send(html);
}
