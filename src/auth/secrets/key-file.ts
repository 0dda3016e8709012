import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OperatorError } from '../../values/operator-error.ts';
import { type Seal, toSeal } from './seal.ts';

export type KeyPlace = {
  /** Named by the operator: it must be there. */
  readonly file: string | undefined;
  /** Where one is made when none is named. */
  readonly data: string;
};

/** The seal of the installation; its key file is made at the first start, readable by its owner alone. */
export function openSeal({ file, data }: KeyPlace): Seal {
  const path = file ?? join(data, 'keys', 'seal.key');
  if (file === undefined) makeKeyFile(path);
  return toSeal(readKey(path));
}

/** For a store that ends with the process. */
export function passingSeal(): Seal {
  return toSeal(randomBytes(32));
}

/** Of two servers that start at once one makes it. */
function makeKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
}

function readKey(path: string): Buffer {
  const mode = modeOf(path);
  if ((mode & 0o077) !== 0) {
    throw new OperatorError(`${path}: only its owner may read the key file (chmod 600)`);
  }
  const text = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new OperatorError(`${path}: 64 hexadecimal digits were expected (openssl rand -hex 32)`);
  }
  return Buffer.from(text, 'hex');
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch (cause) {
    throw new OperatorError(`${path}: the key file is not there (openssl rand -hex 32 makes one)`, { cause });
  }
}
