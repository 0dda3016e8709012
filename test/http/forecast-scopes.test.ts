import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillAccessWorld } from './access-world.ts';
import { as, callersByName } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const all = ['Patient', 'Immunization', 'Condition', 'Observation', 'AllergyIntolerance', 'Procedure'];
const scoped = (scopes: string) =>
  ({ role: 'individual', ownPersons: ['mine'], patient: 'mine', scopes }) as const;
const entitled = {
  whole: scoped(all.map((type) => `patient/${type}.rs`).join(' ')),
  doses: scoped('patient/Patient.rs patient/Immunization.rs'),
  narrow: scoped(
    `${all.map((type) => `patient/${type}.rs`).join(' ')}`.replace(
      'Immunization.rs',
      'Immunization.rs?status=completed',
    ),
  ),
  both: scoped(
    `patient/Immunization.rs?status=completed ${all.map((type) => `patient/${type}.rs`).join(' ')}`,
  ),
  none: scoped('openid'),
  clinic: { role: 'clinician', organizations: ['a'], scopes: 'user/*.rs' } as const,
};
let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled) });
  await fillAccessWorld(server);
});
afterAll(() => server.close());

const ask = (who: string) => server.get('/fhir/Patient/mine/$immds-forecast', as(who));

it.each([
  ['doses', 'Condition.s, Observation.s, AllergyIntolerance.s, Procedure.s'],
  ['narrow', 'for Immunization.s'],
  [
    'none',
    `Patient.r, ${all
      .slice(1)
      .map((type) => `${type}.s`)
      .join(', ')}`,
  ],
])('names to a token for %s all scopes that a forecast of a stored patient lacks', async (who, missing) => {
  const { status, body, headers } = await ask(who);
  expect([status, headers['www-authenticate']]).toEqual([403, expect.stringContaining('insufficient_scope')]);
  expect(body.issue[0].diagnostics).toMatch(new RegExp(`${missing.replaceAll('.', '\\.')}$`));
});

it.each(['whole', 'both', 'clinic'])('forecasts for a token of %s', async (who) => {
  expect((await ask(who)).status).toBe(200);
});

it('forecasts what is sent along for any good token, and for nobody', async () => {
  const body = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'assessmentDate', valueDate: '2026-03-01' },
      { name: 'patient', resource: { resourceType: 'Patient', birthDate: '2025-01-01', gender: 'female' } },
    ],
  };
  expect((await server.send('POST', '/fhir/$immds-forecast', body, as('none'))).status).toBe(200);
  expect((await server.send('POST', '/fhir/$immds-forecast', body, as('nobody'))).status).toBe(401);
});
