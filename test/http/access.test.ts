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
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login' }] });
  }
  await server.close();
});

it('lets pages of other sites ask with a token, but not on an open server', async () => {
  const server = await openTestServer({ auth: 'smart' });
  const asked = await server.app.inject({ method: 'OPTIONS', url: '/fhir/Patient' });
  expect([asked.statusCode, asked.headers['access-control-allow-origin']]).toEqual([204, '*']);
  expect(asked.headers['access-control-allow-headers']).toContain('authorization');
  await server.close();
  const open = await openTestServer();
  expect((await open.get('/fhir/metadata')).headers['access-control-allow-origin']).toBeUndefined();
  await open.close();
});
