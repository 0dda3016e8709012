// A real mongod by mongodb-memory-server, where one is installed or can be downloaded.
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';

/** Why no mongod can be had here, or undefined where one can: it is asked before the download, which retries for long. */
async function whyNot() {
  if (process.env.MONGOMS_SYSTEM_BINARY) return undefined;
  const options = await DryMongoBinary.generateOptions();
  if (await DryMongoBinary.locateBinary(options)) return undefined;
  if (/^(0|n|no|false)$/i.test(process.env.MONGOMS_RUNTIME_DOWNLOAD ?? ''))
    return 'MONGOMS_RUNTIME_DOWNLOAD forbids the download';
  try {
    const url = await new MongoBinaryDownloadUrl({
      ...options,
      platform: process.platform,
      arch: process.arch,
    }).getDownloadUrl();
    const { ok, status } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5000) });
    return ok ? undefined : `${url} answers ${status}`;
  } catch (error) {
    return `no download: ${error.cause?.message ?? error.message}`;
  }
}

/** A replica set of one, or undefined, with a word to `log`, where no mongod can be had. */
export async function openMemoryServer(log = () => undefined) {
  const reason = await whyNot();
  if (reason !== undefined) {
    log(`no mongod here (${reason})`);
    return undefined;
  }
  const set = await MongoMemoryReplSet.create({ replSet: { count: 1, storageEngine: 'wiredTiger' } });
  return { name: 'mongod, by mongodb-memory-server', url: set.getUri(), close: () => set.stop() };
}
