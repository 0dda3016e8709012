import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { receiveVxu } from '../../src/hl7v2/mapping/receive-vxu.ts';
import { personIdOf } from '../../src/interaction/ask-persons.ts';
import { openContext } from '../../src/interaction/context.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { mapping } from '../unit/hl7v2/mapping/mapping.ts';
import { er7, toChecked } from '../unit/hl7v2/mapping/to-checked.ts';
import { as, callersByName } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const given = {
  a: { role: 'interface', organizations: ['a'] },
  b: { role: 'interface', organizations: ['b'] },
  'backend a': { organizations: ['a'], scopes: 'system/*.cruds' },
  administrator: { role: 'administrator' },
} as const;
const callerOf = (who: keyof typeof given): Caller => ({ ...callerFor(given[who]), matching: 'automatic' });

let server: TestServer;
const receive = (who: 'a' | 'b' | 'backend a', ...segments: readonly string[]) =>
  receiveVxu(
    mapping,
    openContext(server.context, server.store, callerOf(who)),
    toChecked(er7(msh, ...segments)),
    {
      sender: { organization: (who === 'b' ? 'b' : 'a') as ResourceId },
    },
  );
async function kept(...args: Parameters<typeof receive>) {
  const received = await receive(...args);
  if (received.kind === 'refused') throw new Error(JSON.stringify(received.findings));
  return received;
}
const found = async (who: keyof typeof given, query: string) =>
  ((await server.get(`/fhir/${query}`, as(who))).body.entry ?? []).map(
    ({ resource }: { resource: object }) => resource,
  );

const msh =
  'MSH|^~\\&|EHR|F|JENNER|XX|20251229101500-0500||VXU^V04^VXU_V04|m-1|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS';
const pid =
  'PID|1||4711^^^SHARED^MR||Szymborska^Wislawa^Maria^^^^L||20210702|F|||17 Elm Street^^Boston^MA^02118^USA^P||^PRN^PH^^^617^2530198';
const dose = (action = 'A') => [
  'ORC|RE||d-1^SHARED',
  `RXA|0|1|20251220||03^MMR^CVX|999|||01|||||||||||CP|${action}`,
];
const objecting = {
  resourceType: 'Consent',
  status: 'active',
  scope: { text: 'privacy' },
  category: [
    {
      coding: [
        { system: 'https://jenner-iis.org/fhir/CodeSystem/consent-category', code: 'data-sharing-objection' },
      ],
    },
  ],
  policyRule: { text: 'law' },
};
const protectedBy = (flag: string) => `PD1||||||||||||${flag}|20251201`;

beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(given) });
  for (const id of ['a', 'b'])
    await server.send(
      'PUT',
      `/fhir/Organization/${id}`,
      { resourceType: 'Organization', id, name: id },
      as('administrator'),
    );
});
afterEach(() => server.close());

describe.each(['a', 'backend a'] as const)('an account (%s)', (who) => {
  it('writes as its organization, and changes what it wrote', async () => {
    const { patientId } = await kept(who, pid, ...dose());
    const patient = (await server.get(`/fhir/Patient/${patientId}`, as('administrator'))).body;
    expect(patient.managingOrganization).toEqual({ reference: 'Organization/a' });
    expect(JSON.stringify(patient.meta.tag)).toContain('Organization/a');
    expect((await kept(who, pid, ...dose())).doses).toMatchObject([{ kind: 'unchanged' }]);
    expect((await kept(who, pid.replace('17 Elm', '18 Elm'), ...dose('D'))).doses).toMatchObject([
      { kind: 'deleted' },
    ]);
    expect(await found('administrator', 'Provenance')).toHaveLength(2);
  });
});

