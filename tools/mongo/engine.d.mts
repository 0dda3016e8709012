/** See engine.mjs. */
export interface Engine {
  readonly name: string;
  readonly url: string;
  /** Kills all its processes at once. */
  readonly crash: () => Promise<void>;
  /** Starts it again, at the same URL and on the same data. */
  readonly restart: () => Promise<void>;
  /** Stops it and deletes its data. */
  readonly close: () => Promise<void>;
}
export function openEngine(log?: (text: string) => void): Promise<Engine>;
/** Why a test is not to start an engine of its own, or undefined. */
export function whyNoOwnEngine(): Promise<string | undefined>;
