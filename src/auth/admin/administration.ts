import { hash } from 'node:crypto';
import { Problem } from '../../fhir/problem.ts';
import { purposes } from '../../interaction/audit/audit-agent.ts';
import type { AdminBy, AdminRow } from '../../pages/admin-records.ts';
import { OperatorError } from '../../values/operator-error.ts';
import type { AuthServer } from '../auth-server.ts';
import { agentOfUser } from '../page/tell-page.ts';
import type { User } from '../users/user.ts';

export function versionOf(values: AdminRow['values'], isDisabled: boolean): string {
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

export async function requireAdministrator({ users }: AuthServer, { login }: AdminBy): Promise<User> {
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
