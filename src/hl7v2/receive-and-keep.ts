import type { Resource } from '../fhir/resource.ts';
import { commit } from '../interaction/commit.ts';
import type { InteractionContext, WriteRule } from '../interaction/context.ts';
import { dayIn } from '../values/time-zone.ts';
import { type Arrival, ackOf, endRefused, expiryOf } from './arrival.ts';
import type { CheckedVxu } from './checked-message.ts';
import type { Message } from './er7/message.ts';
import type { Finding } from './finding.ts';
import { checkVxu } from './guide/check-vxu.ts';
import type { AckCode } from './guide/write-ack.ts';
import { DuplicateMessage, keepRule, standingOf } from './kept/keep-rule.ts';
import { keptId, readKept, toOutcome } from './kept/kept-message.ts';
import { type Received, receiveVxu } from './mapping/receive-vxu.ts';
import { withoutPlaceIn } from './mapping/without-place.ts';
import { gradeMessage } from './quality/grade-message.ts';

/**
 * A VXU: checked, written, and kept with its acknowledgement in the unit of what it brings, so that what is acknowledged is on
 * disk, and nothing is kept of what is not.
 */
export async function receiveAndKeep(received: Arrival, message: Message): Promise<string> {
  const { services, facts, isReprocessed } = received;
  const tooMany = tooManyIn(message);
  if (tooMany) return endRefused(received, 'AE', [tooMany]);
  // What came before is answered as it was, whatever would be said of it by now.
  const standing = isReprocessed ? undefined : await standingOf(services.system, facts);
  return standing ? answerDuplicate(received, standing) : receiveNew(received, message);
}

/** Nobody has more; a message is gone over at a stretch, and written as one unit. */
const most = { orders: 1000, segments: 10_000 } as const;

/** Told before anything is gone over. */
function tooManyIn({ segments }: Message): Finding | undefined {
  const orders = segments.filter(({ name }) => name === 'RXA').length;
  if (orders <= most.orders && segments.length <= most.segments) return undefined;
  const has = orders > most.orders ? `${orders} orders` : `${segments.length} segments`;
  const text = `The message has ${has}; ${most.orders} orders and ${most.segments} segments are taken at most: send the others in messages of their own. The message was not kept.`;
  return { severity: 'E', code: '207', text };
}

async function receiveNew(received: Arrival, message: Message): Promise<string> {
  const { services, ctx } = received;
  const { zone } = ctx.clock;
  const checked = checkVxu(services.guide, message, { asOf: dayIn(zone, received.at) });
  const arrival = { ...received, grade: gradeOf(received, message, checked) };
  if (checked.kind === 'refused') return endRefused(arrival, 'AE', checked.findings);
  const keeping = openKeeping(arrival, withoutPlaceIn(services.mapping.tables, checked));
  try {
    const outcome = await receiveVxu(services.mapping, withRule(ctx, keeping.rule), checked, {
      sender: arrival.sender,
      processedAt: arrival.processedAt,
      onTold: keeping.tell,
    });
    return await answerReceived(arrival, keeping, outcome);
  } catch (thrown) {
    if (!(thrown instanceof DuplicateMessage)) throw thrown;
    return answerDuplicate(arrival, thrown);
  }
}

/** As JSON. It is of the day on which the message came in, though by now it is checked as of another. */
function gradeOf(
  { services: { guide }, ctx, at, facts }: Arrival,
  message: Message,
  checked: CheckedVxu,
): string | undefined {
  const { zone } = ctx.clock;
  const asOf = dayIn(zone, facts.receivedAt);
  const { detected } = asOf === dayIn(zone, at) ? checked : checkVxu(guide, message, { asOf });
  return detected && JSON.stringify(gradeMessage(guide, detected));
}

const withRule = (ctx: InteractionContext, rule: WriteRule): InteractionContext => ({
  ...ctx,
  writeRules: [...ctx.writeRules, rule],
});

/** The rule that keeps the message, with what is told of it by then. */
function openKeeping(arrival: Arrival, withoutPlace: readonly string[]) {
  let told: readonly Finding[] = [];
  let answer: string | undefined;
  const rule: WriteRule = (system, plan, caller) => {
    const code = codeOf(told);
    answer = ackOf(arrival, code, told);
    const { grade } = arrival;
    const outcome = toOutcome({ code, answer, findings: told, stands: true, grade, withoutPlace });
    const { facts, isReprocessed } = arrival;
    const { forwards: isForwarded } = arrival.services;
    const rule = keepRule({ facts, outcome, expires: expiryOf(arrival), isForwarded, isReprocessed });
    return rule(system, plan, caller);
  };
  return {
    rule,
    tell: (findings: readonly Finding[]) => {
      told = [...arrival.noticed, ...findings];
      answer = undefined;
    },
    /** The acknowledgement that was kept; undefined where nothing was written that it could be kept with. */
    answered: () => answer,
  };
}

type Keeping = ReturnType<typeof openKeeping>;

/** What was not processed is an error, though the rest was (HL7 v2.5.1 §2.9.2). */
function codeOf(findings: readonly Finding[]): AckCode {
  return findings.some(({ severity }) => severity === 'E') ? 'AE' : 'AA';
}

async function answerReceived(arrival: Arrival, keeping: Keeping, received: Received): Promise<string> {
  if (received.kind === 'refused') return endRefused(arrival, 'AE', received.findings);
  const there = keeping.answered();
  if (there !== undefined) return there;
  // All that it tells stood there already.
  keeping.tell(received.findings);
  const system = withRule({ ...arrival.services.system, writeRules: [] }, keeping.rule);
  await commit(system, async () => ({ steps: [], guards: [], added: [], records: [] }));
  return keeping.answered() ?? ackOf(arrival, codeOf(received.findings), received.findings);
}

/** A message that came before is answered as it was; another one by its control id is an error. */
async function answerDuplicate(arrival: Arrival, { isSame }: DuplicateMessage): Promise<string> {
  if (!isSame) return endRefused(arrival, 'AE', [otherContent]);
  const { services, facts } = arrival;
  const id = keptId(facts);
  const texts = await services.readTexts(id);
  if (texts) return texts.answer;
  // Its text is gone by now; how it was answered is not.
  const version = await services.system.view.read({ type: 'DocumentReference', id });
  const { code } = readKept(JSON.parse(version?.text ?? '{}') as Resource);
  return ackOf(arrival, code === 'AE' ? 'AE' : 'AA', [beforeLong]);
}

const otherContent: Finding = {
  severity: 'E',
  code: '205',
  location: { segment: 'MSH', occurrence: 1, field: 10 },
  text: 'Another message of yours has this control id (MSH-10); send this one with an id of its own.',
};

const beforeLong: Finding = {
  severity: 'I',
  code: '0',
  location: { segment: 'MSH', occurrence: 1, field: 10 },
  text: 'This message was processed before; what was answered to it then is no longer kept.',
};
