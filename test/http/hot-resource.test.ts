import { expect, it } from 'vitest';
import { openTestServer } from './open-test-server.ts';

it('keeps what each of a crowd adds to one resource', async () => {
  const server = await openTestServer();
  try {
    const identifier = [{ value: 'first' }];
    await server.send('PUT', '/fhir/Patient/p', { resourceType: 'Patient', id: 'p', identifier });
    const values = Array.from({ length: 60 }, (_, i) => `v${i}`);
    const answers = await Promise.all(
      values.map((value) => {
        const patch = [{ op: 'add', path: '/identifier/-', value: { value } }];
        const headers = { 'content-type': 'application/json-patch+json' };
        return server.send('PATCH', '/fhir/Patient/p', JSON.stringify(patch), headers);
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(values.map(() => 200));
    const { body } = await server.get('/fhir/Patient/p');
    expect(body.meta.versionId).toBe('61');
    const kept = body.identifier.map((each: { value: string }) => each.value);
    expect(kept.toSorted()).toEqual(['first', ...values].toSorted());
  } finally {
    await server.close();
  }
});
