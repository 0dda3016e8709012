import { createCipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

/** A compact JWE: the key itself (dir), A256GCM, deflated, a fresh IV each time (SMART Health Links, Encrypting files). */
export function encryptFile(key: Uint8Array, contentType: string, text: string): string {
  const header = JSON.stringify({ alg: 'dir', enc: 'A256GCM', zip: 'DEF', cty: contentType });
  const protectedHeader = Buffer.from(header).toString('base64url');
  const iv = randomBytes(12);
  // RFC 7516, 5.1: what is authenticated besides is the header as it stands in the JWE.
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(protectedHeader));
  const body = Buffer.concat([cipher.update(deflateRawSync(text)), cipher.final()]);
  const parts = [iv, body, cipher.getAuthTag()].map((bytes) => bytes.toString('base64url'));
  // There is no encrypted key where the key is agreed on.
  return [protectedHeader, '', ...parts].join('.');
}
