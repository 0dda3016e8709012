import type { Clock } from '../../values/clock.ts';
import { parseMessage, segmentOf } from '../er7/message.ts';
import type { Finding } from '../finding.ts';
import { type AckCode, writeAck } from '../guide/write-ack.ts';

type Refusing = { readonly clock: Clock; readonly newId: () => string };

/** Who is not known is told so, and nothing is kept of it. */
export function refuseStranger(bytes: Uint8Array, refusing: Refusing): Uint8Array {
  return refusal(bytes, refusing, 'AR', {
    severity: 'E',
    code: '207',
    text: 'This connection belongs to no interface account: ask the registry to know its certificate, or to set an account for it.',
  });
}

/** The answer to a message that is too large to be read, of which no more than its head has come. */
export function refuseLarge(head: Uint8Array, refusing: Refusing): Uint8Array {
  return refusal(head, refusing, 'AR', {
    severity: 'E',
    code: '207',
    text: 'The message is too large to be read.',
  });
}

function refusal(bytes: Uint8Array, { clock, newId }: Refusing, code: AckCode, finding: Finding): Uint8Array {
  const message = parseMessage(Buffer.from(bytes).toString('latin1'));
  const msh = 'kind' in message ? undefined : segmentOf(message, 'MSH');
  return Buffer.from(
    writeAck({ msh, findings: [finding], controlId: newId(), at: clock.now(), code }),
    'utf8',
  );
}
