import type { ParametersParameter } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { everyId } from '../../interaction/ask-persons.ts';
import { commit } from '../../interaction/commit.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { requireWordOver } from '../../interaction/word-over.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { type OperationAnswer, resourceAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import type { LinkPort } from './link-port.ts';
import { type HeldLink, isActive, type Link, linksOf, toLinkRecord } from './link-records.ts';

const shown = [
  output('id', 'id', 'By which it is revoked', { min: 1 }),
  output('label', 'string', 'What people are shown of it'),
  output('content', 'code', 'health-card, record', { min: 1, max: '*' }),
  output('status', 'code', 'active, expired, revoked, locked: too many wrong passcodes were sent', {
    min: 1,
  }),
  output('created', 'instant', 'When it was made', { min: 1 }),
  output('expires', 'instant', 'When it ends'),
  output('hasPasscode', 'boolean', 'Whether a passcode must be known', { min: 1 }),
  output('uses', 'integer', 'How often it was opened', { min: 1 }),
  output('lastUsed', 'instant', 'When it was opened last'),
];

/** The links that were handed out, without what opens them. */
export function listLinksOperation(port: Pick<LinkPort, 'store'>): Operation {
  return {
    code: 'health-links',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-health-links',
    description: 'Answers the SMART Health Links of a person, and how often each was opened.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: false,
    parameters: [output('link', shown, 'A link, the newest first', { max: '*' })],
    run: async (ctx, { id }) => {
      const held = await heldOf(ctx, id, port);
      const parameter = held.map(({ link }) => toPart(link, ctx.clock.now()));
      // FHIR JSON has no empty arrays.
      return resourceAnswer({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
    },
  };
}

/** A link is worth nothing from the moment on at which it is revoked. */
export function revokeLinkOperation(port: Pick<LinkPort, 'store'>): Operation {
  return {
    code: 'health-link-revoke',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-health-link-revoke',
    description: 'Ends SMART Health Links of a person at once: one by its id, or all.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: true,
    parameters: [
      input('id', 'id', 'The link that ends; all when absent'),
      output('revoked', 'id', 'A link that was ended', { max: '*' }),
    ],
    run: (ctx, call) => revoke(ctx, call, port),
  };
}

async function revoke(
  ctx: InteractionContext,
  { id, inputs }: OperationCall,
  port: Pick<LinkPort, 'store'>,
): Promise<OperationAnswer> {
  const wanted = inputs.text('id');
  let revoked: readonly HeldLink[] = [];
  await commit(ctx, async () => {
    const held = await heldOf(ctx, id, port);
    const meant = held.filter(({ link }) => wanted === undefined || link.id === wanted);
    if (wanted !== undefined && meant.length === 0) {
      throw new Problem('not-found', `There is no link ${wanted.slice(0, 64)} of Patient/${id}`);
    }
    revoked = meant.filter(({ link }) => !link.revoked);
    return {
      steps: [],
      guards: [],
      added: [],
      records: revoked.map((one) => toRevoked(one, ctx.clock.now())),
    };
  });
  const parameter = revoked.map(({ link }) => ({ name: 'revoked', valueId: link.id }));
  return resourceAnswer({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

/** On nothing but what is there: a use in between is counted first. */
function toRevoked({ hash, text, link }: HeldLink, now: EpochMs) {
  const record = toLinkRecord(hash, { ...link, revoked: true }, now);
  return { kind: 'put', record, expected: { kind: 'value', value: text } } as const;
}

async function heldOf(
  ctx: InteractionContext,
  id: OperationCall['id'],
  { store }: Pick<LinkPort, 'store'>,
): Promise<readonly HeldLink[]> {
  const patient = await requireWordOver(ctx, id);
  return linksOf(store, await everyId(ctx.view, [patient]));
}

function toPart(link: Link, now: EpochMs): ParametersParameter {
  const { id, label, content, created, until, passcodeHash, uses, lastUsed } = link;
  return {
    name: 'link',
    part: [
      { name: 'id', valueId: id },
      ...(label === undefined ? [] : [{ name: 'label', valueString: label }]),
      ...content.map((valueCode) => ({ name: 'content', valueCode })),
      { name: 'status', valueCode: statusOf(link, now) },
      { name: 'created', valueInstant: formatInstant(created) },
      ...(until === undefined ? [] : [{ name: 'expires', valueInstant: formatInstant(until) }]),
      { name: 'hasPasscode', valueBoolean: passcodeHash !== undefined },
      { name: 'uses', valueInteger: uses },
      ...(lastUsed === undefined ? [] : [{ name: 'lastUsed', valueInstant: formatInstant(lastUsed) }]),
    ],
  };
}

function statusOf(link: Link, now: EpochMs): string {
  if (link.revoked) return 'revoked';
  if (link.attemptsLeft === 0) return 'locked';
  return isActive(link, now) ? 'active' : 'expired';
}
