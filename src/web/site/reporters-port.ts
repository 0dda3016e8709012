import type { InteractionContext } from '../../interaction/context.ts';

/** How much of something is so, of all that could be. */
type Share = { readonly count: number; readonly of: number; readonly share?: number };

/** What is told of who sends messages; structurally the report of `src/hl7v2/quality`. */
export type ReporterReportShown = {
  readonly messages: number;
  readonly acceptance: Share;
  readonly doses: number;
  readonly administered: number;
  readonly timeliness: Share;
  readonly completeness: readonly (Share & { readonly name: string; readonly least: number })[];
  readonly validity: Share;
  readonly issues: readonly { readonly code: string; readonly text: string; readonly count: number }[];
  readonly score?: number;
  readonly acceptanceTest: {
    readonly isPassed: boolean;
    readonly criteria: readonly {
      readonly name: string;
      readonly value?: number;
      readonly least: number;
      readonly isMet: boolean;
    }[];
  };
};

/** Who sends messages: an account of a connected system. */
export type ReporterShown = {
  /** As messages name it. */
  readonly account: string;
  readonly organizations: readonly string[];
  readonly isDisabled: boolean;
};

export type ReportersPort = {
  /** The system that messages name their senders by. */
  readonly accountSystem: string;
  /** What the code of a finding says, as a sentence. */
  readonly textOf: (code: string) => string | undefined;
  readonly list: () => Promise<readonly ReporterShown[]>;
  readonly report: (
    ctx: InteractionContext,
    asked: { readonly account: string; readonly since: string },
  ) => Promise<ReporterReportShown>;
  /** The same as a text, as the command line prints it. */
  readonly text: (
    ctx: InteractionContext,
    asked: { readonly account: string; readonly since: string },
  ) => Promise<string>;
};
