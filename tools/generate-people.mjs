// Writes made-up people as NDJSON, a file for each resource type, in constant memory. Needs a built dist/.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import cliProgress from 'cli-progress';

const help = `Usage: node tools/generate-people.mjs --out DIR [options]

Writes Patient.ndjson, Immunization.ndjson and so on. The same options give the same bytes.

  --out DIR            folder for the files; made if it is not there
  --people N           how many people (default 100)
  --seed S             whole number (default 1)
  --as-of YYYY-MM-DD   the day the registry is looked at (default today in UTC)
  --mode demo|bench    demo: histories worth looking at; bench: the same number of doses for all (default demo)
  --doses N            bench: doses for each person (default 7)
  --clinics N          bench: number of clinics (default 200)
  --gzip               write .ndjson.gz
  --help               print this
`;

/** Texts are joined up to this size before they go to the file: one write for some hundred lines. */
const chunkLength = 256 * 1024;
const peoplePerStep = 1000;

class UsageError extends Error {}

async function main() {
  const options = parseOptions();
  if (options === undefined) return process.stdout.write(help);
  const { generateRegistry } = await loadGenerator();
  const started = process.hrtime.bigint();
  await mkdir(options.out, { recursive: true });
  const files = new Map();
  const progress = openProgress(options.people);
  let people = 0;
  let resources = 0;
  for (const resource of generateRegistry(options)) {
    const full = fileFor(files, options, resource.resourceType).add(`${JSON.stringify(resource)}\n`);
    if (full) await full;
    resources++;
    if (resource.resourceType === 'Patient' && ++people % peoplePerStep === 0) progress.update(people);
  }
  await Promise.all([...files.values()].map((file) => file.close()));
  progress.stop(people);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const rate = Math.round(people / seconds).toLocaleString('en');
  console.log(
    `${people} people, ${resources} resources in ${files.size} files: ${seconds.toFixed(1)} s, ${rate} people/s, ` +
      `${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`,
  );
}

async function loadGenerator() {
  try {
    return await import('../dist/demo/generate-registry.js');
  } catch (cause) {
    throw new Error('dist/demo is missing: run npm run build first', { cause });
  }
}

function parseOptions() {
  const text = { type: 'string' };
  const { values } = parse({
    out: text,
    people: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    'as-of': { type: 'string', default: new Date().toISOString().slice(0, 10) },
    mode: { type: 'string', default: 'demo' },
    doses: { type: 'string', default: '7' },
    clinics: { type: 'string', default: '200' },
    gzip: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return undefined;
  if (!values.out) throw new UsageError('--out DIR is missing');
  if (!['demo', 'bench'].includes(values.mode)) {
    throw new UsageError(`--mode is demo or bench, not ${values.mode}`);
  }
  return {
    out: values.out,
    gzip: values.gzip,
    mode: values.mode,
    people: wholeNumber(values, 'people', 0),
    seed: wholeNumber(values, 'seed', 0),
    dosesPerPerson: wholeNumber(values, 'doses', 0),
    clinics: wholeNumber(values, 'clinics', 1),
    asOf: epochDay(values['as-of']),
  };
}

function parse(options) {
  try {
    return parseArgs({ options });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function wholeNumber(values, name, least) {
  const value = Number(values[name]);
  if (!/^[0-9]+$/.test(values[name]) || value < least || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${name} is a whole number from ${least}, not ${values[name]}`);
  }
  return value;
}

function epochDay(text) {
  const ms = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 2026-02-30 for 2 March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    throw new UsageError(`--as-of is a date such as 2026-03-01, not ${text}`);
  }
  return ms / 86_400_000;
}

function fileFor(files, options, type) {
  const known = files.get(type);
  if (known) return known;
  const file = openFile(join(options.out, `${type}.ndjson${options.gzip ? '.gz' : ''}`), options.gzip);
  files.set(type, file);
  return file;
}

/** `add` answers a promise when the disk is behind; the caller waits for it before it makes more. */
function openFile(path, gzip) {
  const head = gzip ? createGzip() : createWriteStream(path);
  const written = gzip ? pipeline(head, createWriteStream(path)) : new Promise(settleWhenClosed(head));
  // The failure is reported where it is awaited; until then it must not end the process by itself.
  written.catch(() => {});
  let chunk = '';
  const flush = () => {
    const room = head.write(chunk);
    chunk = '';
    return room ? undefined : Promise.race([new Promise((done) => head.once('drain', done)), written]);
  };
  return {
    add(line) {
      chunk += line;
      return chunk.length >= chunkLength ? flush() : undefined;
    },
    close() {
      head.end(chunk);
      return written;
    },
  };
}

function settleWhenClosed(stream) {
  return (resolve, reject) => stream.once('close', resolve).once('error', reject);
}

function openProgress(total) {
  if (process.stderr.isTTY) {
    const format = '{bar} {percentage}% | {value}/{total} people | {eta_formatted} left';
    const bar = new cliProgress.SingleBar({ format }, cliProgress.Presets.shades_classic);
    bar.start(total, 0);
    return {
      update: (people) => bar.update(people),
      stop(people) {
        bar.update(people);
        bar.stop();
      },
    };
  }
  let tenth = 1;
  return {
    update(people) {
      if (people < (total * tenth) / 10) return;
      console.error(`${people} of ${total} people`);
      tenth = Math.floor((people / total) * 10) + 1;
    },
    stop() {},
  };
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\nTry --help.` : error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
