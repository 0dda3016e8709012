// CPU a resource for validation, and the time to open the validator and to check the first resource.
import { readFileSync } from 'node:fs';

const cases = JSON.parse(
  readFileSync(new URL('../test/data/validation/cases.json', import.meta.url), 'utf8'),
);
const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const immds = 'http://hl7.org/fhir/us/immds/StructureDefinition/';
const limits = { structure: 20, immunization: 80, usCorePatient: 300, loadMilliseconds: 150 };

/** Prints the figures and returns them; `args` may hold the number of passes (default 20000). */
export async function run(args = []) {
  const passes = Number(args[0] ?? 20_000);
  if (!Number.isSafeInteger(passes) || passes < 1000)
    throw new Error(`passes: ${args[0]} is no number from 1000`);
  const started = process.cpuUsage();
  const { loadValidator } = await import('../dist/shipped/validator.js');
  const validator = loadValidator();
  const loadMilliseconds = cpuSince(started) / 1000;
  const first = process.cpuUsage();
  validator.validate(cases.dose.resource);
  const firstMilliseconds = cpuSince(first) / 1000;
  const { validate, checkStructure } = validator;
  const {
    dose,
    usCoreDose,
    patient,
    immdsPatient,
    immdsRecommendation,
    observation,
    condition,
    transaction,
  } = cases;
  const measure = (ask, { resource }, options) => cpuEach(passes, () => ask(resource, options));
  const result = {
    loadMilliseconds: round(loadMilliseconds),
    firstMilliseconds: round(firstMilliseconds),
    structure: measure(checkStructure, dose),
    immunization: measure(validate, dose),
    usCoreImmunization: measure(validate, usCoreDose, { profiles: [`${usCore}us-core-immunization`] }),
    patient: measure(validate, patient, { declared: 'ignore' }),
    usCorePatient: measure(validate, patient, { profiles: [`${usCore}us-core-patient`] }),
    immdsPatient: measure(validate, immdsPatient, { profiles: [`${immds}immds-patient`] }),
    immdsRecommendation: measure(validate, immdsRecommendation),
    observation: measure(validate, observation),
    condition: measure(validate, condition),
    transaction: measure(validate, transaction),
  };
  print(result);
  return result;
}

/** Microseconds of CPU a call: the best of five rounds, since other programs share the machine. */
function cpuEach(passes, call) {
  for (let n = 0; n < passes / 4; n++) call();
  const rounds = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let n = 0; n < passes / 5; n++) call();
    return cpuSince(before) / (passes / 5);
  });
  return round(Math.min(...rounds));
}

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function print(result) {
  for (const [name, value] of Object.entries(result)) {
    const limit = limits[name];
    const unit = name.endsWith('Milliseconds') ? 'ms CPU' : 'µs CPU';
    const verdict =
      limit === undefined ? '' : value <= limit ? `  (limit ${limit}: met)` : `  (limit ${limit}: NOT MET)`;
    console.log(`${name.padEnd(22)} ${String(value).padStart(8)} ${unit}${verdict}`);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await run(process.argv.slice(2));
