import { FetchError, type Fetched } from '../auth/clients/fetch-json.ts';
import { parseJwks } from '../auth/clients/jwks.ts';

export type FetchKeys = (url: string) => Promise<Fetched>;

/** Warns of an app whose keys cannot be had: until they can, it gets no token. They may be put there later. */
export async function warnOfKeys(
  jwksUrl: string | undefined,
  fetchKeys: FetchKeys,
  warn: (text: string) => void,
): Promise<void> {
  if (jwksUrl === undefined) return;
  const fault = await faultOf(jwksUrl, fetchKeys);
  if (fault !== undefined)
    warn(`--jwks-url ${jwksUrl}: ${fault}; until its keys can be had it gets no token`);
}

async function faultOf(url: string, fetchKeys: FetchKeys): Promise<string | undefined> {
  try {
    const parsed = parseJwks((await fetchKeys(url)).json);
    return 'fault' in parsed ? parsed.fault : undefined;
  } catch (thrown) {
    if (thrown instanceof FetchError) return thrown.message;
    throw thrown;
  }
}
