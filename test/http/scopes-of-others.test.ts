import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillAccessWorld } from './access-world.ts';
import { as, callersByName } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const record = ['Immunization', 'Condition', 'Observation', 'AllergyIntolerance', 'Procedure'];
/** Who answers for two children, with an app that has one of them in context. */
const parent = (scopes: string) =>
  ({ role: 'individual', ownPersons: ['mine', 'theirs'], patient: 'mine', scopes }) as const;
const levels = (level: string) => record.map((type) => `${level}/${type}.rs`).join(' ');
const entitled = {
  both: parent(`user/Patient.r user/Consent.c ${levels('user')}`),
  'doses of one': parent(`user/Patient.r user/Consent.c ${levels('patient')}`),
  'some doses of the other': parent(
    `user/Patient.r user/Consent.c ${levels('patient')} ${levels('user').replace('Immunization.rs', 'Immunization.rs?status=not-done')}`,
  ),
  'a part of each': parent(
    `patient/Patient.r user/Patient.r?family=theirs user/Consent.c ${levels('user')} `.replace(
      'user/Immunization.rs',
      'patient/Immunization.rs user/Immunization.rs?status=not-done',
    ),
  ),
  'some doses': parent(`user/Patient.r user/Consent.c user/Immunization.rs?status=not-done`),
  'word of one': parent(`user/Patient.r patient/Consent.c ${levels('user')}`),
  'some words': parent(`user/Patient.r user/Consent.c?category=some ${levels('user')}`),
  clinic: {
    role: 'clinician',
    organizations: ['a'],
    patient: 'theirs',
    scopes: 'user/Patient.ru patient/Immunization.rs',
  },
} as const;

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled) });
  await fillAccessWorld(server);
});
afterAll(() => server.close());

type Who = keyof typeof entitled;
const call = async (who: Who, operation: string, id: string) => {
  const body = { resourceType: 'Parameters' };
  return (await server.send('POST', `/fhir/Patient/${id}/$${operation}`, body, as(who))).status;
};
const forecast = (who: Who, id: string) => server.get(`/fhir/Patient/${id}/$immds-forecast`, as(who));

describe('a scope for one person beside one for several', () => {
  it.each<[Who, string, number]>([
    ['both', 'theirs', 200],
    ['doses of one', 'mine', 200],
    ['doses of one', 'theirs', 403],
    ['some doses of the other', 'mine', 200],
    ['some doses of the other', 'theirs', 403],
    ['a part of each', 'mine', 200],
    ['a part of each', 'theirs', 403],
  ])('lets %s have a forecast of %s: %i', async (who, id, status) => {
    const answer = await forecast(who, id);
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.issue[0].diagnostics).toContain('Immunization.s');
  });

  it.each<[Who, string, number]>([
    ['both', 'theirs', 200],
    ['doses of one', 'mine', 200],
    ['doses of one', 'theirs', 403],
    ['some doses of the other', 'theirs', 403],
    ['some doses', 'mine', 403],
    ['word of one', 'mine', 200],
    ['word of one', 'theirs', 403],
    ['some words', 'mine', 403],
    ['clinic', 'mine', 403],
  ])('lets %s hand out a link to %s: %i', async (who, id, status) => {
    expect(await call(who, 'health-link-create', id)).toBe(status);
  });

  it.each(['health-links', 'health-link-revoke', 'health-cards-revoke'])(
    'lets nobody call $%s of whom it has no word',
    async (operation) => {
      expect(await call('word of one', operation, 'mine')).toBe(200);
      expect(await call('word of one', operation, 'theirs')).toBe(403);
    },
  );
});
