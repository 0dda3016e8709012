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
    ${'an invalid result'}        | ${[{ op: 'remove', path: '/status' }]}                                                                     | ${422}
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

describe('what a patch may cost', () => {
  const names = (n: number) => Array.from({ length: n }, (_, i) => ({ family: `F${i}` }));
  const patchJson = (operations: object[]) =>
    server.send('PATCH', '/fhir/Patient/p', JSON.stringify(operations), {
      'content-type': 'application/json-patch+json',
    });

  it('refuses a list that is copied into itself until it fills the memory', async () => {
    await server.send('PUT', '/fhir/Patient/p', {
      resourceType: 'Patient',
      id: 'p',
      name: [{ family: 'A' }],
    });
    const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/name', path: '/name/-' }));
    const { status, body } = await patchJson(doubling);
    expect(status).toBe(422);
    expect(body.issue[0].details.text).toContain('copies more than');
  });

  it.each([
    ['JSON', 1001, 1],
    ['JSON', 900, 1500],
    ['FHIRPath', 1001, 1],
    ['FHIRPath', 900, 1500],
  ])('refuses a %s Patch of %d operations on a list of %d', async (kind, operations, length) => {
    const patient = { resourceType: 'Patient', id: 'p', name: names(length) };
    await server.send('PUT', '/fhir/Patient/p', patient);
    const many = <Item>(item: Item) => Array.from({ length: operations }, () => item);
    const answer =
      kind === 'JSON'
        ? await patchJson(many({ op: 'add', path: '/name/0/text', value: 'x' }))
        : await server.send('PATCH', '/fhir/Patient/p', {
            resourceType: 'Parameters',
            parameter: many({
              name: 'operation',
              part: [
                { name: 'type', valueCode: 'replace' },
                { name: 'path', valueString: 'Patient.name[0].family' },
                { name: 'value', valueString: 'x' },
              ],
            }),
          });
    expect([400, 422]).toContain(answer.status);
    expect(answer.body.issue[0].details.text).toContain('operations');
    expect((await server.get('/fhir/Patient/p')).body.meta.versionId).toBe('1');
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

describe('XML Patch (R4 http.html#patch, RFC 5261)', () => {
  const f = 'xmlns:f="http://hl7.org/fhir" xmlns="http://hl7.org/fhir"';
  const type = { 'content-type': 'application/xml-patch+xml' };
  const apply = (operations: string, more: Record<string, string> = {}) =>
    server.send('PATCH', '/fhir/Observation/o', `<diff ${f}>${operations}</diff>`, { ...type, ...more });

  it.each`
    what                              | operations                                                                                                        | result
    ${'replaces an attribute'}        | ${'<replace sel="f:Observation/f:status/@value">amended</replace>'}                                               | ${{ status: 'amended' }}
    ${'takes the default namespace'}  | ${'<replace sel="/Observation/status/@value">amended</replace>'}                                                  | ${{ status: 'amended' }}
    ${'replaces an element'}          | ${'<replace sel="f:Observation/f:code"><code><text value="&lt;y&gt;"/></code></replace>'}                         | ${{ code: { text: '<y>' } }}
    ${'replaces by position'}         | ${'<replace sel="*/f:note[2]/f:text/@value">c</replace>'}                                                         | ${{ note: [{ text: 'a' }, { text: 'c' }] }}
    ${'adds at the end'}              | ${'<add sel="f:Observation"><note><text value="c"/></note><issued value="2024-01-01T00:00:00Z"/></add>'}          | ${{ issued: '2024-01-01T00:00:00Z', note: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] }}
    ${'adds before'}                  | ${'<add sel="f:Observation/f:note[1]" pos="before"><note><text value="c"/></note></add>'}                         | ${{ note: [{ text: 'c' }, { text: 'a' }, { text: 'b' }] }}
    ${'adds after'}                   | ${'<add sel="f:Observation/f:note[1]" pos="after"><f:note><f:text value="c"/></f:note></add>'}                    | ${{ note: [{ text: 'a' }, { text: 'c' }, { text: 'b' }] }}
    ${'adds in front'}                | ${'<add sel="f:Observation/f:code" pos="prepend"><coding><code value="k"/></coding></add>'}                       | ${{ code: { coding: [{ code: 'k' }], text: 'x' } }}
    ${'adds an attribute'}            | ${'<add sel="f:Observation/f:code" type="@id">c1</add>'}                                                          | ${{ code: { id: 'c1', text: 'x' } }}
    ${'removes'}                      | ${'<remove sel="f:Observation/f:note[1]" ws="both"/>'}                                                            | ${{ note: [{ text: 'b' }] }}
    ${'selects by attribute'}         | ${'<remove sel="f:Observation/f:note/f:text[@value=\'b\']"/><add sel="*/f:note[2]"><text value="d"/></add>'}      | ${{ note: [{ text: 'a' }, { text: 'd' }] }}
    ${'takes several in their order'} | ${'<remove sel="*/f:note[1]"/><replace sel="*/f:note/f:text/@value">e</replace>'}                                 | ${{ note: [{ text: 'e' }] }}
    ${'replaces the narrative'}       | ${'<add sel="*"><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">n</div></text></add>'} | ${{ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">n</div>' } }}
  `('$what', async ({ operations, result }) => {
    const { status, body, text } = await apply(operations);
    expect([status, body]).toMatchObject([200, result]);
    expect(text).toContain('"value":1.00');
    expect(body.meta.versionId).toBe('2');
  });

  it.each`
    what                             | operations                                                               | status
    ${'nothing selected'}            | ${'<remove sel="f:Observation/f:method"/>'}                              | ${422}
    ${'several selected'}            | ${'<remove sel="f:Observation/f:note"/>'}                                | ${422}
    ${'no selector'}                 | ${'<remove/>'}                                                           | ${422}
    ${'a selector it does not know'} | ${'<remove sel="f:Observation/descendant::f:note"/>'}                    | ${422}
    ${'an unknown prefix'}           | ${'<remove sel="g:Observation/g:code"/>'}                                | ${422}
    ${'the root removed'}            | ${'<remove sel="f:Observation"/>'}                                       | ${422}
    ${'an attribute that is there'}  | ${'<add sel="f:Observation/f:status" type="@value">final</add>'}         | ${422}
    ${'text where elements stand'}   | ${'<add sel="f:Observation">final</add>'}                                | ${422}
    ${'an unknown element'}          | ${'<add sel="f:Observation"><colour value="red"/></add>'}                | ${422}
    ${'another namespace'}           | ${'<add sel="f:Observation"><issued xmlns="urn:x" value="2024"/></add>'} | ${422}
    ${'a second status'}             | ${'<add sel="f:Observation"><status value="final"/></add>'}              | ${422}
    ${'an emptied element'}          | ${'<remove sel="f:Observation/f:status/@value"/>'}                       | ${422}
    ${'an invalid result'}           | ${'<remove sel="f:Observation/f:code"/>'}                                | ${422}
    ${'another id'}                  | ${'<replace sel="f:Observation/f:id/@value">p</replace>'}                | ${422}
    ${'an unknown operation'}        | ${'<merge sel="f:Observation"/>'}                                        | ${400}
    ${'broken XML'}                  | ${'<remove sel="f:Observation/f:code">'}                                 | ${400}
    ${'too many operations'}         | ${'<remove sel="x"/>'.repeat(1001)}                                      | ${400}
  `('changes nothing and answers $status at $what', async ({ operations, status }) => {
    const answer = await apply(operations);
    expect([answer.status, answer.body?.resourceType]).toEqual([status, 'OperationOutcome']);
    expect((await server.get('/fhir/Observation/o')).body.meta.versionId).toBe('1');
  });

  it('honours If-Match, and makes no version when nothing changes', async () => {
    const same = '<replace sel="f:Observation/f:status/@value">final</replace>';
    expect((await apply(same, { 'if-match': 'W/"2"' })).status).toBe(412);
    expect((await apply(same, { 'if-match': 'W/"1"' })).headers['etag']).toBe('W/"1"');
  });

  it('keeps a narrative that it does not touch as it was written', async () => {
    const div = "<div xmlns='http://www.w3.org/1999/xhtml'><p class='a'>1 &lt; 2 <br/></p></div>";
    await server.send('PUT', '/fhir/Observation/o', {
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      text: { status: 'generated', div },
      code: { text: 'x' },
    });
    const { body } = await apply('<replace sel="f:Observation/f:status/@value">amended</replace>');
    expect([body.status, body.text.div]).toEqual(['amended', div]);
  });

  it('takes the patch element of RFC 7351', async () => {
    const body = `<p:patch xmlns:p="urn:ietf:rfc:7351" ${f}><p:remove sel="Observation/note[2]"/></p:patch>`;
    const answer = await server.send('PATCH', '/fhir/Observation/o', body, type);
    expect([answer.status, answer.body.note]).toEqual([200, [{ text: 'a' }]]);
  });
});
