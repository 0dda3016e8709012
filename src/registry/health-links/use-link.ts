import { Problem } from '../../fhir/problem.ts';
import { writeJson } from '../../fhir/write-json.ts';
import { everyId } from '../../interaction/ask-persons.ts';
import type { Tell } from '../../interaction/audit/tell.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { allOf, type Filter } from '../../search/filter.ts';
import { objectionMarksOn } from '../../search/reach.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import { encryptFile } from './encrypt-file.ts';
import { toSharedRecord } from './link-content.ts';
import { contentKeyOf, hashOfLink, isLinkSecret, newLinkSecret, passcodeHashOf } from './link-keys.ts';
import type { LinkPort } from './link-port.ts';
import {
  changeLink,
  isActive,
  type Link,
  type LinkContent,
  linkFileCollection,
  readLink,
} from './link-records.ts';

export type LinkUses = {
  readonly manifest: (secret: string, asked: ManifestAsked) => Promise<ManifestAnswer>;
  /** The one file of a direct link; undefined where there is none. */
  readonly direct: (secret: string, asked: Recipient) => Promise<string | undefined>;
  /** A file that a manifest has named. */
  readonly file: (ticket: string, from: string) => Promise<string | undefined>;
};

/** Who says to be reading, and from which address. */
export type Recipient = { readonly recipient: string; readonly from: string };

export type ManifestAsked = Recipient & {
  readonly passcode: string | undefined;
  /** Longer files are fetched apart; all are in the manifest when absent. */
  readonly embeddedLengthMax: number | undefined;
};

export type ManifestAnswer =
  | { readonly kind: 'manifest'; readonly manifest: object }
  /** There is no such link, or it is over: which of both is not told. */
  | { readonly kind: 'inactive' }
  | { readonly kind: 'passcode'; readonly remainingAttempts: number };

type Using = LinkPort & {
  /** Reads for who has a link. */
  readonly ctx: InteractionContext;
  /** Absent where nothing is told. */
  readonly tell: Tell | undefined;
};

/** A location of a manifest is good for so long (SMART Health Links, Manifest: an hour at most). */
const fileMs = 3600 * 1000;

/** What becomes of a link that somebody opens. */
export function openLinkUses(using: Using): LinkUses {
  return {
    manifest: async (secret, asked) => {
      const entered = await enter(using, secret, { ...asked, isDirect: false });
      if (entered.kind !== 'entered') return entered;
      const { link } = entered;
      const files: object[] = [];
      for (const content of link.content) {
        const file = await fileOf(using, link, content);
        if (file) files.push(await toEntry(using, secret, file, asked.embeddedLengthMax));
      }
      return { kind: 'manifest', manifest: { status: 'can-change', files } };
    },
    direct: async (secret, asked) => {
      const entered = await enter(using, secret, { ...asked, passcode: undefined, isDirect: true });
      if (entered.kind !== 'entered') return undefined;
      const [content] = entered.link.content;
      const file = content && (await fileOf(using, entered.link, content));
      return file && encrypted(using, secret, file);
    },
    file: async (ticket, from) => {
      if (!isLinkSecret(ticket)) return undefined;
      const kept = await using.store.readRecord(linkFileCollection, hashOfLink(ticket));
      if (!kept) return undefined;
      const { hash, jwe } = JSON.parse(kept.value) as KeptFile;
      const held = await readLink(using.store, hash);
      if (!held || !isActive(held.link, using.ctx.clock.now())) return undefined;
      const isGood = await stands(using, held.link);
      await tellUse(
        using,
        held.link,
        { recipient: '', from },
        { interaction: 'health link file', outcome: isGood ? 0 : 4 },
      );
      return isGood ? jwe : undefined;
    },
  };
}

type Entered = { readonly kind: 'entered'; readonly link: Link };
type Entering = Recipient & {
  readonly passcode: string | undefined;
  /** Asked for its one file, and not for a manifest. */
  readonly isDirect: boolean;
};

/**
 * Counts a use, or a wrong passcode, on nothing but what is there: of a thousand who guess at once ten are judged, in the
 * order in which they are counted.
 */
async function enter(
  using: Using,
  secret: string,
  asked: Entering,
): Promise<Entered | Exclude<ManifestAnswer, { readonly kind: 'manifest' }>> {
  const { store, ctx } = using;
  if (!isLinkSecret(secret)) return { kind: 'inactive' };
  const hash = hashOfLink(secret);
  const held = await readLink(store, hash);
  const now = ctx.clock.now();
  if (!held || !isActive(held.link, now)) return { kind: 'inactive' };
  if (held.link.flag.includes('U') !== asked.isDirect) return { kind: 'inactive' };
  if (held.link.passcodeHash !== undefined && asked.passcode === undefined) {
    return { kind: 'passcode', remainingAttempts: held.link.attemptsLeft };
  }
  const sent = passcodeHashOf(asked.passcode ?? '', secret, await using.serverSecret());
  const isRight = ({ passcodeHash }: Link) => passcodeHash === undefined || passcodeHash === sent;
  const changed = await changeLink(store, hash, now, (link) => {
    if (!isActive(link, now)) return undefined;
    return isRight(link)
      ? { ...link, uses: link.uses + 1, lastUsed: now }
      : { ...link, attemptsLeft: link.attemptsLeft - 1 };
  });
  if (changed === 'busy') throw new Problem('busy', 'The link is opened by many at once; try again');
  if (!changed) return { kind: 'inactive' };
  return judged(using, changed, isRight(changed), asked);
}

