import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3mini } from 's3mini';
import S3rver from 's3rver';
import { processEnvironment } from '../../src/config.ts';
import type { Bucket } from '../../src/export/output-bucket.ts';

export type TestBucket = {
  readonly bucket: Bucket;
  /** Whether it looks at what requests are signed by. */
  readonly checksSignatures: boolean;
  readonly close: () => Promise<void>;
};

/** The bucket at JENNER_TEST_S3_URL (http://KEY:SECRET@HOST:PORT/BUCKET), else one of a storage that is started here. */
export async function openTestBucket(): Promise<TestBucket> {
  const given = processEnvironment()['JENNER_TEST_S3_URL'];
  const { url, keyId, secret, close } = given === undefined ? await startServer() : ofUrl(given);
  const prefix = `test-${randomUUID()}/`;
  const bucket = { url, region: 'us-east-1', keyId, secret, prefix, isLinked: false };
  return { bucket, checksSignatures: await isRefused({ ...bucket, secret: 'wrong' }), close };
}

async function isRefused({ url, region, keyId, secret }: Bucket): Promise<boolean> {
  const wrong = new S3mini({ accessKeyId: keyId, secretAccessKey: secret, endpoint: url, region });
  return (await wrong.objectExists('none').catch(() => 'refused')) === 'refused';
}

function ofUrl(text: string) {
  const { origin, pathname, username, password } = new URL(text);
  return { url: origin + pathname, keyId: username, secret: password, close: async () => undefined };
}

/** Speaks S3, and takes any signature. */
async function startServer() {
  const directory = mkdtempSync(join(tmpdir(), 'jenner-s3-'));
  const configureBuckets = [{ name: 'exports' }];
  const address = { address: '127.0.0.1', port: 0, vhostBuckets: false };
  const server = new S3rver({ ...address, silent: true, directory, configureBuckets });
  const { port } = await server.run();
  return {
    url: `http://127.0.0.1:${port}/exports`,
    keyId: 'S3RVER',
    secret: 'S3RVER',
    close: async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
