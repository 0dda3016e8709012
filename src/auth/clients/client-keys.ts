import type { KeyObject } from 'node:crypto';
import type { Client } from './client.ts';
import { FetchError, type Fetched } from './fetch-json.ts';
import { chooseKey, type Jwks, parseJwks } from './jwks.ts';

export type KeyName = { readonly alg: string; readonly kid: string | undefined };

/** The key that a client has signed with; undefined when there is none, or its keys cannot be had. */
export type ClientKeys = (client: Client, name: KeyName) => Promise<KeyObject | undefined>;

/** Undefined keys: they could not be had. */
type Loaded = { readonly jwks: Jwks | undefined; readonly freshMs: number };

/** Those who ask at the same time wait for the same answer. */
type Cached = { readonly loaded: Promise<Loaded>; readonly askedAt: number };

const usualMs = 5 * 60_000;
const shortestMs = 1000;
const longestMs = 60 * 60_000;
/** A name that is not known, and a failure, make the server ask again, but no more often. */
const askedAgainMs = 30_000;
const mostCached = 1000;

type Fetch = (url: string) => Promise<Fetched>;

/** `now` answers milliseconds from any fixed moment. Keys are kept as long as their server says, an hour at most. */
export function openClientKeys(fetch: Fetch, now: () => number): ClientKeys {
  const cache = new Map<string, Cached>();
  const load = (url: string): Cached => {
    if (cache.size >= mostCached) cache.clear();
    const cached = { loaded: loadKeys(fetch, url), askedAt: now() };
    cache.set(url, cached);
    cached.loaded.catch(() => cache.delete(url));
    return cached;
  };
  const known = async (url: string): Promise<Cached> => {
    const cached = cache.get(url);
    const isFresh = cached && now() - cached.askedAt < (await cached.loaded).freshMs;
    return isFresh ? cached : load(url);
  };
  return async ({ jwks, jwksUrl }, name) => {
    if (jwksUrl === undefined) return jwks && chooseKey(jwks, name);
    const cached = await known(jwksUrl);
    const key = await keyIn(cached, name);
    if (key || now() - cached.askedAt < askedAgainMs) return key;
    return keyIn(load(jwksUrl), name);
  };
}

async function keyIn({ loaded }: Cached, name: KeyName): Promise<KeyObject | undefined> {
  const { jwks } = await loaded;
  return jwks && chooseKey(jwks, name);
}

/** Keys that are no longer fresh are no keys, even where none can be had: the client may have taken one back. */
async function loadKeys(fetch: Fetch, url: string): Promise<Loaded> {
  try {
    const { json, maxAge } = await fetch(url);
    const jwks = parseJwks(json);
    if ('fault' in jwks) return { jwks: undefined, freshMs: askedAgainMs };
    const asked = maxAge === undefined ? usualMs : maxAge * 1000;
    return { jwks, freshMs: Math.min(Math.max(asked, shortestMs), longestMs) };
  } catch (thrown) {
    if (thrown instanceof FetchError) return { jwks: undefined, freshMs: askedAgainMs };
    throw thrown;
  }
}
