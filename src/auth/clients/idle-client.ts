import { parseScope } from '../../access/scope.ts';
import type { Client } from './client.ts';

/** Why an app can do nothing as it is registered; undefined when it can do something. */
export function idlenessOfClient({ kind, scope, redirects }: Client): string | undefined {
  if (scope === '') return 'nothing may be granted to it: --scope';
  if (redirects.length > 0) return undefined;
  if (kind === 'public') return 'there is nowhere to send people back to: --redirect';
  const forItself = scope.split(' ').some((text) => {
    const one = parseScope(text);
    return one?.kind === 'own' || (one?.kind === 'resource' && one.level === 'system');
  });
  if (forItself) return undefined;
  return 'it has no scope of its own (system/…), and there is nowhere to send people back to: --redirect';
}
