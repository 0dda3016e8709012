// npm run bench -- dedupe [PEOPLE] [--doses N] [--profile FOLDER]
// What `jenner dedupe --matching automatic` takes and finds among PEOPLE made-up ones (20,000 when absent) on SQLite, of whom
// three in a hundred were reported again: minutes, CPU, memory, and who was joined with whom by the generator's truth.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { openContext } from '../dist/interaction/context.js';
import { loadServerContext } from '../dist/shipped/server-context.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { fillPeople } from './matching-registry.mjs';

const limits = { minutesOfAMillion: 20, peakMegabytes: 1024, falseJoins: 0 };

export async function run(args = []) {
  const people = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 20_000);
  const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const doses = Number(option('--doses') ?? 0);
  const profile = option('--profile');
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const context = await loadServerContext({
    baseUrl: 'http://127.0.0.1/fhir',
    profiles: [],
    declaredProfiles: 'ignore',
  });
  const folder = mkdtempSync(join(tmpdir(), 'jenner-dedupe-'));
  const path = join(folder, 'people.sqlite');
  try {
    const filled = await openSqliteStore({ path });
    const { reports } = await fillPeople(filled, context, { people, doses, again: 3 });
    await filled.close();
    const cost = await dedupe(folder, path, flags);
    const store = await openSqliteStore({ path });
    const found = await judge(openContext(context, store, { kind: 'open' }));
    await store.close();
    const result = { people, reportedAgain: reports, ...cost, ...found, limits };
    for (const [name, value] of Object.entries(result))
      console.log(`${name.padEnd(16)} ${JSON.stringify(value)}`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command itself, in a process of its own. */
async function dedupe(folder, path, flags) {
  const report = join(folder, 'report.json');
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [...flags, main, 'dedupe', '--matching', 'automatic', '--all', '--report', report],
    {
      env: { ...process.env, JENNER_STORE: `sqlite:${path}`, JENNER_DATA: folder, JENNER_AUTH: 'off' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  let used = { peakMegabytes: undefined, cpuSeconds: undefined };
  const watch = setInterval(() => {
    used = usedBy(child.pid) ?? used;
  }, 250);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`jenner dedupe ended with ${code}`);
  const { joined, asked, askedOfDoses, byReason } = JSON.parse(readFileSync(report, 'utf8'));
  const minutes = Math.round((performance.now() - started) / 600) / 100;
  return { minutes, ...used, joined, asked, askedOfDoses, byReason };
}

/** As Linux tells it; undefined elsewhere. */
function usedBy(pid) {
  try {
    const [, peak = ''] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return {
      peakMegabytes: Math.round(Number(peak) / 1024),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    };
  } catch {
    return undefined;
  }
}

/** Who was joined with somebody else, and who with the person that was meant. */
async function judge({ view }) {
  const falseJoins = [];
  let rightJoins = 0;
  let after;
  const tag = { system: 'https://jenner-iis.org/fhir/CodeSystem/record', code: 'person' };
  const filter = { kind: 'value', param: '_tag', test: { kind: 'token', anyOf: [tag] } };
  do {
    const query = { types: ['Patient'], filter, sort: [], count: 500 };
    const page = await view.search(after === undefined ? query : { ...query, after });
    for (const { text } of page.matches) {
      const sources = (JSON.parse(text).link ?? []).filter(({ type }) => type === 'seealso');
      const numbers = new Set(sources.map(({ other }) => other.reference.split('-')[1]));
      if (numbers.size > 1) falseJoins.push(sources.map(({ other }) => other.reference));
      else rightJoins++;
    }
    after = page.next;
  } while (after !== undefined);
  return { rightJoins, falseJoins: falseJoins.length, someFalse: falseJoins.slice(0, 10) };
}
