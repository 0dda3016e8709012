import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type FileForecast,
  forecastFile,
  forecastPatient,
  parseForecastDate,
} from '../../src/cli/forecast-command.ts';
import { loadKnowledgeBases } from '../../src/shipped/knowledge-bases.ts';
import { parseEpochDay } from '../../src/values/partial-date.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { useFolder } from '../use-folder.ts';

let server: TestServer;
const folder = useFolder();
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(async () => {
  await server.close();
});

const form = {
  json: false,
  explain: false,
  fitsCompatible: false,
  knowledgeBases: loadKnowledgeBases('no-such-folder'),
};
const patient = { resourceType: 'Patient', birthDate: '2025-12-01', gender: 'female' };
const parameters = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'assessmentDate', valueDate: '2026-03-01' },
    { name: 'patient', resource: patient },
  ],
};
const fileForecast = (content: string, more: Partial<FileForecast> = {}) => {
  const file = folder.at('x.csv');
  writeFileSync(file, content);
  const input = { newReference: () => 'urn:uuid:1', checkStructure: () => [] };
  return forecastFile({ ...form, ...more, file, input });
};

it('reads a file, and answers for a person, with the rules, or as FHIR', () => {
  const text = fileForecast(JSON.stringify(parameters));
  expect(text).toMatch(
    /^Forecast for 2026-03-01\nThe patient, born 2025-12-01 \(3 months old\), female\nBy CDC's ACIP schedule, USA-CDC-CDSI .*\nNo doses on record\n/,
  );
  expect(text).toContain('Overdue\n  HepB               dose 1 of 3, overdue since 2025-12-29');
  expect(text).not.toContain('== HepB ==');
  expect(fileForecast(JSON.stringify(parameters), { explain: true })).toContain('== HepB ==');
  const { parameter } = JSON.parse(fileForecast(JSON.stringify(parameters), { json: true }));
  expect(parameter[0].name).toBe('recommendation');
});

it('names the file that it cannot use', () => {
  expect(() => fileForecast('a,b')).toThrow(/x\.csv: The body is not FHIR JSON/);
  expect(() => fileForecast('{"resourceType":"Parameters"}')).toThrow(/x\.csv: /);
});

it('forecasts for a patient of the store', async () => {
  await server.send('PUT', '/fhir/Patient/p', { ...patient, id: 'p' });
  const assessmentDate = parseEpochDay('2026-03-01');
  if (assessmentDate === undefined) throw new Error('no date');
  const question = { ...form, ctx: server.ctx, assessmentDate };
  const text = await forecastPatient({ ...question, patient: 'Patient/p' });
  expect(text).toContain('Forecast for 2026-03-01');
  expect(text).toContain('Patient/p, born 2025-12-01');
  expect(text).not.toContain(', since ');
  await expect(forecastPatient({ ...question, patient: 'q' })).rejects.toThrow('Patient/q');
  await expect(forecastPatient({ ...question, patient: 'a b' })).rejects.toThrow('--patient a b');
  expect(() => parseForecastDate('2026-13-01')).toThrow('--date 2026-13-01');
});

it('names the schedule that is followed, and why, at the head alone', async () => {
  const extension = [
    { url: 'https://jenner-iis.org/fhir/StructureDefinition/schedule', valueString: 'USA-AAP' },
  ];
  await server.send('PUT', '/fhir/Organization/o', {
    resourceType: 'Organization',
    id: 'o',
    name: 'O',
    extension,
  });
  const managingOrganization = { reference: 'Organization/o' };
  await server.send('PUT', '/fhir/Patient/p', { ...patient, id: 'p', managingOrganization });
  const assessmentDate = parseEpochDay('2026-03-01');
  if (assessmentDate === undefined) throw new Error('no date');
  const question = { ...form, ctx: server.ctx, assessmentDate, patient: 'p' };
  const text = await forecastPatient(question);
  expect(text).toContain(
    '\nBy American Academy of Pediatrics schedule, USA-AAP 2026-01, since Organization/o names USA-AAP\n',
  );
  expect(text).not.toContain('is followed');
  // As FHIR it is a note.
  expect(await forecastPatient({ ...question, json: true })).toContain('is followed, since Organization/o');
});

it('follows the schedule of the state for a file, or those that it names and tells where they differ', () => {
  const address = [{ use: 'home', state: 'MA' }];
  const resource = { ...patient, address };
  const ofState = { ...parameters, parameter: [parameters.parameter[0], { name: 'patient', resource }] };
  const scheduleOfState = new Map([['MA', { base: 'USA-MA-DPH' }]]);
  expect(fileForecast(JSON.stringify(ofState), { scheduleOfState })).toContain(
    '\nBy Massachusetts Department of Public Health schedule, USA-MA-DPH 2026-01, since the patient lives in MA\n',
  );
  const names = ['USA-CDC-CDSI', 'USA-AAP'].map((valueString) => ({ name: 'knowledgeBase', valueString }));
  const both = fileForecast(
    JSON.stringify({ ...parameters, parameter: [...parameters.parameter, ...names] }),
  );
  expect(both.match(/since the request names it/g)).toHaveLength(2);
  expect(both).toContain('\nWhere the schedules differ\n');
});
