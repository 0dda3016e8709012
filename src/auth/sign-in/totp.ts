import { createHmac, randomBytes } from 'node:crypto';
import type { EpochMs } from '../../values/instant.ts';
import { isSameHash } from '../secrets/random-secret.ts';

const stepMs = 30_000;
const digits = 6;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 160 bits in base32 (RFC 4226, 4: R6), as apps take them. */
export function newTotpSecret(): string {
  return base32(randomBytes(20));
}

/** RFC 4226, 5.3, over the time step of RFC 6238. */
export function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/**
 * The time step whose code it is, one before and one after the present among them (RFC 6238, 5.2); undefined when it is
 * none, or not later than the last one that was used.
 */
export function stepOfCode(
  secret: string,
  code: string,
  { now, lastStep }: { readonly now: EpochMs; readonly lastStep: number },
): number | undefined {
  const typed = code.replace(/\s/g, '');
  if (!/^[0-9]{6}$/.test(typed)) return undefined;
  const present = Math.floor(now / stepMs);
  const steps = [present - 1, present, present + 1].filter((step) => step > lastStep);
  return steps.find((step) => isSameHash(codeAt(secret, step), typed));
}

/** What an authenticator app reads from a picture or a link. */
export function totpUri(secret: string, login: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(login)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}

/** 80 bits each, in four groups: nobody guesses one, also not from its hash. */
export function newRecoveryCode(): string {
  return base32(randomBytes(10)).match(/.{4}/g)?.join('-') ?? '';
}

/** As it was shown, however it is typed. */
export function foldRecoveryCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z2-7]/g, '');
}

function base32(bytes: Uint8Array): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
}

function bytesOf(secret: string): Buffer {
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}
