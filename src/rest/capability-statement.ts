import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceOperation,
  CapabilityStatementRestResourceSearchParam,
  CapabilityStatementRestSecurity,
} from 'fhir/r4.js';
import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import type { Operation } from '../operation/operation.ts';
import type { RestOptions } from './route.ts';

/** What the router answers, told from the tables that the router itself is made of. */
export function capabilityStatement(options: RestOptions): CapabilityStatement {
  const { operations, context, software } = options;
  const exportsInBulk = operations.some(({ code }) => code === 'export');
  const runsViews = operations.some(({ code }) => code === 'viewdefinition-run');
  const systemOperations = toOperations(operations.filter(({ levels }) => levels.includes('system')));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: software.released,
    kind: 'instance',
    software: { name: software.name, version: software.version },
    implementation: { description: 'Jenner immunization information system', url: context.baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'],
    patchFormat: [
      'application/json-patch+json',
      'application/xml-patch+xml',
      'application/fhir+json',
      'application/fhir+xml',
    ],
    instantiates: [
      'http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server',
      ...(exportsInBulk ? ['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'] : []),
    ],
    implementationGuide: ['http://hl7.org/fhir/us/immds/ImplementationGuide/hl7.fhir.us.immds'],
    rest: [
      {
        mode: 'server',
        ...(runsViews && { documentation: aboutViews }),
        ...(options.isSmart && { security: smartSecurity(context.baseUrl) }),
        resource: resourceTypes.map((type) => toResource(type, options)),
        interaction: [
          { code: 'transaction' },
          { code: 'batch' },
          { code: 'history-system' },
          { code: 'search-system' },
        ],
        searchParam: everyType,
        ...(systemOperations.length > 0 && { operation: systemOperations }),
      },
    ],
  };
}

/** R4 binds the type of a resource to its own, so that no row can say it. */
const aboutViews =
  'ViewDefinition (SQL on FHIR 2.1), which R4 does not have: read by id and listed by _id, name, resource, status and ' +
  'url, as JSON; $run on one of them or on the type';

/** SMART App Launch 2.2, conformance: what clients read that do not ask for smart-configuration. */
function smartSecurity(baseUrl: string): CapabilityStatementRestSecurity {
  const auth = `${baseUrl.replace(/\/fhir$/, '')}/auth`;
  const endpoints = ['authorize', 'token', 'introspect', 'revoke'];
  return {
    cors: true,
    service: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
            code: 'SMART-on-FHIR',
            display: 'SMART-on-FHIR',
          },
        ],
      },
    ],
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: endpoints.map((url) => ({ url, valueUri: `${auth}/${url}` })),
      },
    ],
  };
}

/** Parameters of every type that no SearchParameter of the type defines. */
const everyType: CapabilityStatementRestResourceSearchParam[] = [
  { name: '_filter', type: 'special' },
  { name: '_list', type: 'special' },
];

const typeInteractions = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
] as const;

function toResource(
  type: ResourceType,
  { context, operations: all }: RestOptions,
): CapabilityStatementRestResource {
  const operations = toOperations(all.filter(({ types }) => types.includes(type)));
  const params = [...(context.searchParams.get(type)?.values() ?? [])];
  const references = params.filter((param) => param.type === 'reference');
  const searchParam: CapabilityStatementRestResourceSearchParam[] = params.map((param) => ({
    name: param.code,
    definition: param.url,
    type: param.type,
  }));
  const profiles = context.validation.validator.profilesOf(type);
  return {
    type,
    ...(profiles.length > 0 && { supportedProfile: [...profiles] }),
    interaction: typeInteractions.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'single',
    ...(references.length > 0 && {
      searchInclude: ['*', ...references.map((param) => `${type}:${param.code}`)],
    }),
    ...(searchParam.length > 0 && { searchParam }),
    ...(operations.length > 0 && { operation: operations }),
  };
}

/** The statement without the elements that R4 has for trial use (R4 capabilitystatement.html). */
export function normativePart(statement: CapabilityStatement): CapabilityStatement {
  const rest = (statement.rest ?? []).map(({ resource = [], ...system }) => ({
    ...system,
    resource: resource.map(({ type, interaction, searchParam, operation }) => ({
      type,
      ...(interaction && { interaction }),
      ...(searchParam && { searchParam }),
      ...(operation && { operation }),
    })),
  }));
  return { ...statement, rest };
}

/** The definition says on which levels it is offered. */
function toOperations(operations: readonly Operation[]): CapabilityStatementRestResourceOperation[] {
  return operations.map(({ code, definition }) => ({ name: code, definition }));
}
