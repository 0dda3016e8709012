// SMART App Launch 2.2 as a public app does it: discovery, PKCE, code, token. Nothing of it is Jenner's own.

export type App = { readonly clientId: string; readonly redirect: string; readonly scope: string };

/** What an app has been given. */
export type Access = {
  readonly iss: string;
  readonly token: string;
  readonly patient: string;
  readonly scope: string;
};

type Pending = {
  readonly state: string;
  readonly verifier: string;
  readonly iss: string;
  readonly issuer: string;
  readonly tokenUrl: string;
};

const pendingKey = 'sample-app-pending';

/** Sends the browser to the server to sign in and to ask; with a `launch` an EHR has opened the app. */
export async function beginLaunch(app: App, iss: string, launch: string | null): Promise<void> {
  const answer = await fetch(`${iss}/.well-known/smart-configuration`, {
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`The server says ${answer.status} when it is asked how to sign in.`);
  const { authorization_endpoint, token_endpoint, issuer } = (await answer.json()) as Record<string, string>;
  const verifier = randomText();
  const pending: Pending = {
    state: randomText(),
    verifier,
    iss,
    issuer: issuer ?? '',
    tokenUrl: token_endpoint ?? '',
  };
  sessionStorage.setItem(pendingKey, JSON.stringify(pending));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: app.redirect,
    scope: `${launch === null ? 'launch/patient' : 'launch'} ${app.scope}`,
    state: pending.state,
    aud: iss,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: 'S256',
    ...(launch !== null && { launch }),
  });
  location.assign(`${authorization_endpoint}?${query}`);
}

/** What the server sent back with the browser, made into access; throws an Error in words when there is none. */
export async function endLaunch(app: App, query: URLSearchParams): Promise<Access> {
  const pending = takePending();
  if (!pending || query.get('state') !== pending.state) {
    throw new Error('This answer does not belong to a start of this app. Please start again.');
  }
  // RFC 9207: an answer of another server must not get this one's code.
  const from = query.get('iss');
  if (from !== null && from !== pending.issuer) throw new Error('This answer came from another server.');
  const code = query.get('code');
  if (code === null) throw new Error(refusal(query));
  return redeem(app, pending, code);
}

async function redeem(app: App, { tokenUrl, iss, verifier }: Pending, code: string): Promise<Access> {
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: app.redirect,
      client_id: app.clientId,
      code_verifier: verifier,
    }),
  });
  if (!answer.ok) throw new Error(`The server says ${answer.status} to the code it gave.`);
  const { access_token, patient, scope } = (await answer.json()) as Record<string, string>;
  if (!access_token || !patient) throw new Error('No person was chosen.');
  return { iss, token: access_token, patient, scope: scope ?? '' };
}

function refusal(query: URLSearchParams): string {
  if (query.get('error') === 'access_denied') return 'You did not allow this app to see the record.';
  return query.get('error_description') ?? query.get('error') ?? 'The server gave no code.';
}

/** Once only: a page that is loaded again must not redeem again. */
function takePending(): Pending | undefined {
  const kept = sessionStorage.getItem(pendingKey);
  sessionStorage.removeItem(pendingKey);
  return kept === null ? undefined : (JSON.parse(kept) as Pending);
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
