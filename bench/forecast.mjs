// npm run bench -- forecast [PASSES] [OTHER]
// Microseconds a patient for the whole forecast, over all CDSi cases, and the time to load the schedule; beside the engine what
// `$immds-forecast` costs over HTTP, and the states of a population from the store. Beside the engine of OTHER, another
// checkout that is built, in turns within this process, where it is given.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileSchedule } from '../dist/forecast/compile-schedule.js';
import { explainForecast, forecast } from '../dist/forecast/forecast.js';
import { parseScheduleData } from '../dist/forecast/read-schedule-data.js';
import { answerSchedules } from '../dist/registry/forecasting/answer-schedules.js';
import { loadKnowledgeBases } from '../dist/shipped/knowledge-bases.js';
import { formatEpochDay } from '../dist/values/epoch-day.js';
import { parseEpochDay } from '../dist/values/partial-date.js';
import { measureRequests } from './forecast-requests.mjs';

const root = new URL('..', import.meta.url);
const limits = {
  medianMicroseconds: 300,
  loadMilliseconds: 150,
  twoSchedules: 2,
  other: 1.2,
  stored: 3,
  sent: 3,
  population: 1.3,
};

/** Prints the figures and returns them; `args` may hold the number of passes over all cases (default 30), and OTHER. */
export async function run(args = []) {
  const passes = Number(args[0] ?? 30);
  if (!Number.isSafeInteger(passes) || passes < 10)
    throw new Error(`passes: ${args[0]} is no number from 10`);
  const load = measureLoad();
  const cases = readCases();
  const { schedule } = load;
  const first = timeEach(schedule, cases.slice(0, 10));
  const warm = [];
  for (let pass = 1; pass <= passes; pass++) warm.push(timeEach(schedule, cases));
  const all = warm.slice(Math.floor(passes / 2)).flat();
  const result = {
    patients: cases.length,
    schedule: schedule.version,
    loadMs: round(load.milliseconds),
    coldMicroseconds: round(median(first)),
    medianMicroseconds: round(quantile(all, 0.5)),
    p90Microseconds: round(quantile(all, 0.9)),
    p99Microseconds: round(quantile(all, 0.99)),
    ...drift(schedule, cases),
    ...measureAnswers(cases),
    ...(await measureRequests()),
    explainMicroseconds: round(median(timeEach(schedule, cases, explainForecast))),
    ...(args[1] !== undefined && { ratioToOther: await compareEngines(schedule, cases, args[1]) }),
  };
  print(result);
  return result;
}

/** Read, parse, check and compile, as the server does at its start: the best of a few, and the first. */
function measureLoad() {
  const started = performance.now();
  const schedule = compileSchedule(
    parseScheduleData(readFileSync(new URL('schedules/4.64-508.json', root), 'utf8')),
  );
  return { schedule, milliseconds: performance.now() - started };
}

function readCases() {
  const cases = JSON.parse(readFileSync(new URL('test/data/cdsi/cases.json', root), 'utf8'));
  return cases.map((each) => ({
    assessmentDate: parseEpochDay(each.assessmentDate),
    history: {
      dateOfBirth: parseEpochDay(each.dateOfBirth),
      gender: each.gender,
      doses: (each.doses ?? []).map(({ date, cvx, mvx }, i) => ({
        id: String(i),
        date: parseEpochDay(date),
        cvx,
        ...(mvx && { mvx }),
      })),
      observations: (each.observations ?? []).map(({ code, date }) => ({
        code,
        ...(date && { date: parseEpochDay(date) }),
      })),
    },
  }));
}

function timeEach(schedule, cases, ask = forecast) {
  return cases.map(({ history, assessmentDate }) => {
    const started = performance.now();
    ask(schedule, history, assessmentDate);
    return (performance.now() - started) * 1000;
  });
}

/** CPU of all cases beside that of the other engine, which compiles the schedule for itself: the middle of the ratios. */
async function compareEngines(schedule, cases, other) {
  const theirs = await openEngine(pathToFileURL(resolve(other)));
  const ours = (history, assessmentDate) => forecast(schedule, history, assessmentDate);
  const engines = [ours, theirs].map((ask) => () => {
    for (const { history, assessmentDate } of cases) ask(history, assessmentDate);
  });
  const turns = 40;
  const ratios = [];
  for (let turn = 0; turn < turns; turn++) {
    // Who comes first is no advantage; the first turns warm both up.
    const order = turn % 2 === 0 ? [0, 1] : [1, 0];
    const costs = [0, 0];
    for (const which of order) costs[which] = cpuOf(engines[which]);
    if (turn >= turns / 4) ratios.push(costs[0] / costs[1]);
  }
  return median(ratios);
}

