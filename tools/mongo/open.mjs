import { openEngine } from '../mongo-stand-in/engine.mjs';
import { openMemoryServer } from './memory-server.mjs';
import { probe } from './probe.mjs';

/** Without these no test says anything: a MongoDB that fails one is broken, not limited. */
const essential = [
  'unique-index',
  'unique-under-race',
  'compare-and-swap-updateOne',
  'compare-and-swap-replaceOne',
  'elem-match',
  'update-pipeline',
  'concern-majority',
];

/**
 * A MongoDB for tests: the one at JENNER_TEST_MONGO_URL; else mongod; else the engine made from packages.
 * `lacks` names the checks of tools/mongo/probe.mjs that it fails: found by asking it, whatever it calls itself.
 * Where it has `crash` and `restart`, a test may kill it and start it again on the same data.
 */
export async function openTestMongo(log = () => undefined) {
  const given = process.env.JENNER_TEST_MONGO_URL;
  const server = given
    ? { name: 'JENNER_TEST_MONGO_URL', url: given, close: async () => undefined }
    : ((await openMemoryServer(log)) ?? (await openEngine(log)));
  try {
    const failed = (await probe(server.url)).filter(({ ok }) => !ok);
    const broken = failed.find(({ name }) => essential.includes(name));
    if (broken) throw new Error(`${server.name} is unfit for tests: ${broken.name}: ${broken.detail}`);
    return { ...server, lacks: failed.map(({ name }) => name) };
  } catch (error) {
    await server.close();
    throw error;
  }
}
