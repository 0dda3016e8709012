import { type LookupAddress, lookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { parseFhirJson } from '../../fhir/fhir-json.ts';

/** Why something was not fetched; no word of what the other side answered. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  /** Of an answer that was not what was asked for; absent where there was none. */
  readonly status: number | undefined;

  constructor(text: string, { status, cause }: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(text, { cause });
    this.status = status;
  }
}

export type Fetched = {
  readonly json: unknown;
  /** Seconds for which it may be kept (RFC 9111); undefined when the answer does not say. */
  readonly maxAge: number | undefined;
};

export type FetchOptions = {
  /** Whether it may lie on this machine or its network, and be asked without https. */
  readonly allowPrivate: boolean;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Any success will do, and what is answered with it is not read. */
  readonly isWrite?: boolean;
  /** Of the answer; 256 KiB when absent. */
  readonly mostBytes?: number;
  /** How names become addresses; that of the system when absent. */
  readonly resolve?: Resolve;
};

export type Resolve = (
  host: string,
  found: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

const longestMs = 5000;
const usualBytes = 256 * 1024;

/**
 * What lies at a URL that somebody else has named. The address is looked at where the connection is made, so that no
 * second look-up can answer otherwise; redirects are not followed.
 */
export function fetchJson(url: string, options: FetchOptions): Promise<Fetched> {
  const { protocol, hostname } = new URL(url);
  const { allowPrivate } = options;
  const isHttp = protocol === 'http:' && allowPrivate;
  if (protocol !== 'https:' && !isHttp) return Promise.reject(new FetchError('https was expected'));
  // A host that is an address is not looked up.
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(literal) !== 0 && !isPublicAddress(literal)) return Promise.reject(inside());
  return new Promise((resolve, reject) => {
    const send = isHttp ? requestHttp : requestHttps;
    const sent = send(url, {
      method: options.method ?? 'GET',
      headers: { accept: 'application/json', ...options.headers },
      lookup: guardedLookup(options),
      signal: AbortSignal.timeout(longestMs),
      agent: false,
    });
    sent.on('error', (cause) => reject(cause instanceof FetchError ? cause : failure('no answer', cause)));
    sent.on('response', (response) => readAnswer(response, options).then(resolve, reject));
    sent.end(options.body);
  });
}

function failure(text: string, cause?: unknown): FetchError {
  return new FetchError(text, { cause });
}

function inside(): FetchError {
  return new FetchError('the address lies inside the network of this server');
}

const resolveBySystem: Resolve = (host, found) => lookup(host, { all: true }, found);

function guardedLookup({ allowPrivate, resolve = resolveBySystem }: FetchOptions): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, addresses) => {
      const [first] = addresses ?? [];
      const refusal = error ?? judgeAddresses(addresses, allowPrivate);
      if (refusal || !first) callback(refusal ?? failure('no such host'), []);
      else if (options.all) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

function judgeAddresses(addresses: readonly LookupAddress[], allowPrivate: boolean): FetchError | undefined {
  return allowPrivate || addresses.every(({ address }) => isPublicAddress(address)) ? undefined : inside();
}

async function readAnswer(response: IncomingMessage, { isWrite, mostBytes }: FetchOptions): Promise<Fetched> {
  const { statusCode: status = 0 } = response;
  if (isWrite && (status === 200 || status === 201 || status === 204)) {
    response.destroy();
    return { json: undefined, maxAge: undefined };
  }
  if (status !== 200) {
    response.destroy();
    const isElsewhere = status >= 300 && status < 400;
    throw new FetchError(isElsewhere ? 'redirects are not followed' : 'the answer is no 200', { status });
  }
  return readJson(response, mostBytes ?? usualBytes);
}

async function readJson(response: IncomingMessage, mostBytes: number): Promise<Fetched> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > mostBytes) throw failure('the answer is too long');
    pieces.push(piece);
  }
  try {
    const json = parseAnswer(Buffer.concat(pieces).toString('utf8'));
    return { json, maxAge: maxAgeOf(response.headers['cache-control']) };
  } catch (cause) {
    throw failure('the answer is no JSON', cause);
  }
}

/** How its numbers were written is kept, unless it has what is JSON and not FHIR's. */
export function parseAnswer(text: string): unknown {
  const parsed = parseFhirJson(text);
  return parsed.ok ? parsed.value : (JSON.parse(text) as unknown);
}

function maxAgeOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/\bno-(?:store|cache)\b/i.test(header)) return 0;
  const age = /\bmax-age=([0-9]{1,9})\b/i.exec(header)?.[1];
  return age === undefined ? undefined : Number(age);
}

/** IANA's special-purpose registries: what is not reached over the Internet. */
const specialV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** In IPv6 only 2000::/3 is in use; of it these hold IPv4 addresses, or are for documents. */
const specialV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const special = new BlockList();
for (const [network, bits] of specialV4) special.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of specialV6) special.addSubnet(network, bits, 'ipv6');
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');

/** Whether it may be somebody else's machine: not this one, nor one of its network. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  const version = isIP(plain);
  if (version === 4) return !special.check(plain, 'ipv4');
  return version === 6 && globalV6.check(plain, 'ipv6') && !special.check(plain, 'ipv6');
}
