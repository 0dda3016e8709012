import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importFiles } from '../../src/bulk/import-files.ts';
import { findSources } from '../../src/bulk/import-source.ts';
import { systemClock } from '../../src/values/clock.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { useFolder } from '../use-folder.ts';

// Made up in the form of Synthea's output: clinics and practitioners as batches, a person as a transaction.
const folder = fileURLToPath(new URL('../data/synthea', import.meta.url));

let server: TestServer;
const out = useFolder();
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(async () => {
  await server.close();
});

const run = async (skipUnkept: boolean) =>
  importFiles(server.ctx, (await findSources([folder])).sources, {
    jobs: { store: server.store, clock: systemClock, owner: 'test', log: () => {} },
    rejectedDirectory: out.path,
    skipUnkept,
    progress: { begin: () => undefined, advance: () => undefined, end: () => undefined },
  });
const first = async (type: string) => (await server.get(`/fhir/${type}`)).body.entry[0].resource;

describe("an import of Synthea's files", () => {
  it('names every entry that is not kept', async () => {
    expect(await run(false)).toMatchObject({ created: 3, rejected: 6 });
    const kept = readFileSync(out.at('Ada4_Sample3.rejected.ndjson'), 'utf8').trim().split('\n');
    const refused = kept.map((line) => JSON.parse(line));
    expect(refused.map(({ line, reason }) => [line, /"(\w+)"/.exec(reason)?.[1]])).toEqual([
      [4, 'CareTeam'],
      [5, 'CarePlan'],
      [6, 'MedicationRequest'],
      [7, 'Claim'],
      [8, 'ExplanationOfBenefit'],
      [10, 'DiagnosticReport'],
    ]);
    expect((await server.get('/fhir/Patient?_summary=count')).body.total).toBe(0);
  });

  it('passes over what is not kept when it is told to, and counts it by type', async () => {
    const counts = await run(true);
    expect(counts).toMatchObject({ created: 9, rejected: 0 });
    expect(counts.unkept).toEqual({
      CareTeam: 1,
      CarePlan: 1,
      MedicationRequest: 1,
      Claim: 1,
      ExplanationOfBenefit: 1,
      DiagnosticReport: 1,
    });
    expect(await run(true)).toMatchObject({ created: 0, updated: 0, unchanged: 9 });
  });

  it('keeps every reference: to what is kept as a literal one, to what is not as a logical one', async () => {
    await run(true);
    const dose = await first('Immunization');
    const person = await first('Patient');
    expect(dose.patient.reference).toBe(`Patient/${person.id}`);
    expect(dose.location.reference).toBe(`Location/${(await first('Location')).id}`);
    const { target } = await first('Provenance');
    expect(target).toHaveLength(11);
    expect(target.filter((each: { reference?: string }) => each.reference)).toHaveLength(5);
    expect(target).toContainEqual({
      type: 'Claim',
      identifier: {
        system: 'urn:ietf:rfc:3986',
        value: 'urn:uuid:9a000000-2222-4b22-9b22-000000000007',
      },
    });
  });
});
