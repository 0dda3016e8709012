import { createImportPool } from '../bulk/import-pool.ts';
import { importParsed } from '../bulk/import-resource.ts';
import { generateRegistry, listNotablePeople } from '../demo/generate-registry.ts';
import type { Resource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { ScheduleSettings } from '../registry/forecasting/patient-schedule.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import { forecastPatient } from './forecast-command.ts';

/** Fills the registry with made-up people; answers how many resources there are. */
export async function fillWithDemo(ctx: InteractionContext, people: number, asOf: EpochDay): Promise<number> {
  const pool = createImportPool();
  let count = 0;
  for (const resource of generateRegistry({ seed: 1, people, asOf, mode: 'demo' })) {
    count++;
    const parsed = { resource: resource as unknown as Resource, exactNumbers: false };
    const write = async () => void (await importParsed(ctx, parsed, `demo|${count}`, pool.inTurn));
    // What others refer to is there before they come.
    if (resource.resourceType === 'Patient') await write();
    else await pool.run(write);
  }
  await pool.drain();
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
  /** What is asked for on an address that others can reach. */
  readonly token?: string;
  readonly person?: (GreetedPerson & { readonly forecast: string }) | undefined;
};

export function demoGreeting({ url, resources, person, token }: Greeting): string {
  return `
Jenner demo: ${resources} resources of made-up people, in memory; all is gone when it stops.
${accessOf(token)}

  FHIR base      ${url}/fhir
  Capabilities   ${url}/fhir/metadata
  Patients       ${url}/fhir/Patient?_count=20
  Health         ${url}/health/ready
${person ? greetingOf(url, person, token) : ''}
Press Ctrl-C to stop.
`;
}

/** The whole answer has thousands of lines; the recommendation comes first. */
const linesShown = 75;

function accessOf(token: string | undefined): string {
  if (token === undefined) {
    return 'Access control is off (JENNER_AUTH=off) because this is a demo on a loopback address. There are no logins.';
  }
  return `This address can be reached from elsewhere: all but metadata and health asks for the token of this demo.

  Authorization: Bearer ${token}`;
}

function greetingOf(
  url: string,
  { id, title, forecast }: NonNullable<Greeting['person']>,
  token: string | undefined,
): string {
  const header = token === undefined ? '' : `-H 'Authorization: Bearer ${token}' `;
  return `
What is this person due, and when? (${title})

${forecast.replace(/^(?=.)/gm, '  ')}
The same as FHIR, from its beginning:

  curl -s ${header}'${url}/fhir/Patient/${id}/$immds-forecast?_pretty=true' | head -${linesShown}
`;
}
