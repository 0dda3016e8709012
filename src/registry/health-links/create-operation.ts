import type { Parameters } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { everyId } from '../../interaction/ask-persons.ts';
import { commit } from '../../interaction/commit.ts';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import { isOfWholePerson } from '../../interaction/whole-person.ts';
import { isOwnWord, requireWordOver } from '../../interaction/word-over.ts';
import type { Inputs } from '../../operation/inputs.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { type OperationAnswer, resourceAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import type { LocalClock } from '../../values/clock.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { type EpochMs, formatInstant, parseMsRange } from '../../values/instant.ts';
import { daysMeantBy, parsePartialDate } from '../../values/partial-date.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { startOfDayIn } from '../../values/time-zone.ts';
import { contentKeyOf, hashOfLink, newLinkSecret, passcodeHashOf } from './link-keys.ts';
import type { LinkPort } from './link-port.ts';
import {
  isActive,
  type Link,
  type LinkContent,
  lastMadeChange,
  linkContents,
  linksOf,
  newLinkChanges,
} from './link-records.ts';

/** A SMART Health Link: whoever is given it reads the record of one person, until it ends. */
export function createLinkOperation(port: LinkPort): Operation {
  return {
    code: 'health-link-create',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-health-link-create',
    description: 'Makes a SMART Health Link to the record of a person. It is answered here and never again.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: true,
    parameters: [
      input('content', 'code', 'health-card, record; both when absent', { max: '*' }),
      input('expires', 'dateTime', 'When it ends; when it is revoked, where this is absent'),
      input('passcode', 'string', 'What must be known besides, of 4 to 64 characters'),
      input('label', 'string', 'What people are shown of it, of 80 characters at most'),
      input('direct', 'boolean', 'One file that is fetched without a manifest; it has no passcode'),
      output('id', 'id', 'By which it is revoked', { min: 1 }),
      output('link', 'uri', 'The link, as a QR code holds it: shlink:/…', { min: 1 }),
      output('viewer', 'url', 'The same for a browser', { min: 1 }),
      output('expires', 'instant', 'When it ends'),
    ],
    run: (ctx, call) => create(ctx, call, port),
  };
}

/** Nobody hands out so many that are in use; each is a way to the record. */
const mostActive = 20;
/** In its whole life (SMART Health Links, passcode). */
const wrongPasscodes = 10;
/** SMART Health Links, url. */
const longestUrl = 128;

async function create(
  ctx: InteractionContext,
  { id, inputs }: OperationCall,
  port: LinkPort,
): Promise<OperationAnswer> {
  const patient = await requireWordOver(ctx, id);
  // Who hands out what the doses are must be one who may see them.
  await requireAllDoses(ctx, patient);
  const now = ctx.clock.now();
  const wish = wishOf(inputs, ctx.clock);
  if (wish.content.includes('health-card')) port.requireCards();
  const ids = await everyId(ctx.view, [patient]);
  const secret = newLinkSecret();
  const url = `${port.baseUrl}/${secret}`;
  if (url.length > longestUrl) {
    throw new Problem(
      'business-rule',
      `JENNER_PUBLIC_URL is too long for a link, whose URL has ${longestUrl} characters at most`,
      { reason: 'address-too-long' },
    );
  }
  const serverSecret = await port.serverSecret();
  const { passcode, ...told } = wish;
  const link: Link = {
    id: ctx.newId(),
    patient,
    created: now,
    isOwnWord: isOwnWord(ctx),
    ...relatedTo(ctx, ids),
    ...told,
    ...(passcode !== undefined && { passcodeHash: passcodeHashOf(passcode, secret, serverSecret) }),
    attemptsLeft: wrongPasscodes,
    uses: 0,
  };
  const [person = patient] = ids.toSorted();
  await commit(ctx, async () => {
    const last = await lastMadeChange(port.store, person, link.id);
    await requireRoom(port, { patient, ids, now });
    return { steps: [], guards: [], added: [], records: [...newLinkChanges(hashOfLink(secret), link), last] };
  });
  return resourceAnswer(
    toAnswer(link, { url, key: contentKeyOf(secret, serverSecret), viewerUrl: port.viewerUrl }),
  );
}

/** Who has the link is told of all doses, whatever part of them the token of who has made it sees. */
async function requireAllDoses(ctx: InteractionContext, patient: ResourceId): Promise<void> {
  requireAccess(ctx, 'search-type', 'Immunization');
  if (await isOfWholePerson(ctx, 'search-type', 'Immunization', patient)) return;
  const text = `A link tells of all doses, and the access token has no scope for all of Patient/${patient}`;
  throw new Problem('forbidden', text, { isOutsideScopes: true });
}

