import { createRequire } from 'node:module';
import { join } from 'node:path';
import { resourceTypes } from '../fhir/resource-type.ts';
import type { ElementTables } from '../fhir/subset-resource.ts';
import type {
  Definitions,
  FhirPathEngine,
  ProfileDefinition,
  StructureCheck,
  ValidatorSources,
} from '../fhir/validation/definitions.ts';
import { openElementTables } from '../fhir/validation/element-table.ts';
import { openValidator } from '../fhir/validation/validator.ts';
import { remember } from '../values/remember.ts';
import { once, packageRoot, readJson, shippedDocuments } from './package-files.ts';

const built = join(packageRoot, 'dist/definitions');
const require = createRequire(import.meta.url);

/** Opens the validator on what the build made of R4 and on the JSON files of profiles/, subfolders included. */
export const loadValidator = once(() => openValidator(readValidatorSources()));

export function readValidatorSources(): ValidatorSources {
  const definitions = loadDefinitions();
  return {
    definitions,
    structureOf: (type) => (isResource(definitions, type) ? structureOf(type) : undefined),
    coreExtensions: once(
      () => readJson(join(built, 'extensions.json')) as Readonly<Record<string, ProfileDefinition>>,
    ),
    profiles: shippedDocuments('profiles'),
    fhirPath: once(openFhirPath),
  };
}

function isResource({ types }: Definitions, name: string): boolean {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  return type?.kind === 'resource' && !type.abstract;
}

/** Which elements of each type are mandatory, modifiers or part of the summary. */
export function loadElementTables(): ElementTables {
  return openElementTables(loadDefinitions());
}

/** R4 as the build trims it. */
export const loadDefinitions = once(() => readJson(join(built, 'definitions.json')) as Definitions);

/** Required when the first resource of the type is checked. */
const structureOf = remember(resourceTypes.length, (type: string): StructureCheck | undefined => {
  const checks = require(join(built, 'structure', `${type}.cjs`)) as Readonly<Record<string, StructureCheck>>;
  return checks[type];
});

/** Loading it takes a tenth of a second, which only resources with rarer rules cost. */
function openFhirPath(): FhirPathEngine {
  const { compile } = require('fhirpath') as typeof import('fhirpath');
  const model = require('fhirpath/fhir-context/r4') as import('fhirpath').Model;
  return {
    compile: (expression, base) => {
      // Published expressions call trace(), which would print.
      const evaluate = compile({ base, expression }, model, { traceFn: () => undefined });
      return (focus, environment) => evaluate(focus, environment) as readonly unknown[];
    },
  };
}
