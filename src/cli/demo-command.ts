import { createImportPool } from '../bulk/import-pool.ts';
import { importParsed } from '../bulk/import-resource.ts';
import { generateRegistry, listNotablePeople } from '../demo/generate-registry.ts';
import type { Resource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { EpochDay } from '../values/epoch-day.ts';

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

export function demoGreeting(url: string, resources: number): string {
  const notable = listNotablePeople().find(({ id }) => id === greeted);
  if (!notable) throw new Error(`${greeted} is not among the demo people`);
  return `
Jenner demo: ${resources} resources of made-up people, in memory; all is gone when it stops.
Access control is off (JENNER_AUTH=off) because this is a demo on a loopback address. There are no logins.

  FHIR base      ${url}/fhir
  Capabilities   ${url}/fhir/metadata
  Patients       ${url}/fhir/Patient?_count=20
  Health         ${url}/health/ready

What is this child due, and when? (${notable.title})

  curl -s '${url}/fhir/Patient/${notable.id}/$immds-forecast?_pretty=true'

Press Ctrl-C to stop.
`;
}
