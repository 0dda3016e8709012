/** See engine.mjs. */
export interface Engine {
  readonly name: string;
  readonly url: string;
  /** Kills all its processes at once. */
  readonly crash: () => Promise<void>;
  /** Starts it again, at the same URL and on the same data. */
  readonly restart: () => Promise<void>;
  /** Of an engine with a disk of its own: leaves not one byte free. */
  readonly fillDisk: () => Promise<void>;
  /** Takes away what filled it. */
  readonly freeDisk: () => Promise<void>;
  /** Stops it and deletes its data. */
  readonly close: () => Promise<void>;
}
export function openEngine(
  log?: (text: string) => void,
  disk?: { readonly megabytes?: number | undefined },
): Promise<Engine>;
/** Why a test is not to start an engine of its own, or undefined. */
export function whyNoOwnEngine(): Promise<string | undefined>;
