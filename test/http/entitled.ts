import type { Caller } from '../../src/access/caller.ts';
import type { AppOptions } from '../../src/app.ts';
import { callerFor } from '../unit/access/access-world.ts';

export type Given = Parameters<typeof callerFor>[0];

/** Whoever sends the name of one of these as a token is it; everybody else is a stranger. */
export function callersByName(
  entitled: Readonly<Record<string, Given>>,
): NonNullable<AppOptions['callerOf']> {
  const callers = new Map(
    Object.entries(entitled).map(([name, given]) => [name, callerFor(given) as Caller]),
  );
  return ({ headers }) => {
    const name = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    return callers.get(name) ?? { kind: 'anonymous' };
  };
}

export function as(name: string): { readonly authorization: string } {
  return { authorization: `Bearer ${name}` };
}
