import { createImportPool } from '../bulk/import-pool.ts';
import { importParsed } from '../bulk/import-resource.ts';
import { demoFamily } from '../demo/family.ts';
import { generateRegistry, listNotablePeople } from '../demo/generate-registry.ts';
import { secondReports } from '../demo/second-reports.ts';
import type { Resource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { ScheduleSettings } from '../registry/forecasting/patient-schedule.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import { type DemoClient, type DemoUser, demoInterface } from './demo-accounts.ts';
import { forecastPatient } from './forecast-command.ts';

/** Fills the registry with made-up people; answers how many resources there are. */
export async function fillWithDemo(ctx: InteractionContext, people: number, asOf: EpochDay): Promise<number> {
  const pool = createImportPool();
  let count = 0;
  const options = { seed: 1, people, asOf, mode: 'demo' } as const;
  for (const resource of generateRegistry(options)) {
    count++;
    const parsed = { resource: resource as unknown as Resource, exactNumbers: false };
    const write = async () => void (await importParsed(ctx, parsed, `demo|${count}`, pool.inTurn));
    // What others refer to is there before they come.
    if (resource.resourceType === 'Patient') await write();
    else await pool.run(write);
  }
  await pool.drain();
  for (const resource of [
    ...demoFamily(options, 'twins'),
    ...demoFamily(options, 'late'),
    ...secondReports(options),
  ]) {
    count++;
    const parsed = { resource: resource as unknown as Resource, exactNumbers: false };
    await importParsed(ctx, parsed, `demo|${count}`, pool.inTurn);
  }
  return count;
}

/** A child behind with its vaccines: the forecast has something to say. */
const greeted = 'demo-p-000005';

export type GreetedPerson = { readonly id: string; readonly title: string };

/** Whom the demo shows: that child, or with fewer people the last of those worth opening; nobody where nobody is. */
export function findGreeted(people: number): GreetedPerson | undefined {
  const there = listNotablePeople().slice(0, people);
  return there.find(({ id }) => id === greeted) ?? there.at(-1);
}

/** That person and what is due; undefined where there is nobody. */
export async function forecastGreeted(
  ctx: InteractionContext,
  people: number,
  assessmentDate: EpochDay,
  schedules: ScheduleSettings,
): Promise<Greeting['person']> {
  const person = findGreeted(people);
  if (!person) return undefined;
  const form = { json: false, explain: false, fitsCompatible: false };
  const forecast = await forecastPatient({
    ...form,
    ctx,
    patient: person.id,
    assessmentDate,
    ...schedules,
  });
  return { ...person, forecast };
}

export type Greeting = {
  readonly url: string;
  readonly resources: number;
  /** Absent where access control is off. */
  readonly logins?: {
    /** The URL of the start page. */
    readonly start: string;
    readonly users: readonly DemoUser[];
    readonly clients: readonly DemoClient[];
    /** May do everything through the API. */
    readonly token: string;
  };
  readonly person?: (GreetedPerson & { readonly forecast: string }) | undefined;
  /** Where HL7 v2 messages are taken over MLLP. */
  readonly hl7Port?: number;
};

export function demoGreeting({ url, resources, person, hl7Port, logins }: Greeting): string {
  return `
Jenner demo: ${resources} resources of made-up people, in memory; all is gone when it stops.
${logins === undefined ? openAccess : accessOf(logins)}

  FHIR base      ${url}/fhir
  Capabilities   ${url}/fhir/metadata
  Patients       ${url}/fhir/Patient?_count=20
  Health         ${url}/health/ready
${person ? greetingOf(url, person, logins?.token) : ''}${hl7Port === undefined ? '' : messagesOf(url, hl7Port, logins?.users)}
Press Ctrl-C to stop.
`;
}

/** The other practice's EHR reports a vaccine of the same person: it joins the record, and the forecast is another one. */
function messagesOf(url: string, port: number, users: readonly DemoUser[] = []): string {
  const account = users.find(({ login }) => login === demoInterface);
  const by = account ? `-u ${account.login}:${account.password} ` : '';
  return `
HL7 v2: the EHR of another practice reports an influenza vaccine that this person got today.

  curl -s ${url}/demo/vxu | curl -s ${by}-H 'Content-Type: application/hl7-v2' --data-binary @- ${url}/hl7v2 | tr '\\r' '\\n'

The same over MLLP, on port ${port}${account ? `, as ${account.login}` : ''}:

  (printf '\\013'; curl -s ${url}/demo/vxu; printf '\\034\\r'; sleep 2) | nc 127.0.0.1 ${port} | tr '\\r' '\\n'

`;
}

/** The whole answer has thousands of lines; the recommendation comes first. */
const linesShown = 75;

const openAccess =
  'Access control is off (JENNER_AUTH=off), as it may be on a loopback address. There are no logins.';

function accessOf({ start, users, clients, token }: NonNullable<Greeting['logins']>): string {
  const width = Math.max(...users.map(({ login }) => login.length));
  const userLines = users.map(
    ({ login, password, role }) => `  ${login.padEnd(width)}  ${password}  ${role}`,
  );
  const clientLines = clients.map(
    ({ client_id, kind, name }) => `  ${client_id}  ${kind.padEnd(6)}  ${name}`,
  );
  return `
Open ${start} to see it work: the sample app as a patient, a parent or a clinician, and from an EHR.

Users, with passwords of this start:
${userLines.join('\n')}

Apps:
${clientLines.join('\n')}

A token for the API, which may do everything for a day:
  Authorization: Bearer ${token}`;
}

/** `--describe`: what a program needs to sign in and call; without access control it needs nothing. */
export function describeDemo({ url, logins }: Greeting): string {
  const { users, clients, token } = logins ?? { users: [], clients: [] };
  return `${JSON.stringify({ base: `${url}/fhir`, users, clients, token }, undefined, 2)}\n`;
}

function greetingOf(
  url: string,
  { id, title, forecast }: NonNullable<Greeting['person']>,
  token: string | undefined,
): string {
  return `
What is this person due, and when? (${title})

${forecast.replace(/^(?=.)/gm, '  ')}
The same as FHIR, from its beginning:

  ${forecastCurl(url, id, token)} | head -${linesShown}
`;
}

/** What asks the API for a forecast of a person. */
export function forecastCurl(url: string, id: string, token: string | undefined): string {
  const header = token === undefined ? '' : `-H 'Authorization: Bearer ${token}' `;
  return `curl -s ${header}'${url}/fhir/Patient/${id}/$immds-forecast?_pretty=true'`;
}
