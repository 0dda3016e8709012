import type { Identifier, Provenance, ProvenanceAgent, Reference } from 'fhir/r4.js';
import type { OrderGroup } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import { toAuthority } from './authority.ts';
import { defined } from './extensions.ts';
import type { SenderIdentity } from './to-patient.ts';
import { fieldText, leaf, partOf, saying } from './v2-text.ts';
import { toFhirDateTime } from './v2-time.ts';

type Source = {
  readonly msh: Segment;
  readonly orders: readonly OrderGroup[];
  readonly sender: SenderIdentity;
  readonly facility?: string | undefined;
};

const participant = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** Which message what was written came in, from whom, and who entered it (MSH-10, MSH-22, ORC-10, ORC-17). */
export function toProvenance(
  { msh, orders, sender, facility }: Source,
  targets: readonly string[],
  recorded: string,
): Provenance {
  const sent = toFhirDateTime(fieldText(msh, 7), sender.zone);
  const control = fieldText(msh, 10);
  const enterers = new Map(
    orders.flatMap(({ orc }) => {
      const agent = orc && entererOf(orc);
      return agent ? [[JSON.stringify(agent), agent] as const] : [];
    }),
  );
  return defined<Provenance>({
    resourceType: 'Provenance',
    target: targets.map((reference) => ({ reference })),
    occurredDateTime: sent,
    recorded,
    agent: [{ type: typed('author'), who: authorOf(msh, sender, facility) }, ...enterers.values()],
    entity:
      control === undefined ? undefined : [{ role: 'source', what: { identifier: { value: control } } }],
  });
}

const typed = (code: string) => ({ coding: [{ system: participant, code }] });

function authorOf(msh: Segment, { organization }: SenderIdentity, facility: string | undefined): Reference {
  const [responsible] = saying(msh, 22);
  const [place] = saying(msh, 4);
  const display = (responsible && leaf(responsible, 1)) ?? facility ?? (place && leaf(place, 1));
  const value = responsible && leaf(responsible, 10);
  return {
    ...(organization !== undefined && { reference: `Organization/${organization}` }),
    ...(value !== undefined && organization === undefined && { identifier: { value } }),
    display: display ?? 'a sender that names no facility',
  };
}

function entererOf(orc: Segment): ProvenanceAgent | undefined {
  const [person] = saying(orc, 10);
  const [organization] = saying(orc, 17);
  const who = person && personOf(person);
  const name = organization && (leaf(organization, 2) ?? leaf(organization, 1));
  if (!who) return undefined;
  return { type: typed('enterer'), who, ...(name !== undefined && { onBehalfOf: { display: name } }) };
}

function personOf(piece: Parameters<typeof leaf>[0]): Reference | undefined {
  const display = [leaf(piece, 3), leaf(piece, 2)].filter((part) => part !== undefined).join(' ');
  const value = leaf(piece, 1);
  const system = toAuthority(partOf(piece, 9))?.system;
  if (value === undefined) return display === '' ? undefined : { display };
  const identifier = defined<Identifier>({ system, value });
  return display === '' ? { identifier } : { identifier, display };
}
