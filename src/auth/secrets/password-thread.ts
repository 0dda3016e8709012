import { randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { argon2id, argon2Verify } from 'hash-wasm';
import type { FromHasher, ToHasher } from './passwords.ts';

// A thread that hashes: a hash takes longer than anybody else may be kept waiting.
const port = parentPort;
if (!port) throw new Error('Passwords are hashed by a worker thread.');

/** OWASP Password Storage: argon2id with 19 MiB, two passes, one lane. */
const cost = { memorySize: 19_456, iterations: 2, parallelism: 1, hashLength: 32 } as const;

async function answer(message: ToHasher): Promise<FromHasher> {
  const { id, password } = message;
  if (message.kind === 'verify') return { id, ok: await argon2Verify({ password, hash: message.hash }) };
  const hash = await argon2id({ ...cost, password, salt: randomBytes(16), outputType: 'encoded' });
  return { id, hash };
}

port.on('message', (message: ToHasher) => {
  answer(message).then(
    (done) => port.postMessage(done),
    () => port.postMessage({ id: message.id, failed: true } satisfies FromHasher),
  );
});
