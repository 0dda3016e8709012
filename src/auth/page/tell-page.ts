import { purposes } from '../../interaction/audit/audit-agent.ts';
import type { PersonShown } from '../../pages/auth-pages.ts';
import type { AuditAgent } from '../../store/contract/audit.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { SignedIn } from '../session/browser.ts';
import type { User } from '../users/user.ts';
import { ownPages } from './objection.ts';
import type { Page } from './page.ts';

/** What a page shows of people is told as what an app is shown; undefined: it was refused. */
export async function tellPage(
  { server, request, browser }: Page<SignedIn>,
  name: string,
  people: readonly PersonShown[] | undefined,
): Promise<void> {
  const { user } = browser.signedIn;
  const patients = (people ?? []).map(({ id }) => id as ResourceId);
  await server.tell?.({
    agent: agentOfUser(user),
    action: 'R',
    interaction: `page ${name}`,
    patients,
    outcome: people ? 0 : 4,
    from: request.ip,
    purpose: purposes[user.role],
  });
}

/** What somebody changed of their account, or of what apps may do for them; no password, code or key is told. */
export async function tellChange(
  { server, request, browser }: Page<SignedIn>,
  change: string,
  isDone: boolean,
): Promise<void> {
  const { user } = browser.signedIn;
  await server.tell?.({
    agent: agentOfUser(user),
    action: 'U',
    interaction: 'account',
    query: change,
    outcome: isDone ? 0 : 4,
    from: request.ip,
    purpose: purposes[user.role],
  });
}

/** A login that nobody has may be a password in the wrong field: it is not told. */
export async function tellSignIn(
  { server, request }: Page,
  user: User | undefined,
  isGood: boolean,
): Promise<void> {
  await server.tell?.({
    agent: user ? agentOfUser(user) : { name: 'unknown', client: ownPages.id },
    action: 'E',
    interaction: 'sign-in',
    outcome: isGood ? 0 : 4,
    from: request.ip,
  });
}

export function agentOfUser({ login, role, fhirUser, organizations }: User): AuditAgent {
  const [organization] = organizations;
  return {
    name: `client:${ownPages.id} user:${login}`,
    client: ownPages.id,
    user: login,
    role,
    ...(fhirUser !== undefined && { fhirUser }),
    ...(organization !== undefined && { organization }),
  };
}
