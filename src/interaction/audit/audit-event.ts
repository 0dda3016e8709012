import { Buffer } from 'node:buffer';
import type { AuditEvent, AuditEventAgent, AuditEventEntity, CodeableConcept, Coding } from 'fhir/r4.js';
import type { AuditAgent, AuditRow } from '../../store/contract/audit.ts';
import { formatInstant } from '../../values/instant.ts';
import { tableOf } from '../../values/table-of.ts';

/** The system of the tag that tells the server's own AuditEvents from those that clients sent. */
export const auditOrigin = 'https://jenner-iis.org/fhir/CodeSystem/audit-origin';
/** Of what a row tells that is no interaction of FHIR: sign-ins, pages, commands, exports. */
const interactionSystem = 'https://jenner-iis.org/fhir/CodeSystem/audit-interaction';
const roleSystem = 'https://jenner-iis.org/fhir/CodeSystem/role';

const auditType: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  code: 'rest',
  display: 'RESTful Operation',
};

/** A row as an AuditEvent, by the patterns of IHE BALP for RESTful activities (client, server, user, patients, data, query). */
export function toAuditEvent(row: AuditRow, baseUrl: string): AuditEvent {
  const recorded = formatInstant(row.at);
  const purpose = purposeIn(row);
  return {
    resourceType: 'AuditEvent',
    id: row.id,
    meta: { versionId: '1', lastUpdated: recorded, tag: [{ system: auditOrigin, code: 'server' }] },
    type: auditType,
    subtype: [subtypeOf(row)],
    action: row.action,
    recorded,
    outcome: String(row.outcome) as NonNullable<AuditEvent['outcome']>,
    ...(purpose && { purposeOfEvent: [purpose] }),
    agent: agentsOf(row, baseUrl, purpose),
    source: {
      observer: { display: 'Jenner', identifier: { system: 'urn:ietf:rfc:3986', value: baseUrl } },
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
    },
    ...withEntities(entitiesOf(row)),
  };
}

/** Codes of restful-interaction by the names that rows have; what is not among them has its own. */
const subtypes: Readonly<Record<string, string>> = tableOf({
  'search-type': 'search',
  'search-system': 'search',
  compartment: 'search',
  'look-up': 'search',
  bundle: 'batch',
  'conditional-update': 'update',
  'conditional-patch': 'patch',
  'conditional-delete': 'delete',
});

const own = /^(?:page |sign-in$|token$|introspect$|revoke$|launch$|account$|unauthorized$|command$|bulk )/;

function subtypeOf({ interaction }: AuditRow): Coding {
  if (own.test(interaction)) return { system: interactionSystem, code: interaction.replace(' ', '-') };
  const code = interaction.startsWith('operation') ? 'operation' : (subtypes[interaction] ?? interaction);
  return {
    system: 'http://hl7.org/fhir/restful-interaction',
    code,
    ...(code !== interaction && { display: interaction }),
  };
}

function purposeIn({ purpose, why }: AuditRow): CodeableConcept | undefined {
  if (purpose === undefined && why === undefined) return undefined;
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
  return {
    ...(purpose !== undefined && { coding: [{ system, code: purpose }] }),
    ...(why !== undefined && { text: why }),
  };
}

const dicom = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code, display }],
});
const participation = (code: string): CodeableConcept => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code }],
});

function agentsOf(
  { agent, from }: AuditRow,
  baseUrl: string,
  purpose: CodeableConcept | undefined,
): AuditEventAgent[] {
  const { client, user, organization } = agent;
  const network = from === undefined ? {} : { network: { address: from, type: '2' as const } };
  const source: AuditEventAgent = {
    type: dicom('110153', 'Source Role ID'),
    who: { identifier: { value: client ?? agent.name }, display: client ?? agent.name },
    requestor: user === undefined,
    ...network,
  };
  const destination: AuditEventAgent = {
    type: dicom('110152', 'Destination Role ID'),
    who: { display: 'Jenner' },
    requestor: false,
    network: { address: baseUrl, type: '5' },
  };
  return [
    source,
    destination,
    ...(user === undefined ? [] : [userOf(agent, user, purpose)]),
    ...(organization === undefined ? [] : [organizationOf(organization)]),
  ];
}

function userOf(
  { role, fhirUser }: AuditAgent,
  login: string,
  purpose: CodeableConcept | undefined,
): AuditEventAgent {
  return {
    type: participation('IRCP'),
    ...(role !== undefined && { role: [{ coding: [{ system: roleSystem, code: role }] }] }),
    who: {
      ...(fhirUser !== undefined && { reference: fhirUser }),
      identifier: { value: login },
      display: login,
    },
    altId: login,
    name: login,
    requestor: true,
    ...(purpose && { purposeOfUse: [purpose] }),
  };
}

/** For whom the user or the client acted. */
function organizationOf(id: string): AuditEventAgent {
  return { type: participation('CST'), who: { reference: `Organization/${id}` }, requestor: false };
}

const entityType = (code: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code,
});
const objectRole = (code: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/object-role',
  code,
});

function entitiesOf({ patients, what, query }: AuditRow): AuditEventEntity[] {
  const persons = patients.map((id) => ({
    what: { reference: `Patient/${id}` },
    type: entityType('1'),
    role: objectRole('1'),
  }));
  const data = what.map(({ type, id, versionId }) => ({
    what: { reference: versionId === undefined ? `${type}/${id}` : `${type}/${id}/_history/${versionId}` },
    type: entityType('2'),
    role: objectRole('4'),
  }));
  if (query === undefined) return [...persons, ...data];
  const asked = {
    type: entityType('2'),
    role: objectRole('24'),
    query: Buffer.from(query).toString('base64'),
  };
  return [...persons, ...data, asked];
}

/** FHIR knows no empty list. */
function withEntities(entity: AuditEventEntity[]): Pick<AuditEvent, 'entity'> {
  return entity.length === 0 ? {} : { entity };
}