async function openEngine(root) {
  const load = (path) => import(new URL(`${root.href}/dist/forecast/${path}`).href);
  const { parseSchedule, compileSchedule: compile } = await load('compile-schedule.js');
  const { parseScheduleData: parse } = await load('read-schedule-data.js');
  const { forecast: ask } = await load('forecast.js');
  const text = readFileSync(new URL(`${root.href}/schedules/4.64-508.json`), 'utf8');
  // Releases before overlays read and compiled in one step.
  const schedule = parseSchedule ? parseSchedule(text) : compile(parse(text));
  return (history, assessmentDate) => ask(schedule, history, assessmentDate);
}

function cpuOf(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The whole answer as FHIR, by one schedule and by two of them with their differences, in turns. */
function measureAnswers(cases) {
  const [cdc, ...others] = loadKnowledgeBases('none');
  const massachusetts = others.find(({ id }) => id === 'USA-MA-DPH');
  const questions = cases.map(toQuestion);
  const one = [];
  const two = [];
  for (let pass = 0; pass < 8; pass++) {
    for (const question of questions) {
      const [single, double] = [[cdc], [cdc, massachusetts]].map((bases) => timeAnswer(question, bases));
      if (pass < 4) continue;
      one.push(single);
      two.push(double);
    }
  }
  return {
    answerMicroseconds: round(median(one)),
    twoSchedulesMicroseconds: round(median(two)),
    twoSchedules: round(median(two) / median(one)),
  };
}

function timeAnswer(question, knowledgeBases) {
  const started = performance.now();
  answerSchedules({ ...question, knowledgeBases }, false);
  return (performance.now() - started) * 1000;
}

function toQuestion({ history, assessmentDate }) {
  const sourced = (resource, reference) => ({ resource, reference, expression: reference });
  const patient = { resourceType: 'Patient', id: 'p', birthDate: formatEpochDay(history.dateOfBirth) };
  const cvx = 'http://hl7.org/fhir/sid/cvx';
  const observation = 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation';
  return {
    record: {
      patient: sourced({ ...patient, gender: history.gender.toLowerCase() }, 'Patient/p'),
      immunizations: history.doses.map((dose) => {
        const vaccineCode = { coding: [{ system: cvx, code: dose.cvx }] };
        const occurrenceDateTime = formatEpochDay(dose.date);
        return sourced({ status: 'completed', vaccineCode, occurrenceDateTime }, `Immunization/${dose.id}`);
      }),
      clinical: history.observations.map(({ code }, i) =>
        sourced(
          { resourceType: 'Condition', code: { coding: [{ system: observation, code }] } },
          `Condition/${i}`,
        ),
      ),
    },
    assessmentDate,
    explain: false,
    includeDistant: false,
    notes: [],
  };
}

/** Is the thousandth call of one patient slower than the tenth? Medians over windows of nine calls around them. */
function drift(schedule, cases) {
  const each = cases[Math.floor(cases.length / 2)];
  const times = timeEach(schedule, new Array(1005).fill(each));
  return {
    tenthCallMicroseconds: round(median(times.slice(5, 14))),
    thousandthCallMicroseconds: round(median(times.slice(995, 1004))),
  };
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function median(values) {
  return quantile(values, 0.5);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

const requestNames = [
  ['stored', 'of a stored person, over HTTP'],
  ['sent', 'of what is sent along, over HTTP'],
  ['population', 'every vaccine group of everybody'],
];

function print(result) {
  console.log(`forecast of ${result.patients} patients by schedule ${result.schedule}`);
  console.log(
    `  a patient, median / p90 / p99 µs  ${result.medianMicroseconds} / ${result.p90Microseconds} / ${result.p99Microseconds}`,
  );
  console.log(`  first ten patients, median µs     ${result.coldMicroseconds}`);
  console.log(
    `  10th / 1000th call µs             ${result.tenthCallMicroseconds} / ${result.thousandthCallMicroseconds}`,
  );
  console.log(`  with explanation, median µs       ${result.explainMicroseconds}`);
  console.log(
    `  as FHIR, by one / two schedules   ${result.answerMicroseconds} / ${result.twoSchedulesMicroseconds} (${result.twoSchedules} times)`,
  );
  console.log(`  schedule load ms                  ${result.loadMs}`);
  console.log(`  made-up people: the engine alone  ${result.engineMilliseconds.toFixed(3)} ms CPU a person`);
  for (const [name, what] of requestNames) {
    console.log(`  ${what.padEnd(34)}${result[name].toFixed(2)} times that (aim ${limits[name]})`);
  }
  if (result.ratioToOther !== undefined) {
    console.log(`  CPU beside the other engine       ${result.ratioToOther.toFixed(3)} times`);
  }
  const met =
    result.medianMicroseconds <= limits.medianMicroseconds &&
    result.loadMs <= limits.loadMilliseconds &&
    result.twoSchedules <= limits.twoSchedules &&
    (result.ratioToOther ?? 0) <= limits.other;
  console.log(
    `  limits ${limits.medianMicroseconds} µs, ${limits.loadMilliseconds} ms, ${limits.twoSchedules} times, ${limits.other} times the other: ${met ? 'met' : 'NOT MET'}`,
  );
}

if (process.argv[1] === new URL(import.meta.url).pathname) await run(process.argv.slice(2));
