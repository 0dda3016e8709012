import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../src/fhir/resource.ts';
import { allowsGet } from '../../../src/operation/operation.ts';
import { operationDefinition } from '../../../src/operation/operation-definition.ts';
import { fileOperation } from '../../../src/registry/health-cards/file-operation.ts';
import type { CardIssuer } from '../../../src/registry/health-cards/issue-cards.ts';
import { issueOperation } from '../../../src/registry/health-cards/issue-operation.ts';
import { revokeOperation } from '../../../src/registry/health-cards/revoke-operation.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import { loadOperations } from '../../../src/shipped/operations.ts';
import { loadValidator } from '../../../src/shipped/validator.ts';

const validator = loadValidator();
const rows = [
  ...loadOperations({ knowledgeBases: loadKnowledgeBases('none'), fitsCompatible: false }),
  ...[issueOperation, fileOperation, revokeOperation].map((toRow) => toRow({} as CardIssuer)),
];
const definitionOf = (end: string) => {
  const row = rows.find(({ definition }) => definition.endsWith(`/${end}`));
  if (!row) throw new Error(`there is no ${end}`);
  return { row, definition: operationDefinition(row) };
};

describe('the OperationDefinitions', () => {
  it.each(rows)('$definition is valid and tells its parameters', (row) => {
    const definition = operationDefinition(row);
    const issues = validator.validate(definition as unknown as Resource, { declared: 'error' });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(definition.parameter?.some(({ use }) => use === 'out')).toBe(true);
    expect(definition.parameter?.every(({ documentation }) => documentation !== '')).toBe(true);
  });

  it('have one canonical each', () => {
    expect(new Set(rows.map(({ definition }) => definition)).size).toBe(rows.length);
  });

  it.each`
    end                         | affectsState | levels                            | byGet
    ${'Patient-everything'}     | ${false}     | ${['type', 'instance']}           | ${['type', 'instance']}
    ${'Resource-meta'}          | ${false}     | ${['system', 'type', 'instance']} | ${['system', 'type', 'instance']}
    ${'Resource-meta-add'}      | ${true}      | ${['instance']}                   | ${[]}
    ${'Resource-validate'}      | ${false}     | ${['type', 'instance']}           | ${['instance']}
    ${'ValueSet-expand'}        | ${false}     | ${['type', 'instance']}           | ${['type', 'instance']}
    ${'ImmDSForecastOperation'} | ${false}     | ${['system']}                     | ${[]}
    ${'Patient-immds-forecast'} | ${false}     | ${['instance']}                   | ${['instance']}
    ${'Patient-immds-what-if'}  | ${false}     | ${['instance']}                   | ${['instance']}
  `(
    '$end says whether it changes anything, and where it is offered',
    ({ end, affectsState, levels, byGet }) => {
      const { row, definition } = definitionOf(end);
      const all = ['system', 'type', 'instance'] as const;
      expect(definition.affectsState).toBe(affectsState);
      expect(all.filter((level) => definition[level])).toEqual(levels);
      expect(all.filter((level) => row.levels.includes(level) && allowsGet(row, level))).toEqual(byGet);
    },
  );

  it('leave out what the server does not act on', () => {
    const names = definitionOf('ValueSet-expand').definition.parameter?.map(({ name }) => name);
    expect(names).toContain('valueSet');
    expect(names).not.toContain('exclude-system');
  });

  it('tell parts, types and how often', () => {
    const parameter = definitionOf('ConceptMap-translate').definition.parameter ?? [];
    expect(parameter.find(({ name }) => name === 'match')).toMatchObject({
      use: 'out',
      min: 0,
      max: '*',
      part: [{ name: 'equivalence', type: 'code' }, { name: 'concept', type: 'Coding' }, { name: 'source' }],
    });
    const sent = definitionOf('ImmDSForecastOperation').definition.parameter ?? [];
    expect(
      sent.filter(({ use, min }) => use === 'in' && min === 1).map(({ name, type }) => [name, type]),
    ).toEqual([
      ['assessmentDate', 'date'],
      ['patient', 'Patient'],
    ]);
  });
});
