import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** What a link's URL ends in; nobody but who has the link knows it. */
export type LinkSecret = string;

/** 256 bits (SMART Health Links, url). */
export function newLinkSecret(): LinkSecret {
  return randomBytes(32).toString('base64url');
}

export function isLinkSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** Under what a link is kept: who reads the store does not learn its URL. */
export function hashOfLink(secret: LinkSecret): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** What its files are encrypted with: drawn anew at each use from the URL and the server's own secret, and kept nowhere. */
export function contentKeyOf(secret: LinkSecret, serverSecret: Uint8Array): Buffer {
  return drawn(secret, serverSecret, 'health link content');
}

/** What is kept of a passcode: who reads the store cannot try the ten thousand that four digits make. */
export function passcodeHashOf(passcode: string, secret: LinkSecret, serverSecret: Uint8Array): string {
  const key = drawn(secret, serverSecret, 'health link passcode');
  return createHmac('sha256', key).update(passcode).digest('base64url');
}

function drawn(secret: LinkSecret, serverSecret: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64url'), serverSecret, use, 32));
}
