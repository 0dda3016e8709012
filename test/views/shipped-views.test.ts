import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/fhir/fhir-json.ts';
import { shippedDocuments } from '../../src/shipped/package-files.ts';
import { shareableNotes, tabularNotes } from '../../src/views/check-profile.ts';
import { compilePlainPath } from '../../src/views/plain-path.ts';
import { readView } from '../../src/views/read-view.ts';
import { columnsOf, type ViewDefinition, type ViewSelect } from '../../src/views/view-definition.ts';

const views = (shippedDocuments('views') as readonly JsonObject[]).map(
  (definition) => [String(definition['name']), definition] as const,
);
const viewOf = (definition: JsonObject): ViewDefinition => {
  const read = readView(definition);
  return read.ok ? read.view : expect.unreachable(JSON.stringify(read.faults));
};
const pathsOf = ({ columns, select, unionAll, each }: ViewSelect): readonly string[] => [
  ...columns.map(({ path }) => path),
  ...(each && each.kind !== 'repeat' ? [each.path] : []),
  ...[...select, ...unionAll].flatMap(pathsOf),
];

it('are of people, doses, evaluations and recommendations', () => {
  expect(views.map(([name]) => name)).toEqual(['evaluation', 'immunization', 'patient', 'recommendation']);
});

describe.each(views)('the view %s', (_, definition) => {
  it('can be run by any runner, and is flat', () => {
    const view = viewOf(definition);
    expect(shareableNotes(definition, view)).toEqual([]);
    expect(tabularNotes(view)).toEqual([]);
  });

  it('needs no library', () => {
    const paths = viewOf(definition).select.flatMap(pathsOf);
    expect(paths.filter((path) => compilePlainPath(path, 'https://x.example/fhir') === undefined)).toEqual(
      [],
    );
  });

  it('has names that no database takes amiss', () => {
    for (const { name } of columnsOf(viewOf(definition).select)) expect(name).toMatch(/^[a-z][a-z_]*$/);
  });
});
