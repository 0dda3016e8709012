import type { Caller } from '../../access/caller.ts';
import type { Entitlement } from '../../access/entitlement.ts';
import type { InterfaceAccount } from '../../access/interface-account.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import { toInterfaceAccount } from '../interfaces/to-interface-account.ts';
import { requireAccount } from '../users/require-account.ts';
import type { Users } from '../users/user-records.ts';
import { type EntitlementPort, toEntitlement } from './to-entitlement.ts';

export type AccountPort = EntitlementPort & {
  readonly users: Users;
  /** What becomes of a Patient who is brought by the command line. */
  readonly matching: MatchingMode;
  readonly toCaller: (entitlement: Entitlement) => Caller;
};

/** Who acts on the command line as an account: all that its role may, and nothing else. `program` is who runs it. */
export async function accountOnCommandLine(
  port: AccountPort,
  login: string,
  program: string,
): Promise<InterfaceAccount> {
  const user = await requireAccount(port.users, login);
  const scope = 'user/*.cruds';
  const client = {
    id: program,
    name: program,
    kind: 'public',
    created: user.created,
    redirects: [],
    scope,
    groups: [],
    matching: user.matching ?? port.matching,
  } as const;
  return toInterfaceAccount(await toEntitlement(port, { client, user, scopes: [scope] }), port.toCaller);
}
