import { expect, it } from 'vitest';
import { openTestServer } from './open-test-server.ts';

it.each`
  method    | url                        | status
  ${'GET'}  | ${'/fhir/metadata'}        | ${200}
  ${'GET'}  | ${'/health/live'}          | ${200}
  ${'GET'}  | ${'/health/ready'}         | ${200}
  ${'GET'}  | ${'/fhir/Patient'}         | ${401}
  ${'GET'}  | ${'/fhir/Patient/1'}       | ${401}
  ${'GET'}  | ${'/fhir/Nothing'}         | ${401}
  ${'POST'} | ${'/fhir'}                 | ${401}
  ${'POST'} | ${'/fhir/$immds-forecast'} | ${401}
  ${'GET'}  | ${'/fhir/_history'}        | ${401}
  ${'GET'}  | ${'/metrics'}              | ${401}
  ${'GET'}  | ${'/anything'}             | ${401}
`('with JENNER_AUTH=smart $method $url answers $status', async ({ method, url, status }) => {
  const server = await openTestServer({ auth: 'smart' });
  const answer = await server.app.inject({ method, url });
  expect(answer.statusCode).toBe(status);
  if (status === 401) {
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="jenner"');
    expect(answer.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login' }] });
  }
  await server.close();
});

it('lets no page of another site ask where no app is registered, nor on an open server', async () => {
  const headers = { origin: 'https://app.example' };
  for (const auth of ['smart', 'off'] as const) {
    const server = await openTestServer({ auth });
    const asked = await server.app.inject({ method: 'OPTIONS', url: '/fhir/Patient', headers });
    expect([asked.statusCode, asked.headers['access-control-allow-origin']]).toEqual([204, undefined]);
    await server.close();
  }
});
