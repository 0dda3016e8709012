import type { Caller } from './access/caller.ts';
import type { InterfaceAccount, InterfaceAccounts } from './access/interface-account.ts';
import type { AppOptions } from './app.ts';
import type { Config } from './config.ts';
import { Problem } from './fhir/problem.ts';
import { openAnswers } from './hl7v2/answer-message.ts';
import type { AnswerMessage, AnswerQuery, MessageServices } from './hl7v2/arrival.ts';
import { hl7v2Plugin } from './hl7v2/door/hl7v2-plugin.ts';
import { openFacilities } from './hl7v2/facilities.ts';
import type { Guide } from './hl7v2/guide/guide.ts';
import { messageCollection, textsIn } from './hl7v2/kept/kept-message.ts';
import { messageOperation } from './hl7v2/kept/message-operation.ts';
import type { DoseMapping } from './hl7v2/mapping/to-immunization.ts';
import { openMllpServer, type Peer } from './hl7v2/mllp/mllp-server.ts';
import { refuseLarge, refuseStranger } from './hl7v2/mllp/refuse-mllp.ts';
import { openAccount } from './hl7v2/open-account.ts';
import { answerQuery } from './hl7v2/query/answer-query.ts';
import type { ReadEvaluated } from './hl7v2/query/read-person.ts';
import { vxuOperation } from './hl7v2/query/vxu-operation.ts';
import { soapPlugin } from './hl7v2/soap/soap-plugin.ts';
import { type InteractionContext, openContext, type ServerContext } from './interaction/context.ts';
import { readTls } from './open-authorization.ts';
import type { Operation } from './operation/operation.ts';
import type { Store } from './store/contract/store.ts';
import { isLoopback } from './values/is-loopback.ts';

type MessageSettings = Pick<
  Config,
  | 'host'
  | 'publicUrl'
  | 'hl7ForwardUrl'
  | 'hl7Port'
  | 'hl7Account'
  | 'hl7Tls'
  | 'hl7KeepDays'
  | 'tlsCert'
  | 'tlsKey'
>;

export type MessageParts = {
  readonly config: MessageSettings;
  readonly store: Store;
  readonly context: ServerContext;
  readonly contextFor: (caller: Caller) => InteractionContext;
  /** Absent on an open server. */
  readonly accounts: InterfaceAccounts | undefined;
  readonly log: MessageLog;
  /** CDC's guide, and how messages become resources. */
  readonly guide: Guide;
  readonly mapping: DoseMapping;
  /** What queries are answered by: `$match` and `$consolidated-record`. */
  readonly operations: readonly Operation[];
  /** Absent where no query is answered. */
  readonly readEvaluated?: ReadEvaluated;
};

export type MessageLog = {
  readonly warn: (text: string) => void;
  readonly failed: (thrown: unknown, controlId: string) => void;
};

export type Messages = {
  /** `/hl7v2` and `/soap/cdc`. */
  readonly entrances: NonNullable<AppOptions['entrances']>;
  readonly operations: readonly Operation[];
  /** Listens on JENNER_HL7_PORT, where there is one; the port. `fallsBack`: on any other, should it be taken. */
  readonly listen: (fallsBack?: boolean) => Promise<number | undefined>;
  /** Resolves when the messages under way are answered, at the latest after so many milliseconds. */
  readonly close: (graceMs: number) => Promise<void>;
};

const msPerDay = 86_400_000;

/** Everything that takes HL7 v2 messages. */
export function openMessages(parts: MessageParts): Messages {
  const { config, store, accounts } = parts;
  const answer = answersOf(parts);
  const { publicUrl } = config;
  const mllp = config.hl7Port === undefined ? undefined : openListener(parts, answer);
  return {
    entrances: [
      (app) => hl7v2Plugin(app, { answer, accounts }),
      (app) => soapPlugin(app, { answer, accounts, publicUrl }),
    ],
    operations: [
      messageOperation(store),
      vxuOperation({ tables: parts.mapping.tables, operations: parts.operations }),
    ],
    listen: async (fallsBack) => {
      if (!mllp || config.hl7Port === undefined) return undefined;
      await warnOfAccount(parts);
      const listening = mllp.listen(config.hl7Port, config.host);
      return fallsBack ? listening.catch(() => mllp.listen(0, config.host)) : listening;
    },
    close: async (graceMs) => mllp?.close(graceMs),
  };
}

