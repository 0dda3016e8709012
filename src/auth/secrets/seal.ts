import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { OperatorError } from '../../values/operator-error.ts';

/** Keeps secrets that the server must be able to read again: AES-256-GCM under the key of the installation. */
export type Seal = {
  /** `purpose` must be named again to open it: what was sealed for one thing is worth nothing as another. */
  readonly close: (purpose: string, plain: string) => string;
  /** Throws an OperatorError when it was sealed by another key or changed. */
  readonly open: (purpose: string, sealed: string) => string;
};

const ivBytes = 12;
const tagBytes = 16;

export function toSeal(key: Uint8Array): Seal {
  return {
    close: (purpose, plain) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open: (purpose, sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        const body = decipher.update(bytes.subarray(ivBytes + tagBytes));
        return Buffer.concat([body, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new OperatorError(
          'The key file does not open what the store holds sealed: use the one that this store was begun with ' +
            '(JENNER_KEY_FILE, or keys/ in JENNER_DATA)',
          { cause },
        );
      }
    },
  };
}
