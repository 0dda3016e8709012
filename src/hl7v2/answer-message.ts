import { Problem } from '../fhir/problem.ts';
import { audited } from '../interaction/audit/audited.ts';
import {
  type AnswerMessage,
  type Arrival,
  ackOf,
  arrive,
  endRefused,
  keep,
  type MessageServices,
  RefusedMessage,
  refuse,
} from './arrival.ts';
import { type Message, type Segment, segmentsOf } from './er7/message.ts';
import type { Finding } from './finding.ts';
import { checkHeader } from './guide/check-header.ts';
import { toOutcome } from './kept/kept-message.ts';
import { problemFinding } from './mapping/problem-findings.ts';
import { receiveAndKeep } from './receive-and-keep.ts';

/** Answers messages of interface accounts; a message that breaks something is answered too (AR, code 207). */
export function openAnswers(services: MessageServices): AnswerMessage {
  return async (sent) => answerArrival(await arrive(services, sent));
}

/** The answer to a message whose sender is known. */
export async function answerArrival(arrival: Arrival): Promise<string> {
  try {
    return await audited(arrival.ctx, startOf(arrival), () => answer(arrival));
  } catch (thrown) {
    return thrown instanceof RefusedMessage ? thrown.answer : answerFailure(arrival, thrown);
  }
}

/** What the audit tells of a message before it is answered. */
function startOf({ facts: { structure, controlId }, from }: Arrival) {
  const isQuery = structure.startsWith('QBP');
  return {
    interaction: `HL7 v2 ${structure.slice(0, 30)}`,
    action: isQuery ? 'E' : 'U',
    tellsItself: !isQuery,
    query: `MSH-10 ${controlId.slice(0, 199)}`,
    keepsQuery: true,
    from,
  } as const;
}

async function answer(arrival: Arrival): Promise<string> {
  const { message, msh } = arrival;
  if (!message || !msh) return endRefused(arrival, 'AR', [noMessage]);
  const [, second] = segmentsOf(message, 'MSH');
  if (second) return endRefused(arrival, 'AE', [severalMessages(second)]);
  const header = checkHeader(message);
  switch (header.kind) {
    case 'unsupported':
      return endRefused(arrival, 'AR', header.findings);
    case 'vxu':
      return receiveAndKeep(arrival, message);
    case 'qbp':
      return answerAndKeep(arrival, message);
  }
}

const noMessage: Finding = {
  severity: 'E',
  code: '100',
  location: { segment: 'MSH', occurrence: 1 },
  text: 'This is no HL7 v2 message: it does not begin with MSH and five distinct delimiters.',
};

const severalMessages = ({ occurrence }: Segment): Finding => ({
  severity: 'E',
  code: '100',
  location: { segment: 'MSH', occurrence },
  text: 'One message at a time is taken here, and there are several; send each by itself.',
});

async function answerAndKeep(arrival: Arrival, message: Message): Promise<string> {
  const { services, ctx, sender, answerId } = arrival;
  const { text, code, findings } = await services.answerQuery(ctx, message, { sender, controlId: answerId });
  await keep(arrival, toOutcome({ code, answer: text, findings, stands: false }));
  return text;
}

/** What is no matter of the message: AR, so that it is sent again (HL7 v2.5.1 §2.9.2). */
async function answerFailure(arrival: Arrival, thrown: unknown): Promise<string> {
  const { services, facts } = arrival;
  const finding = thrown instanceof Problem ? problemFinding(thrown) : broken;
  if (!(thrown instanceof Problem)) services.logFailure(thrown, facts.controlId);
  try {
    return await refuse(arrival, 'AR', [finding]);
  } catch (again) {
    services.logFailure(again, facts.controlId);
    return ackOf(arrival, 'AR', [...arrival.noticed, finding]);
  }
}

const broken: Finding = {
  severity: 'E',
  code: '207',
  text: 'The registry failed to process this message, and kept nothing of it; send it again later.',
};
