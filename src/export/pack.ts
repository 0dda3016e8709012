import { PassThrough, type Transform } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { isGzip } from './file-type.ts';

export type Packing = {
  /** Resolves when more may be packed; rejects where `take` has. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Resolves with the size of what came of it when all was taken. */
  readonly end: () => Promise<number>;
  /** Nothing is taken after it. */
  readonly stop: () => Promise<void>;
};

const usualLevel = 6;
/** What zlib hands on at once: fewer, larger writes. */
const chunkSize = 256 * 1024;

export type PackedFile = {
  /** Says whether it is packed. */
  readonly name: string;
  readonly level?: number | undefined;
};

/** Packs by gzip, in the thread pool, what is to be packed. `take` is given one piece after the other. */
export function packInto(
  take: (packed: Buffer) => Promise<void>,
  { name, level = usualLevel }: PackedFile,
): Packing {
  const gzip = isGzip(name)
    ? createGzip({ level, chunkSize, strategy: constants.Z_DEFAULT_STRATEGY })
    : new PassThrough({ highWaterMark: chunkSize });
  const taken = takeAll(gzip, take);
  // A failure is told to whoever writes or ends next.
  taken.catch(() => undefined);
  return {
    write: (bytes) => Promise.race([push(gzip, bytes), taken.then(() => undefined)]),
    end: () => {
      gzip.end();
      return taken;
    },
    stop: async () => {
      gzip.destroy();
      await taken.catch(() => undefined);
    },
  };
}

/** Resolves when zlib takes more. */
function push(gzip: Transform, bytes: Uint8Array): Promise<void> {
  if (gzip.write(bytes)) return Promise.resolve();
  return new Promise((resolve) => gzip.once('drain', resolve));
}

async function takeAll(gzip: Transform, take: (packed: Buffer) => Promise<void>): Promise<number> {
  let bytes = 0;
  for await (const chunk of gzip) {
    const packed = chunk as Buffer;
    await take(packed);
    bytes += packed.length;
  }
  return bytes;
}
