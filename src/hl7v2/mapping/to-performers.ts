import type {
  Identifier,
  Immunization,
  ImmunizationPerformer,
  Location,
  Organization,
  Practitioner,
} from 'fhir/r4.js';
import type { OrderGroup } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import type { Piece } from '../er7/piece.ts';
import { toAddress } from './address.ts';
import { identifierOf, toAuthority } from './authority.ts';
import { toConcept } from './coded.ts';
import { defined, some } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { toName, xcn } from './person-name.ts';
import type { SenderIdentity } from './to-patient.ts';
import { leaf, partOf, saying } from './v2-text.ts';

/** Who did what: the codes of table 0443, and of our own for the organization that entered it. */
export const functions = {
  ordering: 'OP',
  administering: 'AP',
  entering: 'EP',
  organization: 'EO',
} as const;

const functionSystem = 'http://terminology.hl7.org/CodeSystem/v2-0443';
/** Table 0443 has none for ORC-17. */
const ownFunctions = 'https://jenner-iis.org/fhir/CodeSystem/performer-function';

type Who = Practitioner | Organization | Location;

type Performers = {
  readonly contained: readonly Who[];
  readonly performer: readonly ImmunizationPerformer[];
  readonly location: Immunization['location'];
};

/** Who ordered, gave and entered a dose, and where: as contained resources, since they are known by what was sent alone. */
export function toPerformers(
  tables: MappingTables,
  { orc, rxa }: OrderGroup,
  sender: SenderIdentity,
): Performers {
  const persons = [
    practitioner(tables, { segment: orc, field: 12, id: 'ordering' }, sender),
    practitioner(tables, { segment: rxa, field: 10, id: 'administering' }, sender),
    practitioner(tables, { segment: orc, field: 10, id: 'entering' }, sender),
  ].filter((one) => one !== undefined);
  const organization = orc && organizationOf(tables, orc);
  const place = placeOf(tables, rxa);
  const people = [...persons, ...(organization ? [organization] : [])];
  return {
    contained: [...people, ...(place ? [place] : [])],
    performer: people.map(({ id = '' }) => performerOf(id as keyof typeof functions)),
    location: place && { reference: '#location' },
  };
}

function performerOf(id: keyof typeof functions): ImmunizationPerformer {
  const system = id === 'organization' ? ownFunctions : functionSystem;
  return { function: { coding: [{ system, code: functions[id] }] }, actor: { reference: `#${id}` } };
}

type Place = { readonly segment: Segment | undefined; readonly field: number; readonly id: string };

/** XCN: an id with its authority, a name, a degree. */
function practitioner(
  tables: MappingTables,
  { segment, field, id }: Place,
  { authority }: SenderIdentity,
): Practitioner | undefined {
  const [piece] = segment ? saying(segment, field) : [];
  if (!piece) return undefined;
  const identifier = identifierOf({
    value: leaf(piece, 1),
    hd: partOf(piece, 9),
    type: leaf(piece, 13),
    usual: authority,
  });
  const name = toName(tables, piece, xcn);
  if (!identifier && !name) return undefined;
  const degree = leaf(piece, 21) ?? leaf(piece, xcn.degree);
  return defined<Practitioner>({
    resourceType: 'Practitioner',
    id,
    identifier: some([identifier]),
    name: some([name]),
    qualification: degree === undefined ? undefined : [{ code: { text: degree } }],
  });
}

/** ORC-17, a CE. */
function organizationOf(tables: MappingTables, orc: Segment): Organization | undefined {
  const [piece] = saying(orc, 17);
  const concept = piece && toConcept(tables, piece);
  const [coding] = concept?.coding ?? [];
  const name = (piece && leaf(piece, 2)) ?? concept?.text;
  if (!coding && name === undefined) return undefined;
  const identifier = coding && defined<Identifier>({ system: coding.system, value: coding.code ?? '' });
  return defined<Organization>({
    resourceType: 'Organization',
    id: 'organization',
    identifier: some([identifier]),
    name,
  });
}

/** RXA-11, an LA2: the facility of its fourth component, and an address from the ninth on. */
function placeOf(tables: MappingTables, rxa: Segment): Location | undefined {
  const [piece] = saying(rxa, 11);
  if (!piece) return undefined;
  const hd = facilityIn(piece);
  const facility = toAuthority(hd);
  const address = toAddress(tables, addressIn(piece));
  const rooms = [1, 2, 3].map((at) => leaf(piece, at)).filter((part) => part !== undefined);
  if (!facility && !address && rooms.length === 0) return undefined;
  const value = leaf(hd, 1, 1) ?? leaf(hd, 1, 2);
  return defined<Location>({
    resourceType: 'Location',
    id: 'location',
    identifier: facility && value !== undefined ? [{ system: facility.system, value }] : undefined,
    name: value ?? rooms.join(', '),
    description: value === undefined || rooms.length === 0 ? undefined : rooms.join(', '),
    address,
  });
}

/** RXA-11.4, an HD. A second part with blanks, and no type, is no id: it is a name with a bare `&`. */
function facilityIn(piece: Piece): Piece {
  const hd = partOf(piece, 4);
  const { subcomponent, escape: mark } = hd.delimiters;
  const [, id = '', type = ''] = hd.raw.split(subcomponent);
  if (type !== '' || !/^ | \S/.test(id)) return hd;
  return { ...hd, raw: hd.raw.replaceAll(subcomponent, () => `${mark}T${mark}`) };
}

function addressIn({ raw, delimiters }: Piece): Piece {
  return { raw: raw.split(delimiters.component).slice(8).join(delimiters.component), delimiters };
}