/** What answers messages, whatever door they come by. */
export function answersOf(parts: Omit<MessageParts, 'accounts'>): AnswerMessage {
  return openAnswers(servicesOf(parts));
}

/** What messages are answered with. */
export function servicesOf(parts: Omit<MessageParts, 'accounts'>): MessageServices {
  const { config, store, context, contextFor, log, guide, mapping, operations } = parts;
  const { readEvaluated } = parts;
  const queries = readEvaluated && { guide, tables: mapping.tables, operations, readEvaluated };
  const system = openContext(context, store, { kind: 'system', name: 'hl7v2' });
  return {
    guide,
    mapping,
    contextFor,
    system,
    findFacility: openFacilities(system),
    answerQuery: queries ? (ctx, message, asked) => answerQuery(queries, ctx, message, asked) : refuseQuery,
    readTexts: async (id: string) => {
      const record = await store.readRecord(messageCollection, id);
      return record && textsIn(record);
    },
    keepMs: config.hl7KeepDays === undefined ? undefined : config.hl7KeepDays * msPerDay,
    forwards: config.hl7ForwardUrl !== undefined,
    logFailure: log.failed,
  };
}

/** In a file nobody waits for an answer, so nobody is looked up. */
const refuseQuery: AnswerQuery = async () => {
  throw new Problem('not-supported', 'No query is answered in a file: ask by HTTP, SOAP or MLLP');
};

function openListener({ config, context, accounts, log }: MessageParts, answer: AnswerMessage) {
  const { hl7Tls, host } = config;
  const tls = hl7Tls === 'off' ? undefined : readTls(config);
  if (!tls && accounts && config.hl7Account !== undefined && !isLoopback(host)) {
    log.warn(
      'HL7 v2 messages come unsealed, and whoever reaches the port is JENNER_HL7_ACCOUNT: JENNER_TLS_CERT',
    );
  }
  const warnOfStranger = strangerWarner(log);
  return openMllpServer({
    tls,
    warn: log.warn,
    refuseLarge: (head) => refuseLarge(head, context),
    answer: async (bytes, peer) => {
      const account = await accountOf(peer, accounts, config.hl7Account);
      if (!account) {
        warnOfStranger(peer);
        return refuseStranger(bytes, context);
      }
      return Buffer.from(await answer({ account, bytes, from: peer.address }), 'utf8');
    },
  });
}

/** The operator learns who could not send, and by what to know it, once for each connection. */
function strangerWarner(log: MessageLog): (peer: Peer) => void {
  const told = new WeakSet<Peer>();
  return (peer) => {
    if (told.has(peer)) return;
    told.add(peer);
    const { address, isTls, fingerprint } = peer;
    const plain = 'JENNER_HL7_ACCOUNT names no account that may send';
    const sealed = fingerprint === undefined ? 'it showed no certificate' : `no account has ${fingerprint}`;
    log.warn(`HL7 v2 messages from ${address} are refused: ${isTls ? sealed : plain}`);
  };
}

/** Who sends by a plain connection is said by the settings: a login that is none would refuse all of them. */
async function warnOfAccount({ config, accounts, log }: MessageParts): Promise<void> {
  const { hl7Account: login } = config;
  if (login === undefined || !accounts || (await accounts.byLogin(login))) return;
  log.warn(
    `JENNER_HL7_ACCOUNT=${login}: there is no interface account of this login; plain connections are refused`,
  );
}

/** A sealed connection is known by its certificate alone, any other is the account of the settings. */
async function accountOf(
  { isTls, fingerprint }: Peer,
  accounts: InterfaceAccounts | undefined,
  login: string | undefined,
): Promise<InterfaceAccount | undefined> {
  if (!accounts) return openAccount;
  if (isTls) return fingerprint === undefined ? undefined : accounts.byCertificate(fingerprint);
  return login === undefined ? undefined : accounts.byLogin(login);
}
