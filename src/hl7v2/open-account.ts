import type { InterfaceAccount } from '../access/interface-account.ts';

/** Everybody, on a server that runs with JENNER_AUTH=off. */
export const openAccount: InterfaceAccount = {
  name: 'open',
  organizations: [],
  callerAs: () => ({ kind: 'open' }),
};
