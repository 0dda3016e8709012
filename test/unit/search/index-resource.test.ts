import fhirpath from 'fhirpath';
import model from 'fhirpath/fhir-context/r4';
import { describe, expect, it } from 'vitest';
import { generatePerson } from '../../../src/demo/generate-registry.ts';
import { generateInstitutions } from '../../../src/demo/institution.ts';
import { createRegistryContext, type RegistryOptions } from '../../../src/demo/registry-context.ts';
import { resourceTypes } from '../../../src/fhir/resource-type.ts';
import { compilePath } from '../../../src/search/compile-path.ts';
import { toEpochDay } from '../../../src/values/epoch-day.ts';
import { params, samples } from './search-world.ts';

const types: ReadonlySet<string> = new Set(resourceTypes);
const options: RegistryOptions = { mode: 'demo', seed: 1, asOf: toEpochDay(2026, 3, 1) };
const context = createRegistryContext(options);
const generated = [
  ...generateInstitutions(context),
  ...[0, 16, 18, 19, 20, 29, 32].flatMap((index) => generatePerson(context, index)),
];

describe('compiled expressions', () => {
  it('cover every definition that ships, so that nothing is interpreted on a write', () => {
    const left = [...params].flatMap(([type, ofType]) =>
      [...ofType.values()]
        .flatMap((param) => [param.expression, ...param.components.map(({ expression }) => expression)])
        .filter((expression) => expression !== '' && !compilePath(expression, types))
        .map((expression) => `${type}: ${expression}`),
    );
    expect(left).toEqual([]);
  });

  it.each([...params.keys()])('draw from a %s what fhirpath draws', (type) => {
    const resources = [...samples, ...generated].filter(({ resourceType }) => resourceType === type);
    for (const param of params.get(type)?.values() ?? []) {
      const draw = compilePath(param.expression, types);
      if (!draw || param.expression === '') continue;
      // Looking a target up needs a server; what the reference names must do.
      const local = param.expression.replace(/resolve\(\) is (\w+)/g, "reference.startsWith('$1/')");
      const compiled = fhirpath.compile(local, model);
      for (const resource of resources) {
        expect({ param: param.code, drawn: plain(draw(resource)) }).toEqual({
          param: param.code,
          drawn: plain(compiled(structuredClone(resource)) as unknown[]),
        });
      }
    }
  });
});

/** fhirpath.js wraps dates and quantities; their JSON is what the resource holds. */
function plain(values: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(values));
}