async function judged(
  using: Using,
  link: Link,
  isRight: boolean,
  asked: Recipient,
): Promise<Entered | Exclude<ManifestAnswer, { readonly kind: 'manifest' }>> {
  if (!isRight) {
    await tellUse(using, link, asked, { interaction: 'health link', outcome: 4 });
    return { kind: 'passcode', remainingAttempts: link.attemptsLeft };
  }
  const isOpen = await stands(using, link);
  await tellUse(using, link, asked, { interaction: 'health link', outcome: isOpen ? 0 : 4 });
  return isOpen ? { kind: 'entered', link } : { kind: 'inactive' };
}

/** Whether the person is still there, and who has handed it out may still. */
async function stands({ ctx, personsOf }: Using, link: Link): Promise<boolean> {
  const { patient, isOwnWord, relatedBy } = link;
  const person = await ctx.view.read({ type: 'Patient', id: patient });
  if (person?.text === undefined) return false;
  if (!isOwnWord) return !(await objects(ctx, link));
  if (relatedBy === undefined) return true;
  const [own, ids] = await Promise.all([personsOf(relatedBy), everyId(ctx.view, [patient])]);
  return ids.some((id) => own.includes(id));
}

/** Whether the person objects to sharing today, by any record: what others have handed out is closed then. */
async function objects({ view, clock }: InteractionContext, { patient }: Link): Promise<boolean> {
  const objecting: Filter = { kind: 'reach', anyOf: objectionMarksOn(clock.today()) };
  return (await view.count(['Patient'], allOf([{ kind: 'id', anyOf: [patient] }, objecting]))) > 0;
}

type Told = { readonly interaction: string; readonly outcome: 0 | 4 };

async function tellUse(
  { tell }: Using,
  { id, patient }: Link,
  { recipient, from }: Recipient,
  { interaction, outcome }: Told,
): Promise<void> {
  await tell?.({
    agent: { name: `health-link:${id}` },
    action: 'R',
    interaction,
    patients: [patient],
    outcome,
    from,
    // Whoever reads names themselves as they like.
    ...(recipient !== '' && { why: recipient }),
  });
}

type PlainFile = { readonly contentType: string; readonly text: string; readonly fhirVersion?: string };

/** Undefined where there is nothing to tell. */
async function fileOf(
  { ctx, nameOf, readCards, readRecord }: Using,
  { patient }: Link,
  content: LinkContent,
): Promise<PlainFile | undefined> {
  switch (content) {
    case 'health-card': {
      const verifiableCredential = await unlessGone(() => readCards(ctx, patient));
      if (!verifiableCredential || verifiableCredential.length === 0) return undefined;
      const text = JSON.stringify({ verifiableCredential });
      return { contentType: 'application/smart-health-card', text };
    }
    case 'record': {
      const record = await unlessGone(() => readRecord(ctx, patient));
      const contentType = 'application/fhir+json';
      return (
        record && { contentType, text: writeJson(toSharedRecord(record, nameOf), true), fhirVersion: '4.0.1' }
      );
    }
  }
}

/** A person who was deleted, or has no name for a card any more, has no file. */
async function unlessGone<Found>(read: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status < 500) return undefined;
    throw thrown;
  }
}

async function encrypted(using: Using, secret: string, { contentType, text }: PlainFile): Promise<string> {
  return encryptFile(contentKeyOf(secret, await using.serverSecret()), contentType, text);
}

type KeptFile = { readonly hash: string; readonly jwe: string };

async function toEntry(
  using: Using,
  secret: string,
  file: PlainFile,
  longest: number | undefined,
): Promise<object> {
  const { store, baseUrl, ctx } = using;
  const { contentType, fhirVersion } = file;
  const jwe = await encrypted(using, secret, file);
  const now = ctx.clock.now();
  const common = {
    contentType,
    ...(fhirVersion !== undefined && { fhirVersion }),
    status: 'can-change',
    lastUpdated: formatInstant(now),
  };
  if (longest === undefined || jwe.length <= longest) return { ...common, embedded: jwe };
  const ticket = newLinkSecret();
  const kept: KeptFile = { hash: hashOfLink(secret), jwe };
  const expires = (now + fileMs) as EpochMs;
  const record = {
    collection: linkFileCollection,
    key: hashOfLink(ticket),
    value: JSON.stringify(kept),
    expires,
  };
  await store.writeRecords([{ kind: 'put', record }]);
  return { ...common, location: `${baseUrl}/files/${ticket}` };
}
