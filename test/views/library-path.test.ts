import { afterEach, expect, it, vi } from 'vitest';
import { openLibrary } from '../../src/views/library-path.ts';
import { ViewError } from '../../src/views/view-definition.ts';

const library = await openLibrary('https://registry.example/fhir');
const patient = () => ({
  resourceType: 'Patient',
  id: 'p',
  name: [{ family: 'Secret' }, { family: 'Other' }],
});
const draw = (expression: string) => library(expression)(patient(), { rowIndex: 0, resource: patient() });
afterEach(() => vi.restoreAllMocks());

it('prints nothing of a resource', () => {
  const printed = (['log', 'info', 'warn', 'error'] as const).map((name) =>
    vi.spyOn(globalThis.console, name).mockImplementation(() => undefined),
  );
  expect(draw("name.family.trace('x')")).toEqual(['Secret', 'Other']);
  for (const each of printed) expect(each).not.toHaveBeenCalled();
});

it('tells nothing of a resource in its errors', () => {
  for (const expression of ['name.family + 1', 'name.family.single()', 'name.family.toQuantity(1)']) {
    let message = '';
    try {
      draw(expression);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ViewError);
      message = String(thrown);
    }
    expect(message).toContain('cannot be evaluated');
    expect(message).not.toMatch(/Secret|Other/);
  }
});

it('asks nobody else', () => {
  const fetched = vi.spyOn(globalThis, 'fetch');
  expect(() => draw("name.memberOf('http://x.example/vs')")).toThrow(ViewError);
  expect(() => draw('name.resolve()')).toThrow(ViewError);
  expect(fetched).not.toHaveBeenCalled();
});
