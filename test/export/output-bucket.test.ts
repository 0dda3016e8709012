import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { openExports } from '../../src/export/exports.ts';
import { OutputFullError, type StoredFile } from '../../src/export/output.ts';
import { openOutputBucket } from '../../src/export/output-bucket.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { clockIn, systemClock } from '../../src/values/clock.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import { utc } from '../../src/values/time-zone.ts';
import { openTestBucket } from './test-bucket.ts';

const { bucket, checksSignatures, close } = await openTestBucket();
afterAll(() => close());

async function textOf(file: StoredFile | undefined): Promise<string> {
  return gunzipSync(await bytesOf(file)).toString();
}
async function bytesOf(file: StoredFile | undefined, ...range: Parameters<StoredFile['read']>) {
  const pieces: Uint8Array[] = [];
  for await (const piece of file?.read(...range) ?? []) pieces.push(piece as unknown as Uint8Array);
  return Buffer.concat(pieces);
}
const lines = (text: string) => new TextEncoder().encode(text);
/** As much as does not get smaller by packing. */
const large = () => randomBytes(4 * 1024 * 1024).toString('base64');

describe('exports in a bucket', () => {
  it('keep a small file, which is there when it is whole', async () => {
    const output = openOutputBucket(bucket);
    const file = await output.create('small', 'Patient-1.ndjson.gz');
    await file.write(lines('{"a":1}\n'));
    await file.write(lines('{"a":2}\n'));
    expect(await output.open('small', 'Patient-1.ndjson.gz')).toBeUndefined();
    const bytes = await file.finish();
    const found = await output.open('small', 'Patient-1.ndjson.gz');
    expect(found?.bytes).toBe(bytes);
    expect(await textOf(found)).toBe('{"a":1}\n{"a":2}\n');
    expect(found?.link).toBeUndefined();
    const whole = await bytesOf(found);
    expect(await bytesOf(found, { first: 3, last: 9 })).toEqual(whole.subarray(3, 10));
  });

  it('send a large file in parts, and read it back as it was', async () => {
    const output = openOutputBucket(bucket, { partBytes: 5 * 1024 * 1024 });
    const file = await output.create('large', 'Patient-1.ndjson.gz');
    const texts = [large(), large(), large()];
    for (const text of texts) await file.write(lines(text));
    expect(await output.open('large', 'Patient-1.ndjson.gz')).toBeUndefined();
    const bytes = await file.finish();
    expect(bytes).toBeGreaterThan(10 * 1024 * 1024);
    expect((await textOf(await output.open('large', 'Patient-1.ndjson.gz'))) === texts.join('')).toBe(true);
  });

  it('leave nothing of a file that is given up', async () => {
    const output = openOutputBucket(bucket, { partBytes: 5 * 1024 * 1024 });
    const file = await output.create('given-up', 'Patient-1.ndjson.gz');
    for (let n = 0; n < 3; n++) await file.write(lines(large()));
    await file.abandon();
    expect(await output.open('given-up', 'Patient-1.ndjson.gz')).toBeUndefined();
    expect((await output.list()).map(({ id }) => id)).not.toContain('given-up');
  });

  it('are listed, and each is removed without the others, by another server too', async () => {
    const [one, other] = [openOutputBucket(bucket), openOutputBucket(bucket)];
    for (const id of ['listed', 'listed-too']) {
      for (const name of ['a.gz', 'b.gz']) {
        const file = await one.create(id, name);
        await file.write(lines('x\n'));
        await file.finish();
      }
    }
    const listed = (await other.list()).filter(({ id }) => id.startsWith('listed'));
    expect(listed.map(({ id }) => id).sort()).toEqual(['listed', 'listed-too']);
    for (const { touched } of listed) expect(Math.abs(touched - Date.now())).toBeLessThan(60_000);
    await other.remove('listed');
    expect(await one.open('listed', 'a.gz')).toBeUndefined();
    expect(await textOf(await one.open('listed-too', 'b.gz'))).toBe('x\n');
    await other.remove('nothing');
  });

  it('are taken away when nothing is known of them any more', async () => {
    const output = openOutputBucket(bucket);
    const file = await output.create('expired', 'a.gz');
    await file.write(lines('x\n'));
    await file.finish();
    const store = await openSqliteStore({ path: ':memory:' });
    let now = systemClock.now();
    const clock = clockIn(utc, { now: () => now });
    const exports = openExports({ store, clock, output, submit: async () => true });
    await exports.sweep();
    expect(await output.open('expired', 'a.gz')).toBeDefined();
    now = (now + 2 * 3600 * 1000) as EpochMs;
    await exports.sweep();
    expect(await output.open('expired', 'a.gz')).toBeUndefined();
    await store.close();
  });

  it('have links that hold for a while where that is asked for', async () => {
    const output = openOutputBucket({ ...bucket, isLinked: true });
    const file = await output.create('linked', 'a.gz');
    await file.write(lines('{"linked":1}\n'));
    await file.finish();
    const link = (await (await output.open('linked', 'a.gz'))?.link?.()) ?? '';
    expect(new URL(link).searchParams.get('X-Amz-Expires')).toBe('300');
    expect(await (await fetch(link)).text()).toBe('{"linked":1}\n');
  });

  it('take no name that leads out of them', async () => {
    const output = openOutputBucket(bucket);
    await expect(output.create('..', 'a')).rejects.toThrow('no name');
    await expect((async () => output.open('id', '../a'))()).rejects.toThrow('no name');
    await expect((async () => output.remove('a/b'))()).rejects.toThrow('no name');
  });

  // What is started for the tests takes any signature; JENNER_TEST_S3_URL may name one that does not.
  it.skipIf(!checksSignatures)('are for who has the key alone, which is in no message', async () => {
    const output = openOutputBucket({ ...bucket, secret: 'not-the-secret', isLinked: true });
    const file = await output.create('wrong', 'a.gz');
    await file.write(lines('x\n'));
    const failed = await file.finish().catch((thrown: Error) => thrown);
    expect(failed).toMatchObject({ message: 'the storage of exports refuses to keep a file: status 403' });
    await file.abandon();
    await expect(output.list()).rejects.toThrow(/^the storage of exports cannot be listed$/);
    const own = openOutputBucket({ ...bucket, isLinked: true });
    const kept = await own.create('linked', 'b.gz');
    await kept.write(lines('x\n'));
    await kept.finish();
    const link = (await (await own.open('linked', 'b.gz'))?.link?.()) ?? '';
    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link.replace(/Signature=../, 'Signature=zz'))).status).toBe(403);
    expect((await fetch(link.split('?')[0] ?? '')).status).toBe(403);
  });
});

