// What a create, an update and a transaction of 50 creates cost a server, beside a read of the same run.
import { postRequest } from './http-client.mjs';

/** The most that is wanted of each: of reads, and of a transaction of creates. */
const goals = { create: 6, update: 6, transaction: 5 };
const patientsChanged = 500;

/**
 * `timed` drives a server by requests and answers its rate and CPU; `beside` reads meanwhile; `dose` makes an Immunization
 * without an id, `idOf` names a Patient. Answers the CPU of each phase.
 */
export async function writePhases({ base, dose, idOf, timed, beside, rate, readCpu }) {
  const create = () => postRequest('/fhir/Immunization', JSON.stringify(dose()));
  const bundle = () => postRequest('/fhir', JSON.stringify(bundleOf(50, dose)));
  // V8 compiles what writes for some thousand requests, which the less of them there are the longer takes.
  for (const next of [create, bundle]) await timed(next);
  const created = await timed(create);
  const reads = (cpu, goal) => `${(cpu / readCpu).toFixed(1)} reads (goal ${goal})`;
  console.log(`  create: ${rate(created)}; ${reads(created.cpu, goals.create)}`);
  const [, read] = await Promise.all([timed(create), beside()]);
  console.log(`  reads during creates: p99 ${read.p99.toFixed(2)} ms`);
  const updated = await timed(await updatesOf(base, idOf));
  console.log(`  update of a phone number: ${rate(updated)}; ${reads(updated.cpu, goals.update)}`);
  const transaction = await timed(bundle);
  const creates = `${(transaction.cpu / created.cpu).toFixed(1)} creates (goal ${goals.transaction})`;
  console.log(`  transaction of 50: ${rate(transaction)}; ${creates}`);
  return { create: created.cpu, update: updated.cpu, transaction: transaction.cpu };
}

/** What most updates are: a Patient as it is known, with one element that is another. */
async function updatesOf(base, idOf) {
  const patients = [];
  for (let n = 0; n < patientsChanged; n++) {
    patients.push(await fetch(`${base}/fhir/Patient/${idOf()}`).then((answer) => answer.json()));
  }
  let serial = 0;
  return () => {
    const { meta: _, ...patient } = patients[serial % patients.length];
    const value = `617-555-${1000 + (serial++ % 9000)}`;
    const body = JSON.stringify({ ...patient, telecom: [{ system: 'phone', value }] });
    return postRequest(`/fhir/Patient/${patient.id}`, body).replace(/^POST/, 'PUT');
  };
}

function bundleOf(entries, dose) {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: Array.from({ length: entries }, () => ({
      resource: dose(),
      request: { method: 'POST', url: 'Immunization' },
    })),
  };
}
