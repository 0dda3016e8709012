// Microseconds a patient for the whole forecast, over all CDSi cases, and the time to load the schedule.
import { readFileSync } from 'node:fs';
import { compileSchedule } from '../dist/forecast/compile-schedule.js';
import { explainForecast, forecast } from '../dist/forecast/forecast.js';
import { parseScheduleData } from '../dist/forecast/read-schedule-data.js';
import { parseEpochDay } from '../dist/values/partial-date.js';

const root = new URL('..', import.meta.url);
const limits = { medianMicroseconds: 300, loadMilliseconds: 150 };

/** Prints the figures and returns them; `args` may hold the number of passes over all cases (default 30). */
export function run(args = []) {
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
    explainMicroseconds: round(median(timeEach(schedule, cases, explainForecast))),
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
  console.log(`  schedule load ms                  ${result.loadMs}`);
  const met =
    result.medianMicroseconds <= limits.medianMicroseconds && result.loadMs <= limits.loadMilliseconds;
  console.log(
    `  limits ${limits.medianMicroseconds} µs, ${limits.loadMilliseconds} ms: ${met ? 'met' : 'NOT MET'}`,
  );
}

if (process.argv[1] === new URL(import.meta.url).pathname) run(process.argv.slice(2));
