import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/fhir/fhir-json.ts';
import { startPacker } from '../../src/views/threaded-packer.ts';
import { ViewError } from '../../src/views/view-definition.ts';

const viewOf = (path: string): JsonObject => ({
  resourceType: 'ViewDefinition',
  resource: 'Patient',
  select: [{ column: [{ name: 'x', path }] }],
});
const start = (path: string, patience?: number) =>
  startPacker(
    { definition: viewOf(path), format: 'ndjson', header: true, baseUrl: 'http://x.example/fhir' },
    patience,
  );
const lines = (...resources: object[]) =>
  new TextEncoder().encode(resources.map((one) => `${JSON.stringify(one)}\n`).join(''));
const patient = (id: string) => ({ resourceType: 'Patient', id });

describe('a packer in a thread', () => {
  it('makes rows of lines, and has the lines left to who sent them', async () => {
    const packer = await start('id');
    const sent = lines(patient('a'), { resourceType: 'Group', id: 'g' }, patient('b'));
    const { bytes, rows } = await packer.pack(sent);
    expect(Buffer.from(bytes).toString()).toBe('{"x":"a"}\n{"x":"b"}\n');
    expect(rows).toBe(2);
    expect(sent.length).toBeGreaterThan(0);
    expect((await packer.finish()).bytes).toHaveLength(0);
    await packer.close();
  });

  it('tells what is wrong with the view', async () => {
    await expect(start('@@')).rejects.toThrow(ViewError);
    await expect(start('%missing')).rejects.toThrow('there is no constant %missing');
    const packer = await start('name.given');
    const two = { ...patient('a'), name: [{ given: ['x', 'y'] }] };
    await expect(packer.pack(lines(two))).rejects.toThrow('the column x has several values');
  });

  it('ends an expression that does not end', async () => {
    const packer = await start("name.family.matches('^(a+)+$')", 300);
    const evil = { ...patient('a'), name: [{ family: `${'a'.repeat(40)}!` }] };
    await expect(packer.pack(lines(evil))).rejects.toThrow('takes too long');
  });
});
