import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  await server.send(
    'PUT',
    '/fhir/Observation/o',
    '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00},"note":[{"text":"a"},{"text":"b"}]}',
  );
});
afterEach(() => server.close());

const headers = { 'content-type': 'application/json-patch+json' };
const patch = (operations: unknown, more: Record<string, string> = {}, url = '/fhir/Observation/o') =>
  server.send('PATCH', url, operations, { ...headers, ...more });

describe('JSON Patch (R4 http.html#patch, RFC 6902)', () => {
  it('applies all operations in order and keeps digits it does not touch', async () => {
    const { status, text, body } = await patch([
      { op: 'test', path: '/status', value: 'final' },
      { op: 'replace', path: '/status', value: 'amended' },
      { op: 'add', path: '/note/1', value: { text: 'new' } },
      { op: 'add', path: '/note/-', value: { text: 'last' } },
      { op: 'remove', path: '/note/0' },
      { op: 'copy', from: '/code/text', path: '/code/id' },
      { op: 'move', from: '/code/id', path: '/valueQuantity/unit' },
    ]);
    expect(status).toBe(200);
    expect(text).toContain('"value":1.00');
    expect(body).toMatchObject({
      status: 'amended',
      note: [{ text: 'new' }, { text: 'b' }, { text: 'last' }],
      valueQuantity: { unit: 'x' },
    });
    expect(body.meta.versionId).toBe('2');
    expect((await server.get('/fhir/Observation/o/_history')).body.entry[0].request.method).toBe('PATCH');
  });

  it.each`
    what                          | operations                                                                                                 | status
    ${'a failing test'}           | ${[{ op: 'replace', path: '/status', value: 'amended' }, { op: 'test', path: '/status', value: 'final' }]} | ${422}
    ${'a path that is not there'} | ${[{ op: 'remove', path: '/nothing/0' }]}                                                                  | ${422}
    ${'a place past the end'}     | ${[{ op: 'add', path: '/note/9', value: { text: 'x' } }]}                                                  | ${422}
    ${'an unknown operation'}     | ${[{ op: 'merge', path: '/note' }]}                                                                        | ${422}
    ${'no value'}                 | ${[{ op: 'add', path: '/note/0' }]}                                                                        | ${422}
    ${'a move into itself'}       | ${[{ op: 'move', from: '/note', path: '/note/0' }]}                                                        | ${422}
    ${'an emptied array'}         | ${[{ op: 'remove', path: '/note/0' }, { op: 'remove', path: '/note/0' }]}                                  | ${422}
    ${'another id'}               | ${[{ op: 'replace', path: '/id', value: 'p' }]}                                                            | ${422}
    ${'another type'}             | ${[{ op: 'replace', path: '/resourceType', value: 'Patient' }]}                                            | ${422}
    ${'no array'}                 | ${{ op: 'remove', path: '/note' }}                                                                         | ${400}
    ${'broken JSON'}              | ${'[{'}                                                                                                    | ${400}
  `('changes nothing and answers $status at $what', async ({ operations, status }) => {
    const answer = await patch(operations);
    expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome']);
    expect((await server.get('/fhir/Observation/o')).body.meta.versionId).toBe('1');
  });

  it('honours If-Match, and makes no version when nothing changes', async () => {
    const same = [{ op: 'replace', path: '/status', value: 'final' }];
    expect((await patch(same, { 'if-match': 'W/"2"' })).status).toBe(412);
    expect((await patch(same, { 'if-match': 'W/"1"' })).headers['etag']).toBe('W/"1"');
  });

  it('answers 404, 410 and 415', async () => {
    const operations = [{ op: 'remove', path: '/note' }];
    expect((await patch(operations, {}, '/fhir/Observation/none')).status).toBe(404);
    await server.send('DELETE', '/fhir/Observation/o');
    expect((await patch(operations)).status).toBe(410);
    expect((await patch(operations, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(
      415,
    );
  });

  it('patches by search: none is 404, one is patched, two are 412', async () => {
    const operations = [{ op: 'replace', path: '/status', value: 'amended' }];
    expect((await patch(operations, {}, '/fhir/Observation?status=cancelled')).status).toBe(404);
    expect((await patch(operations, {}, '/fhir/Observation?status=final')).status).toBe(200);
    await server.send('PUT', '/fhir/Observation/o2', {
      resourceType: 'Observation',
      id: 'o2',
      status: 'amended',
      code: { text: 'x' },
    });
    expect((await patch(operations, {}, '/fhir/Observation?status=amended')).status).toBe(412);
  });
});

describe('FHIRPath Patch (R4 fhirpatch.html)', () => {
  const operation = (type: string, path: string, more: Record<string, object> = {}) => ({
    name: 'operation',
    part: [
      { name: 'type', valueCode: type },
      { name: 'path', valueString: path },
      ...Object.entries(more).map(([name, value]) => ({ name, ...value })),
    ],
  });
  const apply = (...parameter: object[]) =>
    server.send('PATCH', '/fhir/Observation/o', { resourceType: 'Parameters', parameter });
  const named = (name: string, value: object) => ({ name: { valueString: name }, value });

  it.each`
    what                  | operations                                                                                                              | result
    ${'adds an element'}  | ${[operation('add', 'Observation', named('issued', { valueInstant: '2024-01-01T00:00:00Z' }))]}                         | ${{ issued: '2024-01-01T00:00:00Z' }}
    ${'adds to a list'}   | ${[operation('add', 'Observation', named('note', { part: [{ name: 'text', valueMarkdown: 'c' }] }))]}                   | ${{ note: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] }}
    ${'makes a list'}     | ${[operation('add', 'Observation.code', named('coding', { valueCoding: { code: 'x' } }))]}                              | ${{ code: { text: 'x', coding: [{ code: 'x' }] } }}
    ${'inserts'}          | ${[operation('insert', 'Observation.note', { index: { valueInteger: 1 }, value: { valueAnnotation: { text: 'c' } } })]} | ${{ note: [{ text: 'a' }, { text: 'c' }, { text: 'b' }] }}
    ${'deletes by index'} | ${[operation('delete', 'Observation.note[0]')]}                                                                         | ${{ note: [{ text: 'b' }] }}
    ${'deletes by where'} | ${[operation('delete', "Observation.note.where(text='b')")]}                                                            | ${{ note: [{ text: 'a' }] }}
    ${'deletes nothing'}  | ${[operation('delete', 'Observation.method')]}                                                                          | ${{ status: 'final' }}
    ${'replaces'}         | ${[operation('replace', 'Observation.status', { value: { valueCode: 'amended' } })]}                                    | ${{ status: 'amended' }}
    ${'replaces inside'}  | ${[operation('replace', 'Observation.note.last().text', { value: { valueMarkdown: 'z' } })]}                            | ${{ note: [{ text: 'a' }, { text: 'z' }] }}
    ${'changes a choice'} | ${[operation('replace', 'Observation.value', { value: { valueString: 'tall' } })]}                                      | ${{ valueString: 'tall' }}
    ${'moves'}            | ${[operation('move', 'Observation.note', { source: { valueInteger: 0 }, destination: { valueInteger: 1 } })]}           | ${{ note: [{ text: 'b' }, { text: 'a' }] }}
  `('$what', async ({ operations, result }) => {
    const { status, body } = await apply(...operations);
    expect(status).toBe(200);
    expect(body).toMatchObject(result);
    if ('valueString' in result) expect(body.valueQuantity).toBeUndefined();
  });

  it.each([
    [operation('add', 'Observation', named('status', { valueCode: 'amended' }))],
    [operation('add', 'Patient', named('active', { valueBoolean: true }))],
    [operation('replace', 'Observation.method', { value: { valueCodeableConcept: { text: 'x' } } })],
    [operation('delete', 'Observation.note')],
    [
      operation('insert', 'Observation.note[0]', {
        index: { valueInteger: 0 },
        value: { valueAnnotation: { text: 'c' } },
      }),
    ],
    [
      operation('insert', 'Observation.note', {
        index: { valueInteger: 9 },
        value: { valueAnnotation: { text: 'c' } },
      }),
    ],
    [operation('delete', 'Observation.note.select(text)')],
    [operation('merge', 'Observation')],
    [{ name: 'other' }],
  ])('refuses %j with 422 and changes nothing', async (operations) => {
    const { status, body } = await apply(operations as object);
    expect([status, body.resourceType]).toEqual([422, 'OperationOutcome']);
    expect((await server.get('/fhir/Observation/o')).body.meta.versionId).toBe('1');
  });
});
