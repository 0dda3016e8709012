import { beforeAll, expect, it } from 'vitest';
import type { Definitions } from '../../../src/fhir/validation/definitions.ts';
import { writeObject, writeResource } from '../../../src/rest/write-answer.ts';
import { wholeText } from '../../../src/values/long-text.ts';
import { openTestServer } from '../../http/open-test-server.ts';

let definitions: Definitions;
beforeAll(async () => {
  const server = await openTestServer();
  ({ definitions } = server.context);
  await server.close();
});

const outcome = (issues: number) => ({
  resourceType: 'OperationOutcome',
  issue: Array.from({ length: issues }, (_, n) => ({
    severity: 'error',
    code: 'value',
    diagnostics: `n${n}`,
  })),
});

it.each([
  ['json', false],
  ['json', true],
  ['xml', false],
  ['xml', true],
] as const)('writes a large resource in steps as at a stretch: %s, indented %s', async (format, pretty) => {
  let pauses = 0;
  const style = { format, pretty, definitions };
  const written = writeResource(outcome(5000), style, () => void pauses++);
  expect(typeof written).toBe('object');
  expect(wholeText(await written)).toBe(writeObject(outcome(5000), style));
  expect(pauses).toBeGreaterThan(10);
});

it('writes a small one at a stretch', () => {
  const style = { format: 'json', pretty: false, definitions } as const;
  expect(writeResource(outcome(3), style, () => undefined)).toBe(JSON.stringify(outcome(3)));
});
