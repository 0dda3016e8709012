import { Problem } from '../../fhir/problem.ts';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import type { OperationAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import { formatInstant } from '../../values/instant.ts';
import { er7Answer } from '../er7-answer.ts';
import type { MappingTables } from '../mapping/mapping-tables.ts';
import { toVxu } from '../mapping/to-vxu.ts';
import { toV2Time } from '../mapping/v2-time.ts';
import { readBeside, readDoses } from './read-person.ts';

type VxuServices = { readonly tables: MappingTables; readonly operations: readonly Operation[] };

/** What this registry calls itself where it gives a number of its own. */
const authority = 'JENNER';

/** The record of a person as one VXU (Z22), each dose once: what another registry or an EHR takes in. */
export function vxuOperation(services: VxuServices): Operation {
  return {
    code: 'vxu',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-vxu',
    description:
      'Answers the immunization history of a person as an HL7 v2 VXU: in a Binary, or as a text by Accept.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: false,
    answersOther: true,
    parameters: [
      input('receivingApplication', 'string', 'MSH-5'),
      input('receivingFacility', 'string', 'MSH-6'),
      output('return', 'Binary', 'The message, in UTF-8', { min: 1 }),
    ],
    run: (ctx, call) => writeVxu(services, ctx, call),
  };
}

async function writeVxu(
  { tables, operations }: VxuServices,
  ctx: InteractionContext,
  { id, inputs, asked }: OperationCall,
): Promise<OperationAnswer> {
  requireAccess(ctx, 'read', 'Patient');
  if (!id) throw new Problem('not-found', 'A Patient was expected');
  const doses = await readDoses(ctx, operations, id);
  const history = { ...doses, ...(await readBeside(ctx, tables, id)) };
  const message = toVxu(
    tables,
    history,
    {
      sendingApplication: authority,
      receivingApplication: inputs.text('receivingApplication'),
      receivingFacility: inputs.text('receivingFacility'),
      sent: toV2Time(formatInstant(ctx.clock.now())) ?? '',
      controlId: ctx.newId(),
      processingId: 'P',
    },
    authority,
  );
  return er7Answer(asked, message);
}
