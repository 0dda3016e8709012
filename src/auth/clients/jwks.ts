import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** RFC 7517, as a client registers it: public keys. */
export type Jwks = { readonly keys: readonly ClientKey[] };

export type ClientKey = JsonWebKey & { readonly kid?: string; readonly alg?: string; readonly use?: string };

/** SMART App Launch 2, asymmetric client authentication: the algorithms that a server must accept. */
export const assertionAlgorithms = ['RS384', 'ES384'] as const;
export type AssertionAlgorithm = (typeof assertionAlgorithms)[number];

const mostKeys = 50;
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The keys of a set, or what is wrong with it. Keys for something else are left out. */
export function parseJwks(value: unknown): Jwks | { readonly fault: string } {
  const keys = (value as { readonly keys?: unknown } | null | undefined)?.keys;
  if (!Array.isArray(keys)) return { fault: 'a JWKS has an array `keys`' };
  if (keys.length > mostKeys) return { fault: `a JWKS may have ${mostKeys} keys` };
  const isWhole = keys.every((key) => typeof key === 'object' && key !== null && !Array.isArray(key));
  if (!isWhole) return { fault: 'every key is a JSON object' };
  const all = keys as readonly ClientKey[];
  if (all.some((key) => privateMembers.some((member) => member in key))) {
    return { fault: 'the set holds a private or symmetric key: register public keys alone' };
  }
  const usable = all.filter((key) => algorithmOf(key) !== undefined);
  if (usable.length === 0) return { fault: 'no key for RS384 (RSA, 2048 bits or more) or ES384 (EC, P-384)' };
  const names = usable.map(({ kid }) => kid);
  if (usable.length > 1 && new Set(names).size < names.length) return { fault: 'two keys have the same kid' };
  return { keys: usable };
}

/** The algorithm that a key is for; undefined when it is for none that is accepted. */
function algorithmOf(key: ClientKey): AssertionAlgorithm | undefined {
  const algorithm = algorithmOfType(openKey(key));
  const isSaid = (key.use ?? 'sig') === 'sig' && (key.alg ?? algorithm) === algorithm;
  return isSaid ? algorithm : undefined;
}

function algorithmOfType(key: KeyObject | undefined): AssertionAlgorithm | undefined {
  const { namedCurve, modulusLength = 0 } = key?.asymmetricKeyDetails ?? {};
  if (key?.asymmetricKeyType === 'ec') return namedCurve === 'secp384r1' ? 'ES384' : undefined;
  const isSound = key?.asymmetricKeyType === 'rsa' && modulusLength >= 2048 && modulusLength <= 8192;
  return isSound ? 'RS384' : undefined;
}

function openKey(key: ClientKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** The one key that the header names; undefined when none is, or several are. */
export function chooseKey(
  { keys }: Jwks,
  { alg, kid }: { readonly alg: string; readonly kid: string | undefined },
): KeyObject | undefined {
  const fitting = keys.filter((key) => algorithmOf(key) === alg && (kid === undefined || key.kid === kid));
  const [only, ...others] = fitting;
  return only && others.length === 0 ? openKey(only) : undefined;
}
