import {
  directoryTypes,
  knowledgeTypes,
  organizationClient,
  outsideCompartment,
  personTypes,
  type Role,
  type RoleRow,
  registryClient,
  roles,
} from '../../../src/access/roles.ts';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import { resourceTypes } from '../../../src/fhir/resource-type.ts';

const groups: readonly (readonly [name: string, types: readonly ResourceType[]])[] = [
  ['every type but AuditEvent', resourceTypes.filter((type) => type !== 'AuditEvent')],
  ['persons', personTypes],
  ['directory', directoryTypes],
  ['knowledge', knowledgeTypes],
];

function nameOf(types: readonly ResourceType[]): string {
  const names = groups.filter(([, of]) => of.every((type) => types.includes(type)));
  if (names[0]?.[0] === 'every type but AuditEvent') return names[0][0];
  const others = types.filter((type) => !names.some(([, of]) => of.includes(type)));
  return [...names.map(([name]) => name), ...others].join(', ');
}

function rowsOf(name: string, { rows }: Role): readonly string[] {
  return rows.map((row: RoleRow) => `| ${name} | ${nameOf(row.types)} | ${row.may} | ${row.of} |`);
}

/** The rows of the table of roles in docs/security.md. */
export function renderRoles(): readonly string[] {
  return [
    ...Object.entries(roles).flatMap(([name, role]) => rowsOf(`\`${name}\``, role)),
    ...rowsOf('client of an organization', organizationClient),
    ...rowsOf('client of the registry', registryClient),
  ];
}

/** The rows of the table of what a patient scope reads outside the compartment. */
export function renderOutside(): readonly string[] {
  const others = outsideCompartment.filter(
    (type) => !directoryTypes.includes(type) && !knowledgeTypes.includes(type),
  );
  if (others.length > 0) throw new Error(`${others.join()} is of no kind that the docs know`);
  const inTable = (types: readonly ResourceType[]) =>
    types.filter((type) => outsideCompartment.includes(type));
  return [
    `| directory | ${inTable(directoryTypes).join(', ')} |`,
    `| knowledge | ${inTable(knowledgeTypes).join(', ')} |`,
  ];
}
