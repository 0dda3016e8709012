import type { Message } from '../../../../src/hl7v2/er7/message.ts';

/** The message as text, each segment as it was. */
export function toEr7(message: Message): string {
  return message.segments.map(({ raw, end }) => raw + end).join('');
}
