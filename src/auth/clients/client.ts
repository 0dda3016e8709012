import type { EpochMs } from '../../values/instant.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import type { Jwks } from './jwks.ts';

/** `public` keeps no secret, `secret` shares one with the server, `key` signs assertions (RFC 7523). */
export const clientKinds = ['public', 'secret', 'key'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** An app that is registered. */
export type Client = {
  readonly id: string;
  readonly name: string;
  readonly kind: ClientKind;
  readonly created: EpochMs;
  /** Where it may have people sent back to; compared letter by letter. */
  readonly redirects: readonly string[];
  /** Where an EHR opens it. */
  readonly launchUrl?: string;
  /** What may be granted to it. */
  readonly scope: string;
  readonly secretHash?: string;
  readonly jwksUrl?: string;
  readonly jwks?: Jwks;
  /** Ids of Groups that it works with. */
  readonly groups: readonly string[];
  /** What becomes of a Patient that it brings; absent: it is kept as it is. */
  readonly matching?: MatchingMode;
  /** How far what it says of people is trusted (0 to 9); absent: as usual. */
  readonly trust?: number;
  /** Id of the Organization that it belongs to. */
  readonly organization?: string;
  /** The `iss` of the JWTs by which it asks by CDS Hooks; absent: it does not. */
  readonly cdsIssuer?: string;
  /** The FHIR server from which CDS Hooks may fetch for it; absent: whichever it names. */
  readonly cdsServer?: string;
  readonly disabled?: true;
  /** Tokens and grants of before are over: it was disabled since. */
  readonly tokensFrom?: EpochMs;
};

/** The origins whose pages the client's own are: where it has people sent back to. */
export function originsOf({ redirects, launchUrl }: Client): readonly string[] {
  const urls = launchUrl === undefined ? redirects : [...redirects, launchUrl];
  const origins = urls.map((url) => new URL(url).origin);
  return [...new Set(origins)].filter((origin) => origin !== 'null');
}

/** Says what is wrong with a redirect or launch URL, or nothing. RFC 8252 and RFC 9700, 2.1. */
export function redirectFault(text: string): string | undefined {
  if (!URL.canParse(text) || /[\s\\]/.test(text)) return 'an absolute URL was expected';
  const url = new URL(text);
  if (text.includes('#')) return 'a redirect has no fragment';
  if (url.username !== '' || url.password !== '') return 'a redirect has no user name';
  if (text.includes('*')) return 'a redirect has no wildcard: it is compared letter by letter';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:') {
    return isLoopbackName(url.hostname) ? undefined : 'http goes only to a loopback address; use https';
  }
  // RFC 8252, 7.1: a private scheme is a domain name turned round, so `javascript:` and `data:` are none.
  return url.protocol.includes('.') ? undefined : 'a scheme of an app holds a domain: com.example.app:/';
}

export function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}
