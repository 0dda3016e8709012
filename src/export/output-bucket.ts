import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ListObject, S3mini, S3ServiceError, type UploadPart } from 's3mini';
import { isGzip, mediaTypeOf } from './file-type.ts';
import { type Output, type OutputFile, OutputFullError, type StoredFile, safeName } from './output.ts';
import { packInto } from './pack.ts';
import { openThreadedGzip, type PackPieces } from './threaded-gzip.ts';

/** A bucket of storage that speaks S3, and where in it exports lie. */
export type Bucket = {
  /** `https://HOST/BUCKET`, without what its name is signed by. */
  readonly url: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
  /** Before every key; ends with a slash, unless it is empty. */
  readonly prefix: string;
  /** Whether whoever may fetch a file is sent to the bucket for it. */
  readonly isLinked: boolean;
};

export type BucketOptions = {
  /** Of a part; one is sent while the next is filled. S3 takes no smaller ones than 5 MiB, and 10,000 of them. */
  readonly partBytes?: number;
  /** Milliseconds that the storage has for one part. */
  readonly timeoutMs?: number;
};

const usualPart = 8 * 1024 * 1024;
const usualTimeout = 120_000;
/** Seconds that a link holds. */
const linkHolds = 300;
const attempts = 4;
const listedAtOnce = 1000;

/** Exports in a bucket, `ID/NAME` below the prefix. Several servers that know the bucket have them in common. */
export function openOutputBucket(bucket: Bucket, options: BucketOptions = {}): Output {
  const { partBytes = usualPart, timeoutMs = usualTimeout } = options;
  const access = { accessKeyId: bucket.keyId, secretAccessKey: bucket.secret };
  const client = { ...access, endpoint: bucket.url, region: bucket.region };
  const pack = openThreadedGzip();
  const s3 = new S3mini({ ...client, requestAbortTimeout: timeoutMs });
  // A download lasts as long as its client takes.
  const reading = new S3mini(client);
  const keyOf = (id: string, name: string) => `${bucket.prefix}${safeName(id)}/${safeName(name)}`;
  return {
    create: async (id, name) => createObject({ s3, pack, partBytes }, keyOf(id, name)),
    open: (id, name) => openObject({ s3, reading, isLinked: bucket.isLinked }, keyOf(id, name)),
    remove: async (id) => {
      const keys: string[] = [];
      for await (const { Key } of objectsBelow(s3, `${bucket.prefix}${safeName(id)}/`)) keys.push(Key);
      for (let at = 0; at < keys.length; at += listedAtOnce) {
        const some = keys.slice(at, at + listedAtOnce);
        const gone = await again(() => s3.deleteObjects(some));
        if (gone.includes(false)) throw new Error('the storage did not delete all files of the export');
      }
    },
    list: async () => {
      const touched = new Map<string, number>();
      for await (const { Key, LastModified } of objectsBelow(s3, bucket.prefix)) {
        const [id = ''] = Key.slice(bucket.prefix.length).split('/');
        touched.set(id, Math.max(touched.get(id) ?? 0, Number(LastModified)));
      }
      return [...touched].map(([id, at]) => ({ id, touched: at }));
    },
  };
}

async function* objectsBelow(s3: S3mini, prefix: string): AsyncGenerator<ListObject> {
  let next: string | undefined;
  do {
    const after = next;
    const page = await again(() => s3.listObjectsPaged('/', prefix, listedAtOnce, after)).catch((cause) => {
      throw new Error('the storage of exports cannot be listed', { cause });
    });
    yield* page?.objects ?? [];
    next = page?.nextContinuationToken;
  } while (next !== undefined);
}

type Creating = { readonly s3: S3mini; readonly pack: PackPieces; readonly partBytes: number };

