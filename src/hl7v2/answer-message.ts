import type { InterfaceAccount } from '../access/interface-account.ts';

/** A message as a door took it. */
export type SentMessage = {
  readonly account: InterfaceAccount;
  readonly bytes: Uint8Array;
  /** As the transport declares it; by MSH-18 when absent. */
  readonly charset?: string | undefined;
  /** The facility, where the transport says it beside MSH-4. */
  readonly facility?: string | undefined;
  /** The address that it came from. */
  readonly from: string;
};

/** The acknowledgement or response to a message, in ER7: there is always one. */
export type AnswerMessage = (sent: SentMessage) => Promise<string>;
