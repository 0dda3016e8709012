import type { Worker } from 'node:worker_threads';
import { Problem } from '../../fhir/problem.ts';
import { openAskedThread } from '../../thread/asked-thread.ts';
import { startThread } from '../../thread/start-thread.ts';

export type ToHasher =
  | { readonly id: number; readonly kind: 'hash'; readonly password: string }
  | { readonly id: number; readonly kind: 'verify'; readonly password: string; readonly hash: string };

export type FromHasher =
  | { readonly id: number; readonly hash: string }
  | { readonly id: number; readonly ok: boolean }
  | { readonly id: number; readonly failed: true };

/** Passwords as argon2id hashes, which say themselves how they were made. */
export type Passwords = {
  readonly hash: (password: string) => Promise<string>;
  /** Without a hash (nobody has that login, or they have no password) it is as much work, and false. */
  readonly verify: (password: string, hash: string | undefined) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

const entry = new URL('./password-thread.js', import.meta.url);

/** More than so many that wait are refused: each takes some 70 ms of a processor. */
const mostWaiting = 200;

/** Of no password that anybody knows. */
const nobodys =
  '$argon2id$v=19$m=19456,t=2,p=1$HvA6buoDhJ0LH7RmkmMxog$2I7uQLm8r2PoT8/lI65OmXFaFtt4yHa1CnPb1bujx+g';

export function openPasswords(start: () => Worker = () => startThread(entry)): Passwords {
  const { ask, close } = openAskedThread<ToHasher, FromHasher>({
    start,
    mostWaiting,
    tooMany: () => new Problem('busy', 'Too many people sign in at once; try again'),
    stopped: () => new Problem('busy', 'Passwords cannot be checked now; try again'),
  });
  return {
    hash: async (password) => {
      const answer = await ask((id) => ({ id, kind: 'hash', password: composed(password) }));
      if (!('hash' in answer)) throw new Error('a password could not be hashed');
      return answer.hash;
    },
    verify: async (password, hash) => {
      const made = { kind: 'verify', password: composed(password), hash: hash ?? nobodys } as const;
      const answer = await ask((id) => ({ id, ...made }));
      return hash !== undefined && 'ok' in answer && answer.ok;
    },
    close,
  };
}

/** The same password typed on another keyboard may arrive in another Unicode form (NIST SP 800-63B 5.1.1.2). */
function composed(password: string): string {
  return password.normalize('NFKC');
}

/** NIST SP 800-63B: length counts, composition does not. What is longer than 256 characters only costs time. */
export function isGoodPassword(password: string, login: string): boolean {
  const isTyped = password.length >= 8 && password.length <= 256 && !password.includes('\u0000');
  return isTyped && password.toLowerCase() !== login.toLowerCase() && new Set(password).size > 3;
}
