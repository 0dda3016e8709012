import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { OperatorError } from '../../values/operator-error.ts';
import { type PieceReader, readPieces } from './read-pieces.ts';

/*
 * A sealed file: a mark, a salt, and frames. A frame is its length, AES-256-GCM of at most a MiB, and the tag. The key
 * comes from the key file and the salt, so that no two files share one; the nonce is the number of the frame and whether
 * it is the last, so that frames cannot be left out, repeated, put in another order or cut off.
 */
const mark = Buffer.from('JENNER-SEALED-1\n');
const saltBytes = 32;
const frameBytes = 1024 * 1024;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/** The file is not what was sealed by this key. */
export class SealError extends OperatorError {
  override readonly name = 'SealError';
}

/** Seals a stream of bytes by the content of a key file. */
export async function* seal(plain: AsyncIterable<Buffer>, secret: Buffer): AsyncGenerator<Buffer> {
  const salt = randomBytes(saltBytes);
  const key = keyOf(secret, salt);
  yield Buffer.concat([mark, salt]);
  let number = 0;
  let held: Buffer[] = [];
  let length = 0;
  for await (const piece of plain) {
    held.push(piece);
    length += piece.length;
    if (length < frameBytes) continue;
    const all = Buffer.concat(held);
    let from = 0;
    for (; all.length - from > frameBytes; from += frameBytes) {
      yield sealFrame(all.subarray(from, from + frameBytes), key, number++, false);
    }
    held = [all.subarray(from)];
    length = all.length - from;
  }
  yield sealFrame(Buffer.concat(held), key, number, true);
}

/** What was sealed. Throws a SealError at the first frame that is not as it was; what came before it may be used for nothing. */
export async function* unseal(sealed: AsyncIterable<Buffer>, secret: Buffer): AsyncGenerator<Buffer> {
  const reader = readPieces(sealed);
  if (!(await reader.take(mark.length))?.equals(mark)) throw new SealError('this is no backup of Jenner');
  const salt = await reader.take(saltBytes);
  if (!salt) throw new SealError(damaged);
  const key = keyOf(secret, salt);
  for (let number = 0, isLast = false; !isLast; number++) {
    const frame = await takeFrame(reader);
    isLast = await reader.isAtEnd();
    const plain = frame && unsealFrame(frame, key, number, isLast);
    if (!plain) throw new SealError(number === 0 ? wrongKey : damaged);
    yield plain;
  }
}

async function takeFrame({ take }: PieceReader): Promise<Buffer | undefined> {
  const length = (await take(4))?.readUInt32BE(0);
  return length === undefined || length > frameBytes ? undefined : take(length + tagBytes);
}

const wrongKey = 'the key is not the one it was sealed by, or the file is damaged';
const damaged = 'the file is damaged or not whole';

function keyOf(secret: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, 'jenner backup 1', 32));
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 0);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

function sealFrame(plain: Buffer, key: Buffer, number: number, isLast: boolean): Buffer {
  const sealing = createCipheriv(cipher, key, nonceOf(number, isLast));
  const sealed = Buffer.concat([sealing.update(plain), sealing.final()]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(sealed.length, 0);
  return Buffer.concat([length, sealed, sealing.getAuthTag()]);
}

/** Undefined when it is not what was sealed as the frame of this number. */
function unsealFrame(frame: Buffer, key: Buffer, number: number, isLast: boolean): Buffer | undefined {
  const opening = createDecipheriv(cipher, key, nonceOf(number, isLast));
  opening.setAuthTag(frame.subarray(frame.length - tagBytes));
  const plain = opening.update(frame.subarray(0, frame.length - tagBytes));
  try {
    return Buffer.concat([plain, opening.final()]);
  } catch {
    return undefined;
  }
}
