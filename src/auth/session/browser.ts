import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import { deviceLifeMs } from '../sign-in/devices.ts';
import type { User } from '../users/user.ts';
import { type Session, sessionKey } from './sessions.ts';

/** The browser that sends a request, and who has signed in with it. */
export type Browser = {
  /** What its cookie holds; before anybody has signed in it only ties forms to the browser that asked for them. */
  readonly cookie: string;
  readonly key: string;
  readonly csrf: string;
  readonly signedIn?: { readonly session: Session; readonly user: User };
};

export type SignedIn = Browser & { readonly signedIn: NonNullable<Browser['signedIn']> };

export function isSignedIn(browser: Browser): browser is SignedIn {
  return browser.signedIn !== undefined;
}

/** Gives the browser a cookie where it has none. */
export async function readBrowser(
  server: AuthServer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Browser> {
  const sent = cookieOf(request, cookieName(server));
  const cookie = sent ?? newSecret();
  if (sent === undefined) setCookie(server, reply, cookie);
  const key = sessionKey(cookie);
  // A form of one browser is worth nothing in another; whoever has the token does not have the cookie.
  const browser = { cookie, key, csrf: hashSecret(`csrf ${cookie}`) };
  const session = sent === undefined ? undefined : await server.sessions.touch(key);
  const user = session && (await userOf(server, session));
  return session && user ? { ...browser, signedIn: { session, user } } : browser;
}

async function userOf({ users }: AuthServer, { login, subject, since }: Session): Promise<User | undefined> {
  const user = await users.read(login);
  const isGood = user?.subject === subject && !user.disabled && since >= (user.sessionsFrom ?? 0);
  return isGood ? user : undefined;
}

/** A new cookie: one that was there before somebody signed in may be known to others. */
export async function beginSession(server: AuthServer, reply: FastifyReply, user: User): Promise<void> {
  setCookie(server, reply, await server.sessions.begin(user));
}

export async function endSession(server: AuthServer, reply: FastifyReply, { key }: Browser): Promise<void> {
  await server.sessions.end(key);
  reply.header('set-cookie', `${cookieName(server)}=; Max-Age=0; ${attributesOf(server)}`);
}

/** What the browser has kept of an earlier time that somebody signed in by it. */
export function deviceOf(server: AuthServer, request: FastifyRequest): string | undefined {
  return cookieOf(request, `${cookieName(server)}-device`);
}

/** Lets the browser be known again: whoever has signed in by it is not kept out by the wrong passwords of others. */
export async function rememberDevice(
  server: AuthServer,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
): Promise<void> {
  const device = deviceOf(server, request) ?? newSecret();
  await server.devices.remember(device, user);
  const lasts = `Max-Age=${deviceLifeMs / 1000}`;
  reply.header('set-cookie', `${cookieName(server)}-device=${device}; ${lasts}; ${attributesOf(server)}`);
}

/** RFC 6265bis: a name with this prefix is set by this host alone, over https. */
function cookieName({ issuer }: AuthServer): string {
  return issuer.startsWith('https:') ? '__Host-jenner' : 'jenner';
}

function setCookie(server: AuthServer, reply: FastifyReply, value: string): void {
  reply.header('set-cookie', `${cookieName(server)}=${value}; ${attributesOf(server)}`);
}

function attributesOf({ issuer }: AuthServer): string {
  return `Path=/; HttpOnly; SameSite=Lax${issuer.startsWith('https:') ? '; Secure' : ''}`;
}

/** A cookie beside that of the session. */
export function setOwnCookie(server: AuthServer, reply: FastifyReply, suffix: string, value: string): void {
  reply.header('set-cookie', `${cookieName(server)}${suffix}=${value}; ${attributesOf(server)}`);
}

export function ownCookieOf(request: FastifyRequest, server: AuthServer, suffix: string): string | undefined {
  return cookieOf(request, `${cookieName(server)}${suffix}`);
}

/** Undefined for what this server has not made. */
function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [key = '', value = ''] = pair.trim().split('=');
    if (key === name && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}
