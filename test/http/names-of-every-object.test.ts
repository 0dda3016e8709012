import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

// What every JavaScript object has is no row of a table that is asked by what others send.

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const coded = (name: string, ...systems: readonly string[]) => ({
  coding: systems.map((system) => ({ system, code: name })),
});
const patientCalled = (name: string) => ({
  resourceType: 'Patient',
  birthDate: '2024-09-28',
  gender: 'female',
  name: [{ family: name, given: [name], suffix: [name] }],
  address: [{ line: [`1 ${name} ${name}`], city: name, state: name, country: name }],
});

describe.each(['constructor', '__proto__', 'toString'])('what is called %s', (name) => {
  it('is nothing that a forecast knows', async () => {
    const patient = { reference: 'Patient/p' };
    const dose = {
      resourceType: 'Immunization',
      id: 'd',
      status: 'completed',
      isSubpotent: true,
      subpotentReason: [coded(name, 'urn:x')],
      vaccineCode: {
        coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }, ...coded(name, name).coding],
      },
      patient,
      occurrenceDateTime: '2025-10-01',
      manufacturer: { identifier: { system: name, value: name } },
    };
    const condition = {
      resourceType: 'Condition',
      id: 'c',
      subject: patient,
      code: coded(name, name, 'http://snomed.info/sct'),
    };
    const observation = {
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      subject: patient,
      code: coded(name, 'http://loinc.org'),
      valueQuantity: { value: 1, unit: name, code: name, system: 'http://unitsofmeasure.org' },
    };
    const { status, text } = await server.send('POST', '/fhir/$immds-forecast', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'assessmentDate', valueDate: '2026-01-01' },
        { name: 'patient', resource: { ...patientCalled(name), id: 'p' } },
        { name: 'immunization', resource: dose },
        { name: 'condition', resource: condition },
        { name: 'observation', resource: observation },
      ],
    });
    expect([status, text.slice(0, 200)]).toEqual([200, expect.stringContaining('"Parameters"')]);
  });

  it('is a name like others where people are looked for', async () => {
    expect((await server.send('POST', '/fhir/Patient', patientCalled(name))).status).toBe(201);
    const { status, body } = await server.send('POST', '/fhir/Patient/$match', {
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: patientCalled(name) }],
    });
    expect([status, body.entry.length]).toEqual([200, 1]);
  });

  it.each([
    (word: string) => `/fhir/Location?near=1|1|1|${word}`,
    (word: string) => `/fhir/Immunization?vaccine-code=${word}|${word}`,
    (word: string) => `/fhir/AuditEvent?${word}=1&type=${word}&subtype=${word}&action=${word}`,
    (word: string) => `/fhir/Patient/p/$health-cards-issue?credentialType=${word}`,
    (word: string) => `/fhir/CodeSystem/$lookup?system=${word}&code=${word}`,
  ])('is no word of a URL (%#)', async (urlOf) => {
    expect((await server.get(urlOf(name))).status).toBeLessThan(500);
  });

  it('is no code of a message', async () => {
    const lines = [
      `MSH|^~\\&|a|b|c|d|20260101||TYPE|${name}|P|2.5.1|||ER|AL||CHARSET|||Z22^CDCPHINVS`,
      `PID|1||1^^^${name}^${name}||${name}^${name}^^^^^${name}||20240928|${name}|||1 ${name}^^${name}^${name}^^${name}^${name}`,
      'ORC|RE||1^a',
      `RXA|0|1|20251001||${name}^${name}^${name}|1|${name}|||${name}^x^${name}||||||||${name}^${name}^${name}|${name}^${name}^${name}||${name}|${name}`,
      `RXR|${name}^${name}^${name}|${name}^${name}^${name}`,
      `OBX|1|${name}|${name}^${name}^${name}|1|${name}^${name}^${name}||||||${name}|||20251001`,
    ];
    for (const type of ['VXU^V04^VXU_V04', `${name}^${name}^${name}`]) {
      for (const charset of ['', name]) {
        const message = lines.join('\r').replace('TYPE', type).replace('CHARSET', charset);
        const answer = await server.send('POST', '/hl7v2', message, { 'content-type': 'text/plain' });
        expect([answer.status, answer.text]).toEqual([200, expect.stringMatching(/^MSH/)]);
        expect(server.failures).toEqual([]);
      }
    }
  });
});
