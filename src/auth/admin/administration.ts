import { hash } from 'node:crypto';
import { Problem } from '../../fhir/problem.ts';
import { purposes } from '../../interaction/audit/audit-agent.ts';
import { OperatorError } from '../../values/operator-error.ts';
import type { AuthServer } from '../auth-server.ts';
import { agentOfUser } from '../page/tell-page.ts';
import type { User } from '../users/user.ts';

/** Who administers, and from which address. */
export type By = { readonly login: string; readonly from: string };

/** An account or an app as its form shows it: a list is a line for each. */
export type Row = {
  /** Names it in a URL, and tells nothing of whose it is. */
  readonly id: string;
  /** Another one after any change of what the form shows. */
  readonly version: string;
  readonly values: Readonly<Record<string, string>>;
  readonly isDisabled: boolean;
  /** It can do next to nothing as it is. */
  readonly isIdle: boolean;
  readonly hasSecondFactor?: boolean;
  readonly lastSignIn?: string;
};

/** What a form asks for beside its fields. */
export type Extra = {
  readonly isDisabled: boolean;
  /** Another password or secret, made and shown once. */
  readonly renews: boolean;
  /** Takes the second factor away. */
  readonly resetsCode: boolean;
};

export type Outcome =
  | { readonly kind: 'done'; readonly id: string; readonly secret?: string }
  /** Names of fields, or of rules (`login-taken`). */
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | { readonly kind: 'changed' }
  | { readonly kind: 'nothing' };

/** What is there already, and how it was when the form was drawn. */
export type Target = { readonly id: string; readonly version: string };

export type Administered = {
  readonly list: () => Promise<readonly Row[]>;
  readonly read: (id: string) => Promise<Row | undefined>;
  readonly add: (by: By, values: Row['values'], extra: Extra) => Promise<Outcome>;
  readonly change: (by: By, target: Target, values: Row['values'], extra: Extra) => Promise<Outcome>;
};

export function versionOf(values: Row['values'], isDisabled: boolean): string {
  return hash('sha256', JSON.stringify([values, isDisabled]), 'base64url').slice(0, 16);
}

export function linesOf(text = ''): readonly string[] {
  return text.split(/\s+/).filter((line) => line !== '');
}

/** What was typed, without what was left empty. */
export function typed(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** Each field by itself, so that all that is wrong is told at once. */
export function faultsIn(tries: Readonly<Record<string, () => unknown>>): readonly string[] {
  return Object.entries(tries).flatMap(([name, attempt]) => (isRefused(attempt) ? [name] : []));
}

function isRefused(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch (thrown) {
    if (thrown instanceof OperatorError) return true;
    throw thrown;
  }
}

export async function requireAdministrator({ users }: AuthServer, { login }: By): Promise<User> {
  const user = await users.read(login);
  if (user && !user.disabled && user.role === 'administrator') return user;
  throw new Problem('forbidden', 'Accounts and apps are administered by administrators');
}

type Change = {
  readonly words: string;
  /** Of its fields those that give access: no name, address or key is told. */
  readonly told: Readonly<Record<string, string | undefined>>;
  readonly outcome: 0 | 4;
};

/** Tells of a change before it is made, and once more when it failed, as a command does. */
export async function tellAdministration(
  { tell }: AuthServer,
  { user, from }: { readonly user: User; readonly from: string },
  { words, told, outcome }: Change,
): Promise<void> {
  const options = Object.entries(told).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${linesOf(value).join(',')}`],
  );
  await tell?.({
    agent: agentOfUser(user),
    action: 'U',
    interaction: 'account',
    query: [words, ...options].join(' '),
    outcome,
    from,
    purpose: purposes[user.role],
  });
}
