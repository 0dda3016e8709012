import Fastify from 'fastify';
import { expect, it, vi } from 'vitest';
import { Problem } from '../../../src/fhir/problem.ts';
import type { Definitions } from '../../../src/fhir/validation/definitions.ts';
import { outcomeAnswerer } from '../../../src/rest/answer-errors.ts';

it('answers in JSON, and logs why, when a failure cannot be written as it was asked for', async () => {
  const app = Fastify();
  const error = vi.spyOn(app.log, 'error');
  // By definitions without a type nothing can be written as XML.
  app.setErrorHandler(outcomeAnswerer({ types: {} } as Definitions));
  app.get('/', () => {
    throw new Problem('gone', 'It was deleted');
  });
  const { statusCode, headers, body } = await app.inject('/?_format=xml');
  expect([statusCode, headers['content-type']]).toEqual([410, 'application/fhir+json; charset=utf-8']);
  expect(JSON.parse(body)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'deleted', details: { text: 'It was deleted' } }],
  });
  expect(error.mock.calls.map(([, line]) => line)).toEqual(['a failure could not be written']);
  await app.close();
});