describe('the same number of another clinic', () => {
  it('is another record of the same person, and its dose stays as it is', async () => {
    const first = await kept('a', pid, ...dose());
    const second = await kept('b', pid, ...dose('D'));
    expect(second.findings).toMatchObject([{ code: '204' }]);
    expect(second.patientId).not.toBe(first.patientId);
    expect(await personIdOf(server.ctx.view, second.patientId)).not.toBe(second.patientId);
    expect(await found('administrator', 'Immunization?status=completed')).toHaveLength(1);
    const third = await kept('b', pid, ...dose('U'));
    expect(third.patientId).toBe(second.patientId);
    expect(third.doses).toMatchObject([{ kind: 'created' }]);
    const doses = await found('administrator', 'Immunization');
    expect(doses.map(({ patient }: { patient: { reference: string } }) => patient.reference).sort()).toEqual(
      [first.patientId, second.patientId].map((id) => `Patient/${id}`).sort(),
    );
  });

  it('says of somebody else nothing that is told to the other', async () => {
    await kept('a', pid, ...dose());
    const other = pid.replace('Szymborska^Wislawa^Maria', 'Vance^Peter').replace('20210702', '19800101');
    const { findings, patientId } = await kept('b', other, ...dose());
    expect(findings).toEqual([]);
    expect(await found('b', `Patient/${patientId}/Immunization`)).toHaveLength(1);
  });
});

describe('protection (PD1-12)', () => {
  it('hides the record from all but who set it, until that sender ends it', async () => {
    const { patientId } = await kept('a', pid, protectedBy('Y'), ...dose());
    const patient = () => server.get(`/fhir/Patient/${patientId}`, as('a'));
    expect((await patient()).body.meta.security).toMatchObject([{ code: 'R' }]);
    expect(await found('administrator', 'Consent')).toMatchObject([
      { status: 'active', dateTime: '2025-12-01' },
    ]);
    const lookUp = 'Patient?family=Szymborska&given=Wislawa&birthdate=2021-07-02';
    expect(await found('b', lookUp)).toHaveLength(0);
    expect(await found('a', lookUp)).toHaveLength(1);
    await kept('a', pid, ...dose());
    await kept('a', pid, 'PD1||||||||||||', ...dose());
    expect(await found('b', lookUp)).toHaveLength(0);
    expect((await kept('a', pid, protectedBy('N'), ...dose())).findings).toEqual([]);
    expect((await patient()).body.meta.security).toBeUndefined();
    expect(await found('b', lookUp)).toHaveLength(1);
    await kept('a', pid, protectedBy('Y'));
    expect(await found('b', lookUp)).toHaveLength(0);
    expect(await found('administrator', 'Consent')).toHaveLength(1);
  });

  it('is not ended by what another clinic says, nor is its record joined by it', async () => {
    const first = await kept('a', pid, protectedBy('Y'), ...dose());
    const second = await kept('b', pid, protectedBy('N'), ...dose());
    expect(await personIdOf(server.ctx.view, second.patientId)).toBe(second.patientId);
    expect(await found('b', `Patient?_id=${first.patientId}`)).toHaveLength(0);
    expect(await found('administrator', 'Consent?status=active')).toHaveLength(1);
  });

  it('is not what an objection can be made by who wrote it down, to end it', async () => {
    const { patientId } = await kept('a', pid, ...dose());
    const [kind] = objecting.category;
    const own = await server.send(
      'POST',
      '/fhir/Consent',
      { ...objecting, patient: { reference: `Patient/${patientId}` } },
      as('a'),
    );
    expect(own.status).toBe(201);
    const indicator = { coding: [{ ...kind?.coding[0], code: 'protection-indicator' }] };
    const put = (more: object) =>
      server.send('PUT', `/fhir/Consent/${own.body.id}`, { ...own.body, ...more }, as('a'));
    expect((await put({ category: [kind, indicator] })).status).toBe(403);
    expect((await put({ status: 'inactive' })).status).toBe(403);
  });

  it('is not what a person objected by', async () => {
    const { patientId } = await kept('a', pid, ...dose());
    const objection = { ...objecting, patient: { reference: `Patient/${patientId}` } };
    await server.send('POST', '/fhir/Consent', objection, as('administrator'));
    await kept('a', pid, protectedBy('N'));
    expect(await found('administrator', 'Consent?status=active')).toHaveLength(1);
  });
});
