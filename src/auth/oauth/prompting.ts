import type { EpochMs } from '../../values/instant.ts';
import type { Session } from '../session/sessions.ts';
import type { Form } from './form.ts';

/** How somebody is to be asked who they are, and whether they consent (OpenID Connect Core, 3.1.2.1). */
export type Prompting = {
  /** `prompt=none`: no page may be shown. */
  readonly isSilent: boolean;
  /** `prompt=login`, and `select_account`, which is to say by another login. */
  readonly asksLogin: boolean;
  /** `prompt=consent`: also where it is remembered. */
  readonly asksConsent: boolean;
  /** Milliseconds for which signing in counts. */
  readonly maxAge?: number;
  /** The login that the app supposes. */
  readonly hint?: string;
  /** Who has signed in since then has done so for this request. */
  readonly since?: EpochMs;
};

/** What a request says of it, or what is wrong with that. */
export function readPrompting(form: Form): Prompting | { readonly fault: string } {
  const prompts = (form.get('prompt') ?? '').split(' ').filter((one) => one !== '');
  const [maxAge, hint, since] = [form.get('max_age'), form.get('login_hint'), form.get(sinceParameter)];
  if (prompts.includes('none') && prompts.length > 1)
    return { fault: 'prompt=none goes with no other prompt' };
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge))
    return { fault: 'max_age must be a number of seconds' };
  return {
    isSilent: prompts.includes('none'),
    asksLogin: prompts.includes('login') || prompts.includes('select_account'),
    asksConsent: prompts.includes('consent'),
    ...(maxAge !== undefined && { maxAge: Number(maxAge) * 1000 }),
    ...(hint !== undefined && { hint }),
    ...(since !== undefined && /^\d{1,15}$/.test(since) && { since: Number(since) as EpochMs }),
  };
}

/** Whether a session, as it stands, is not enough. */
export function mustSignIn({ asksLogin, maxAge, since }: Prompting, session: Session, now: EpochMs): boolean {
  if (since !== undefined && since <= now && session.since >= since) return false;
  return asksLogin || (maxAge !== undefined && now - session.since > maxAge);
}

/** Of our own: it goes with a request that is gone on with once somebody has signed in. An app gains nothing by it. */
const sinceParameter = 'signed_in_since';

/** The request, to be gone on with by who signs in from now on. */
export function onceSignedIn(url: string, now: EpochMs): string {
  const [path = '', query = ''] = url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set(sinceParameter, String(now));
  return `${path}?${parameters}`;
}

/** Whether who goes on there is to sign in though a session is there. */
export function isSignedInAnew(next: string): boolean {
  return new URLSearchParams(next.slice(next.indexOf('?') + 1)).has(sinceParameter);
}
