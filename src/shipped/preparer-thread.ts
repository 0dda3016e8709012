import { parentPort, workerData } from 'node:worker_threads';
import { placeId } from '../interaction/place-id.ts';
import { prepareAhead } from '../interaction/prepare-ahead.ts';
import { parseTimeZone, utc } from '../values/time-zone.ts';
import { loadServerContext } from './server-context.ts';
import type { FromPreparer, PreparerData, ToPreparer } from './threaded-preparer.ts';

// The thread that parses, validates and indexes what an import brings.
const port = parentPort;
if (!port) throw new Error('What prepares an import runs as a worker thread.');

const say = (message: FromPreparer) => port.postMessage(message);

const { settings, zone, caller } = workerData as PreparerData;
const timeZone = parseTimeZone(zone ?? '') ?? utc;
const ctx = { ...(await loadServerContext({ ...settings, timeZone })), caller };

port.on('message', ({ texts, places }: ToPreparer) => {
  try {
    const ahead = texts.map((text, i) => prepareAhead(ctx, text, () => placeId(places[i] ?? '')));
    say({ kind: 'prepared', ahead });
  } catch (thrown) {
    say({ kind: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
say({ kind: 'ready' });
