import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  await server.send('PUT', '/fhir/Patient/p', {
    resourceType: 'Patient',
    id: 'p',
    birthDate: '2024-01-02',
    name: [{ given: ['A', 'B', 'C'], _given: [null, { id: 'b' }, null] }],
    contained: [{ resourceType: 'Organization', id: 'o', name: 'Clinic' }],
    managingOrganization: { reference: '#o' },
  });
});
afterEach(() => server.close());

const operation = (type: string, path: string, ...part: object[]) => ({
  name: 'operation',
  part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...part],
});
const named = (name: string) => ({ name: 'name', valueString: name });
const parts = (...part: object[]) => ({ name: 'value', part });
const apply = (...parameter: object[]) =>
  server.send('PATCH', '/fhir/Patient/p', { resourceType: 'Parameters', parameter });

describe('values made of parts (R4 fhirpatch.html)', () => {
  const contact = parts(
    { name: 'name', valueHumanName: { family: 'Roe' } },
    { name: 'relationship', valueCodeableConcept: { text: 'mother' } },
    {
      name: 'telecom',
      part: [
        { name: 'system', valueCode: 'phone' },
        { name: 'value', valueString: '1' },
      ],
    },
  );
  const made = {
    name: { family: 'Roe' },
    relationship: [{ text: 'mother' }],
    telecom: [{ system: 'phone', value: '1' }],
  };

  it('makes a list of one item of an element that repeats', async () => {
    const { status, body } = await apply(operation('add', 'Patient', named('contact'), contact));
    expect([status, body.contact]).toEqual([200, [made]]);
  });

  it('makes a list of several items in their order', async () => {
    const two = ['mother', 'nurse'].map((text) => ({
      name: 'relationship',
      valueCodeableConcept: { text },
    }));
    const { body } = await apply(
      operation(
        'add',
        'Patient',
        named('contact'),
        parts(...two, { name: 'name', valueHumanName: { family: 'Roe' } }),
      ),
    );
    expect(body.contact[0].relationship).toEqual([{ text: 'mother' }, { text: 'nurse' }]);
  });

  it('knows the type of what is inserted and replaced', async () => {
    const { body } = await apply(
      operation('add', 'Patient', named('contact'), contact),
      operation('insert', 'Patient.contact', { name: 'index', valueInteger: 0 }, contact),
      operation('replace', 'Patient.contact[1]', contact),
    );
    expect(body.contact).toEqual([made, made]);
  });

  it('takes a choice by its name, and with its type', async () => {
    const extension = (name: string) =>
      parts({ name: 'url', valueUri: 'http://x.org/e' }, { name, valueString: 'x' });
    const { body } = await apply(
      operation('add', 'Patient', named('extension'), extension('value')),
      operation('add', 'Patient', named('extension'), extension('valueString')),
    );
    expect(body.extension).toEqual([
      { url: 'http://x.org/e', valueString: 'x' },
      { url: 'http://x.org/e', valueString: 'x' },
    ]);
  });

  it('keeps the digits of a number', async () => {
    const value = { name: 'value', valueDecimal: 1 };
    const sent = JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        operation(
          'add',
          'Patient',
          named('extension'),
          parts({ name: 'url', valueUri: 'http://x.org/e' }, value),
        ),
      ],
    }).replace('"valueDecimal":1', '"valueDecimal":1.00');
    expect((await server.send('PATCH', '/fhir/Patient/p', sent)).text).toContain('"valueDecimal":1.00');
  });

  it('takes a resource', async () => {
    const resource = { resourceType: 'RelatedPerson', id: 'r', patient: { reference: '#' } };
    const { body } = await apply(
      operation('add', 'Patient', named('contained'), { name: 'value', resource }),
      operation('add', 'Patient.contained[0]', named('alias'), { name: 'value', valueString: 'x' }),
    );
    expect(body.contained).toEqual([
      { resourceType: 'Organization', id: 'o', name: 'Clinic', alias: ['x'] },
      resource,
    ]);
  });

  it.each([
    ['an element that there is not', parts({ name: 'colour', valueString: 'red' })],
    ['one twice that does not repeat', parts(...['A', 'B'].map((x) => ({ name: 'gender', valueCode: x })))],
    ['a name for the prototype', parts({ name: '__proto__', valueString: 'x' })],
  ])('refuses %s', async (_, value) => {
    const { status, body } = await apply(operation('add', 'Patient', named('contact'), value));
    expect([status, body.resourceType]).toEqual([422, 'OperationOutcome']);
  });
});

describe('what stands beside the value of a primitive', () => {
  it('goes with the value that is deleted, moved or replaced', async () => {
    const value = { name: 'value', valueString: 'X' };
    const { body } = await apply(
      operation('delete', 'Patient.name[0].given[0]'),
      operation(
        'move',
        'Patient.name[0].given',
        { name: 'source', valueInteger: 0 },
        { name: 'destination', valueInteger: 1 },
      ),
      operation('insert', 'Patient.name[0].given', { name: 'index', valueInteger: 0 }, value),
    );
    expect(body.name[0]).toEqual({ given: ['X', 'C', 'B'], _given: [null, null, { id: 'b' }] });
    const replaced = await apply(operation('replace', 'Patient.name[0].given[2]', value));
    expect(replaced.body.name[0]).toEqual({ given: ['X', 'C', 'X'] });
  });

  it('is added, found and deleted', async () => {
    const url = 'http://hl7.org/fhir/StructureDefinition/patient-birthTime';
    const value = { name: 'value', valueExtension: { url, valueDateTime: '2024-01-02T03:04:05Z' } };
    const { body } = await apply(operation('add', 'Patient.birthDate', named('extension'), value));
    expect(body._birthDate.extension).toEqual([value.valueExtension]);
    const at = `Patient.birthDate.extension.where(url='${url}').value`;
    const changed = await apply(
      operation('replace', at, { name: 'value', valueDateTime: '2024-01-02T06:00:00Z' }),
    );
    expect(changed.body._birthDate.extension[0].valueDateTime).toBe('2024-01-02T06:00:00Z');
    const without = await apply(operation('delete', 'Patient.birthDate'));
    expect(Object.keys(without.body)).not.toContain('_birthDate');
  });

  it('comes with a value that has none', async () => {
    const absent = {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    };
    const { body } = await apply(
      operation('replace', 'Patient.birthDate', { name: 'value', _valueDate: absent }),
    );
    expect([body.birthDate, body._birthDate]).toEqual([undefined, absent]);
  });
});