/** It is there under its key when it is whole: parts of one that was given up are thrown away. */
function createObject({ s3, pack, partBytes }: Creating, key: string): OutputFile {
  const parts: UploadPart[] = [];
  let waiting: Buffer[] = [];
  let held = 0;
  let upload: string | undefined;
  let sending: Promise<void> | undefined;
  const takeHeld = () => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    held = 0;
    return bytes;
  };
  const send = async (bytes: Buffer, number: number): Promise<void> => {
    upload ??= await again(() => s3.getMultipartUploadId(key, mediaTypeOf(key)));
    const id = upload;
    parts.push(await again(() => s3.uploadPart(key, id, bytes, number)));
  };
  let sent = 0;
  const packing = packInto(
    async (packed) => {
      waiting.push(packed);
      held += packed.length;
      if (held < partBytes) return;
      // So one part is on its way and one is being filled, however slow the storage is.
      await sending;
      sending = send(takeHeld(), ++sent);
      sending.catch(() => undefined);
    },
    { name: key, pack },
  );
  const complete = async () => {
    if (sent === 0) {
      const whole = takeHeld();
      await again(() => s3.putObject(key, whole, mediaTypeOf(key)));
      return;
    }
    await sending;
    if (held > 0) await send(takeHeld(), ++sent);
    const done = await s3.completeMultipartUpload(key, upload ?? '', parts);
    // A failure may come with a status of success.
    if (typeof done.etag !== 'string') throw new Error('the storage did not put the parts together');
    upload = undefined;
  };
  return {
    write: (bytes) => full(packing.write(bytes)),
    finish: async () => {
      const bytes = await full(packing.end());
      await full(complete());
      if ((await sizeOf(s3, key)) !== bytes) throw new Error('the storage kept another size than was sent');
      return bytes;
    },
    abandon: async () => {
      await packing.stop();
      await sending?.catch(() => undefined);
      if (upload !== undefined) await s3.abortMultipartUpload(key, upload).catch(() => undefined);
    },
  };
}

type Opening = { readonly s3: S3mini; readonly reading: S3mini; readonly isLinked: boolean };

async function openObject({ s3, reading, isLinked }: Opening, key: string): Promise<StoredFile | undefined> {
  const bytes = await sizeOf(s3, key);
  if (bytes === undefined) return undefined;
  return {
    bytes,
    read: (range) => Readable.from(piecesOf(reading, key, range)),
    ...(isLinked && {
      link: () =>
        s3.getPresignedUrl('GET', key, linkHolds, {
          ...(isGzip(key) && { 'response-content-encoding': 'gzip' }),
          'response-content-type': mediaTypeOf(key),
        }),
    }),
  };
}

async function* piecesOf(
  s3: S3mini,
  key: string,
  range: { readonly first: number; readonly last: number } | undefined,
): AsyncGenerator<Uint8Array> {
  const answer = await again(() =>
    range ? s3.getObjectRaw(key, false, range.first, range.last + 1) : s3.getObjectRaw(key),
  );
  // The types of browsers, which some package brings along, do not know that a body is iterable.
  if (answer.body) yield* answer.body as unknown as AsyncIterable<Uint8Array>;
}

/** Undefined where there is no such object. */
async function sizeOf(s3: S3mini, key: string): Promise<number | undefined> {
  try {
    return await again(() => s3.getContentLength(key));
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}

/** Everything that is sent may be sent twice. */
async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      const status = statusOf(thrown);
      const mayPass = status === undefined || status >= 500 || status === 429;
      if (!mayPass || isFull(thrown) || attempt === attempts) throw thrown;
      await sleep(100 * 4 ** attempt * Math.random());
    }
  }
}

/** Undefined: no answer came. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof S3ServiceError) return thrown.status;
  return thrown instanceof Error && thrown.cause !== undefined ? statusOf(thrown.cause) : undefined;
}

const fullCodes: ReadonlySet<string | undefined> = new Set([
  'QuotaExceeded',
  'InsufficientCapacity',
  'XMinioStorageFull',
  'StorageFull',
]);

function isFull(thrown: unknown): boolean {
  return thrown instanceof S3ServiceError && (thrown.status === 507 || fullCodes.has(thrown.serviceCode));
}

/** What the storage says in its own words stays out: it may name the key that was used. */
async function full<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    if (isFull(cause))
      throw new OutputFullError('the storage has no room for the files of the export', { cause });
    const status = statusOf(cause);
    if (status === undefined) throw cause;
    throw new Error(`the storage of exports refuses to keep a file: status ${status}`, { cause });
  }
}