type Owner = { readonly patient: ResourceId; readonly ids: readonly ResourceId[]; readonly now: EpochMs };

async function requireRoom({ store }: LinkPort, { patient, ids, now }: Owner): Promise<void> {
  const held = await linksOf(store, ids);
  if (held.filter(({ link }) => isActive(link, now)).length < mostActive) return;
  throw new Problem(
    'business-rule',
    `There are ${mostActive} links of Patient/${patient} in use; revoke one first`,
    { reason: 'too-many-links' },
  );
}

/** Who hands out the record of somebody else, whom they answer for. */
function relatedTo(ctx: InteractionContext, ids: readonly ResourceId[]): Pick<Link, 'relatedBy'> {
  if (!isOwnWord(ctx) || ctx.caller.kind !== 'token') return {};
  const { user, fhirUser } = ctx.caller.bearer ?? {};
  const isSelf = ids.some((id) => fhirUser === `Patient/${id}`);
  return user === undefined || isSelf ? {} : { relatedBy: user };
}

type Wish = Pick<Link, 'content' | 'flag' | 'label' | 'until'> & { readonly passcode?: string };

function wishOf(inputs: Inputs, clock: LocalClock): Wish {
  const content = contentOf(inputs);
  const passcode = textOf(inputs, 'passcode', [4, 64]);
  const label = textOf(inputs, 'label', [1, 80]);
  const until = untilOf(inputs, clock);
  const isDirect = inputs.flag('direct');
  if (isDirect && (passcode !== undefined || content.length !== 1)) {
    throw new Problem('invalid-parameter', 'A direct link has one content and no passcode', {
      expression: inputs.place('direct'),
    });
  }
  return {
    content,
    // What it answers goes with the record (L); in the order of the alphabet.
    flag: `L${passcode === undefined ? '' : 'P'}${isDirect ? 'U' : ''}`,
    ...(label !== undefined && { label }),
    ...(until !== undefined && { until }),
    ...(passcode !== undefined && { passcode }),
  };
}

function contentOf(inputs: Inputs): readonly LinkContent[] {
  const asked = inputs.codes('content');
  const wrong = asked.find((one) => !linkContents.some((known) => known === one));
  if (wrong === undefined) {
    return asked.length === 0 ? linkContents : linkContents.filter((one) => asked.includes(one));
  }
  throw new Problem(
    'invalid-parameter',
    `The content "${wrong.slice(0, 60)}" is not known; ${linkContents.join(' and ')} are`,
    { expression: inputs.place('content') },
  );
}

function textOf(inputs: Inputs, name: string, [least, most]: readonly [number, number]): string | undefined {
  const text = inputs.text(name);
  if (text === undefined) return undefined;
  if (text.length >= least && text.length <= most && !/\p{Cc}/u.test(text)) return text;
  throw new Problem('invalid-parameter', `The ${name} must have ${least} to ${most} characters`, {
    expression: inputs.place(name),
  });
}

function untilOf(inputs: Inputs, clock: LocalClock): EpochMs | undefined {
  const text = inputs.text('expires');
  if (text === undefined) return undefined;
  const until = endOf(text, clock);
  if (until !== undefined && until > clock.now()) return until;
  throw new Problem('invalid-parameter', `expires "${text.slice(0, 60)}" is over already`, {
    expression: inputs.place('expires'),
  });
}

/** A day, month or year ends where the registry is. */
function endOf(text: string, { zone }: LocalClock): EpochMs | undefined {
  const date = parsePartialDate(text);
  if (!date) return parseMsRange(text)?.last;
  return (startOfDayIn(zone, (daysMeantBy(date).last + 1) as EpochDay) - 1) as EpochMs;
}

type Made = { readonly url: string; readonly key: Buffer; readonly viewerUrl: string };

function toAnswer({ id, flag, label, until }: Link, { url, key, viewerUrl }: Made): Parameters {
  const payload = {
    url,
    key: key.toString('base64url'),
    ...(until !== undefined && { exp: Math.floor(until / 1000) }),
    flag,
    ...(label !== undefined && { label }),
    v: 1,
  };
  const link = `shlink:/${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'id', valueId: id },
      { name: 'link', valueUri: link },
      // What follows the # never leaves the browser.
      { name: 'viewer', valueUrl: `${viewerUrl}#${link}` },
      ...(until === undefined ? [] : [{ name: 'expires', valueInstant: formatInstant(until) }]),
    ],
  };
}