describe('a storage that fails', () => {
  /** Answers each request with the next of these, the last one for good. */
  const answering = async (statuses: readonly (readonly [status: number, code?: string | undefined])[]) => {
    const asked: string[] = [];
    const server = createServer((request, reply) => {
      const [status, code] = statuses[Math.min(asked.length, statuses.length - 1)] ?? [500];
      asked.push(`${request.method} ${status}`);
      request.resume();
      request.on('end', () => {
        reply.writeHead(status, { 'content-type': 'application/xml', etag: '"e"' });
        reply.end(request.method === 'HEAD' ? '' : `<Error><Code>${code ?? 'X'}</Code></Error>`);
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const output = openOutputBucket({ ...bucket, url: `http://127.0.0.1:${port}/b` });
    return { output, asked, close: () => server.close() };
  };

  it('is told to forget the parts of a file that is given up', async () => {
    const asked: string[] = [];
    const server = createServer((request, reply) => {
      asked.push(`${request.method} ${request.url?.replace(/partNumber=\d+&/, '')}`);
      request.resume();
      request.on('end', () => {
        const begun = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';
        const isLost = request.method === 'PUT';
        reply.writeHead(isLost ? 403 : 200, { 'content-type': 'application/xml' });
        reply.end(request.method === 'POST' ? begun : '');
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const output = openOutputBucket(
      { ...bucket, url: `http://127.0.0.1:${port}/b`, prefix: '' },
      { partBytes: 5 * 1024 * 1024 },
    );
    const file = await output.create('lost', 'a.gz');
    const writing = (async () => {
      for (let n = 0; n < 6; n++) await file.write(lines(large()));
      await file.finish();
    })();
    await expect(writing).rejects.toThrow('status 403');
    await file.abandon();
    expect([asked[0], asked.at(-1)]).toEqual([
      'POST /b/lost/a.gz?uploads=',
      'DELETE /b/lost/a.gz?uploadId=u',
    ]);
    server.close();
  });

  it.each([[507], [403, 'QuotaExceeded']] as const)('is full by %s', async (status, code?: string) => {
    const { output, close: end } = await answering([[status, code]]);
    const file = await output.create('full', 'a.gz');
    await file.write(lines('x\n'));
    await expect(file.finish()).rejects.toThrow(OutputFullError);
    end();
  });

  it('is asked again when it was busy, and fails the file when it stays so', async () => {
    const busy = await answering([[503], [500], [200], [200]]);
    const file = await busy.output.create('busy', 'a.gz');
    await file.write(lines('x\n'));
    await expect(file.finish()).rejects.toThrow('another size than was sent');
    expect(busy.asked).toEqual(['PUT 503', 'PUT 500', 'PUT 200', 'HEAD 200']);
    busy.close();
    const dead = await answering([[503]]);
    const lost = await dead.output.create('busy', 'a.gz');
    await lost.write(lines('x\n'));
    await expect(lost.finish()).rejects.toThrow('status 503');
    expect(dead.asked).toHaveLength(4);
    dead.close();
  });
});
