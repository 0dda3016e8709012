import { jobOwner } from './cli/foreground-jobs.ts';
import type { Config } from './config.ts';
import { forwardJob, forwardJobId } from './hl7v2/forward/forward-job.ts';
import { nextWaiting } from './hl7v2/forward/outbox.ts';
import { deliver } from './hl7v2/forward/soap-client.ts';
import { type JobRunnerOptions, openJobRunner } from './job/job-runner.ts';
import type { Store } from './store/contract/store.ts';
import type { Clock } from './values/clock.ts';

export type ForwardingOptions = {
  readonly config: Pick<
    Config,
    'hl7ForwardUrl' | 'hl7ForwardLogin' | 'hl7ForwardPassword' | 'hl7ForwardFacility'
  >;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: JobRunnerOptions['log'];
  readonly warn: (text: string) => void;
};

export type Forwarding = { readonly start: () => void; readonly stop: () => Promise<void> };

/** Milliseconds between two looks for what is to be sent on. */
const lookEvery = 2000;

/** Sends messages on to the registry of the settings; undefined where there is none. */
export function openForwarding({
  config,
  store,
  clock,
  log,
  warn,
}: ForwardingOptions): Forwarding | undefined {
  const { hl7ForwardUrl: url, hl7ForwardLogin: login, hl7ForwardPassword: password } = config;
  if (url === undefined) return undefined;
  const destination = { url, login, password, facility: config.hl7ForwardFacility };
  const kinds = [
    forwardJob({ store, clock, warn, deliver: (message, signal) => deliver(destination, message, signal) }),
  ];
  const runner = openJobRunner({ store, clock, kinds, owner: jobOwner(), log });
  const look = async () => {
    if (await nextWaiting(store)) await runner.submit({ id: forwardJobId, kind: 'hl7v2-forward', input: {} });
  };
  let looking: NodeJS.Timeout | undefined;
  return {
    start: () => {
      runner.start();
      looking ??= setInterval(
        () => void look().catch((thrown: Error) => warn(thrown.message)),
        lookEvery,
      ).unref();
    },
    stop: async () => {
      clearInterval(looking);
      await runner.stop();
    },
  };
}
