import type { TestServer } from './open-test-server.ts';

export const recordTag = (code: string) => `https://jenner-iis.org/fhir/CodeSystem/record|${code}`;

/** A child as a clinic reports it; two reports with the same number are certainly of one. */
export function report(clinic: string, members: object = {}) {
  return {
    resourceType: 'Patient',
    identifier: [
      { system: 'http://hl7.org/fhir/sid/us-ssn', value: '527-61-3904' },
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
        system: `urn:${clinic}`,
        value: '4711',
      },
    ],
    name: [{ family: 'Szymborska', given: ['Wislawa', 'Maria'] }],
    birthDate: '2021-07-02',
    gender: 'female',
    telecom: [{ system: 'phone', value: '617-253-0198' }],
    address: [{ line: ['17 Elm Street'], city: 'Boston', state: 'MA', postalCode: '02118' }],
    ...members,
  };
}

/** The same house, the same day, another name: perhaps a twin. */
export const twin = (clinic: string) =>
  report(clinic, {
    identifier: [{ system: `urn:${clinic}`, value: '4712' }],
    name: [{ family: 'Szymborska', given: ['Jadwiga'] }],
  });

export const doseFor = (patient: string, date: string, members: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
  occurrenceDateTime: date,
  patient: { reference: `Patient/${patient}` },
  ...members,
});

export async function create(server: TestServer, resource: object) {
  const { resourceType } = resource as { resourceType: string };
  const answer = await server.send('POST', `/fhir/${resourceType}`, resource);
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
}

export async function idsFound(server: TestServer, query: string): Promise<readonly string[]> {
  const { body } = await server.get(`/fhir/${query}`);
  const entries = (body.entry ?? []) as readonly { resource: { id: string }; search?: { mode: string } }[];
  return entries
    .filter(({ search }) => search?.mode === 'match')
    .map(({ resource }) => resource.id)
    .sort();
}

/** The resources of a search, in its order. */
export async function entriesOf(server: TestServer, query: string) {
  const { body } = await server.get(`/fhir/${query}`);
  return (body.entry ?? []).map(({ resource }: { resource: object }) => resource);
}

/** Decides a Task of review. */
export const decide = (server: TestServer, task: string, decision: string, reason?: string) =>
  server.send(
    'POST',
    `/fhir/Task/${task}/$decide`,
    parametersOf({
      decision: { valueCode: decision },
      ...(reason !== undefined && { reason: { valueString: reason } }),
    }),
  );

/** The person whom the Link of the answer names. */
export function personIn({
  headers,
}: {
  readonly headers: Readonly<Record<string, unknown>>;
}): string | undefined {
  return /<[^>]*\/Patient\/([^>]+)>; rel="canonical"/.exec(String(headers['link'] ?? ''))?.[1];
}

export function parametersOf(members: Readonly<Record<string, unknown>>) {
  const parameter = Object.entries(members).map(([name, value]) => ({ name, ...(value as object) }));
  return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
}

export const referring = (id: string) => ({ valueReference: { reference: `Patient/${id}` } });
