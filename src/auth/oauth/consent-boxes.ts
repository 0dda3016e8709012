import { narrowings, parseScope, type Scope, type ScopeLevel } from '../../access/scope.ts';
import type { ScopeShown } from '../../pages/auth-pages.ts';
import { heldTypes } from './held-types.ts';

/**
 * A box for each scope that may be granted: of a wildcard one for each type, and narrower ones that are not ticked, since
 * who leaves the page as it is gives what was asked for.
 */
export function consentBoxes(scopes: readonly string[]): readonly ScopeShown[] {
  const boxes = new Map<string, ScopeShown>();
  for (const text of scopes) {
    const scope = parseScope(text);
    for (const narrow of scope ? narrowings(scope, heldTypes(levelOf(scope))) : []) {
      // What is asked for by itself stands there as it was asked for.
      if (narrow.text === text || !boxes.has(narrow.text)) boxes.set(narrow.text, toBox(narrow.text, text));
    }
  }
  return [...boxes.values()];
}

function toBox(scope: string, asked: string): ScopeShown {
  if (scope === asked) return { scope, checked: true };
  const [whole = '', query] = scope.split('?');
  if (query !== undefined && query === asked.split('?')[1]) return { scope, checked: true, within: asked };
  return whole === scope ? { scope, checked: true, within: asked } : { scope, checked: false, within: whole };
}

/** What was ticked of what was offered; anything else that a form holds is nothing. */
export function tickedScopes(scopes: readonly string[], ticked: readonly string[]): readonly string[] {
  const chosen = new Set(ticked);
  return consentBoxes(scopes).flatMap(({ scope }) => (chosen.has(scope) ? [scope] : []));
}

/** Does it need somebody in context? */
export function needsPatient(scopes: readonly string[]): boolean {
  return scopes.some((text) => text === 'launch/patient' || text.startsWith('patient/'));
}

function levelOf(scope: Scope): ScopeLevel {
  return scope.kind === 'resource' ? scope.level : 'user';
}
