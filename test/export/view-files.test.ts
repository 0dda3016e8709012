import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { PlannedView } from '../../src/export/export-plan.ts';
import type { Output } from '../../src/export/output.ts';
import { type ViewSplitting, viewFiles } from '../../src/export/view-files.ts';
import { toLines } from '../../src/store/contract/snapshot.ts';

const kept = new Map<string, Buffer>();
function memoryOutput(): Pick<Output, 'create'> & { readonly begun: string[]; readonly abandoned: string[] } {
  kept.clear();
  const [begun, abandoned]: string[][] = [[], []];
  return {
    begun: begun ?? [],
    abandoned: abandoned ?? [],
    create: async (_id, name) => {
      begun?.push(name);
      const chunks: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          chunks.push(bytes);
        },
        finish: async () => {
          kept.set(name, Buffer.concat(chunks));
          return kept.get(name)?.length ?? 0;
        },
        abandon: async () => {
          abandoned?.push(name);
        },
      };
    },
  };
}

const view: PlannedView = {
  name: 'people',
  resource: 'Patient',
  format: 'parquet',
  definition: {
    resourceType: 'ViewDefinition',
    resource: 'Patient',
    where: [{ path: 'active' }],
    select: [{ column: [{ name: 'id', path: 'getResourceKey()' }] }],
  },
};
const patients = (...ids: readonly string[]) =>
  toLines(ids.map((id) => JSON.stringify({ resourceType: 'Patient', id, active: id !== 'idle' })));
const open = (more: Partial<ViewSplitting> = {}, of: Partial<PlannedView> = {}) => {
  const output = memoryOutput();
  const splitting = {
    output: output as unknown as Output,
    id: 'export',
    baseUrl: 'http://x.example/fhir',
    onFailure: () => undefined,
    ...more,
  };
  return { output, files: viewFiles(splitting, { ...view, ...of }, 1) };
};
const idsIn = async (name: string) =>
  (await parquetReadObjects({ file: new Uint8Array(kept.get(name) ?? []).buffer })).map((row) => row['id']);

describe('files of a view', () => {
  it('are whole tables, each as long as it may be', async () => {
    const { files } = open({ mostBytes: 100 });
    const of = { type: 'Patient', holds: 'resources', view: 'people' };
    expect(await files.write(patients('a'), 1)).toBeUndefined();
    expect(await files.write(patients('b', 'c'), 2)).toMatchObject({
      ...of,
      name: 'people-1.parquet',
      count: 3,
    });
    expect(await files.write(patients('d'), 1)).toBeUndefined();
    expect(await files.finish()).toMatchObject({ name: 'people-2.parquet', count: 1 });
    expect(await files.finish()).toBeUndefined();
    expect(await idsIn('people-1.parquet')).toEqual(['a', 'b', 'c']);
    expect(await idsIn('people-2.parquet')).toEqual(['d']);
  });

  it('are none where there are no rows', async () => {
    const { files, output } = open();
    await files.write(patients('idle'), 1);
    expect(await files.finish()).toBeUndefined();
    expect(output.abandoned).toEqual(['people-1.parquet']);
    const none = open();
    await none.files.write(patients(), 0);
    expect(await none.files.finish()).toBeUndefined();
    expect(none.output.begun).toEqual([]);
  });

  it('leave nothing when they are abandoned', async () => {
    const { files, output } = open();
    await files.write(patients('a'), 1);
    await files.abandon();
    expect(output.abandoned).toEqual(['people-1.parquet']);
    expect(await files.finish()).toBeUndefined();
  });

  it('hold what is forecast for each, and tell of whom there is nothing', async () => {
    const failures: string[] = [];
    const forecast: ViewSplitting['forecast'] = async (id, { type, asOf }) =>
      id === 'b'
        ? { texts: [], failure: 'no date of birth' }
        : { texts: [JSON.stringify({ resourceType: type, id: `${id}-${asOf}`, active: true })] };
    const onFailure = (id: string, reason: string) => failures.push(`${id}: ${reason}`);
    const { files } = open({ forecast, onFailure }, { asOf: '2026-11-28' });
    await files.write(patients('a', 'b', 'c'), 3);
    expect(await files.finish()).toMatchObject({ count: 2 });
    expect(await idsIn('people-1.parquet')).toEqual(['a-2026-11-28', 'c-2026-11-28']);
    expect(failures).toEqual(['b: no date of birth']);
  });

  it('let others come first before each forecast', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      waiting = setImmediate(count);
    };
    let waiting = setImmediate(count);
    const at: number[] = [];
    const forecast: ViewSplitting['forecast'] = async () => {
      at.push(turns);
      return { texts: [] };
    };
    const { files } = open({ forecast }, { asOf: '2026-11-28' });
    await files.write(patients('a', 'b', 'c'), 3);
    clearImmediate(waiting);
    expect(new Set(at).size).toBe(3);
    await files.abandon();
  });
});
