import { parseScope, type ResourceScope } from '../access/scope.ts';
import type { Language, ScopeShown } from '../pages/auth-pages.ts';
import { parseTextKey, type TextKey, type Translate } from './translate.ts';

/** Under which heading of the consent page a scope stands. */
export type ScopeGroup = 'see' | 'change' | 'who' | 'long' | 'more';

export const scopeGroups: readonly ScopeGroup[] = ['see', 'change', 'who', 'long', 'more'];

export type ScopeWords = {
  readonly group: ScopeGroup;
  readonly words: string;
  /** What must be known beside it. */
  readonly notes: readonly string[];
};

/** A scope as people read it; never empty, also for what this server does not know. */
export function wordScope(language: Language, t: Translate, text: string): ScopeWords {
  const scope = parseScope(text);
  if (!scope) return { group: 'more', words: t('scope.other', { scope: text }), notes: [] };
  switch (scope.kind) {
    case 'resource':
      return wordResourceScope(language, t, scope);
    case 'launch':
      return { group: 'more', words: t(launchKey(scope.of)), notes: [] };
    case 'identity':
      return { group: 'who', words: t(`scope.${scope.text}`), notes: [] };
    case 'refresh':
      return { group: 'long', words: t(`scope.${scope.text}`), notes: [] };
    case 'own': {
      const key = parseTextKey(`scope.own-${text.slice(text.lastIndexOf('/') + 1)}`);
      return { group: 'more', words: key ? t(key) : t('scope.other', { scope: text }), notes: [] };
    }
  }
}

function launchKey(of: 'patient' | 'encounter' | undefined): TextKey {
  return of === undefined ? 'scope.launch' : `scope.launch-${of}`;
}

function wordResourceScope(language: Language, t: Translate, scope: ResourceScope): ScopeWords {
  const verbs = new Intl.ListFormat(language, { type: 'conjunction' }).format(verbsOf(t, scope));
  const whole = `${capital(verbs, language)} ${thingsOf(t, scope.type)}`;
  const parts = scope.query.map((pair) => partOf(t, pair));
  const part = new Intl.ListFormat(language, { type: 'conjunction' }).format(parts);
  return {
    group: isReading(scope) ? 'see' : 'change',
    words: parts.length === 0 ? whole : t('scope.only', { what: whole, part }),
    notes: [...levelNotes(t, scope), ...(scope.type === '*' ? [t('scopes.future')] : [])],
  };
}

export function isReading({ permissions }: ResourceScope): boolean {
  return [...permissions].every((permission) => permission === 'read' || permission === 'search');
}

/** Reading and searching together are "see": apart they are told apart. */
function verbsOf(t: Translate, { permissions }: ResourceScope): readonly string[] {
  const sees = permissions.has('read') && permissions.has('search');
  const reading = (['read', 'search'] as const)
    .filter((one) => permissions.has(one))
    .map((one) => t(`do.${one}`));
  const changing = (['create', 'update', 'delete'] as const).filter((one) => permissions.has(one));
  return [...(sees ? [t('do.see')] : reading), ...changing.map((one) => t(`do.${one}`))];
}

function thingsOf(t: Translate, type: ResourceScope['type']): string {
  return t(type === '*' ? 'type.all' : `type.${type}`);
}

function partOf(t: Translate, [name, value]: readonly [string, string]): string {
  const code = value.slice(value.lastIndexOf('|') + 1);
  const key = name === 'category' || name === 'status' ? parseTextKey(`part.${code}`) : undefined;
  return key ? t(key) : t('scope.query', { name, value });
}

function levelNotes(t: Translate, { level }: ResourceScope): readonly string[] {
  switch (level) {
    case 'patient':
      return [];
    case 'user':
      return [t('scopes.user-note')];
    case 'system':
      return [t('scopes.system-note')];
  }
}

function capital(text: string, language: Language): string {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}

/** A box with those that narrow it, below it. */
export type ScopeTree = ScopeShown & { readonly narrower: readonly ScopeTree[] };

/** What narrows a scope that is not shown stands by itself: no box is lost. */
export function treeOf(boxes: readonly ScopeShown[]): readonly ScopeTree[] {
  const isTop = ({ scope, within }: ScopeShown) =>
    within === undefined || !boxes.some((other) => other.scope === within && within !== scope);
  const grow = (box: ScopeShown): ScopeTree => ({
    ...box,
    narrower: boxes.filter((other) => other.within === box.scope && !isTop(other)).map(grow),
  });
  return boxes.filter(isTop).map(grow);
}

/** So many boxes of a group are read at a glance. */
const mostAtOnce = 8;

/** What people know by name, and think of first. */
const plainTypes: readonly string[] = [
  'Immunization',
  'ImmunizationRecommendation',
  'ImmunizationEvaluation',
  'Patient',
  'AllergyIntolerance',
  'Condition',
  'Observation',
  'Procedure',
];

/** Of many boxes those that are shown at once, in plain order, and the rest, which are a step away. */
export function partTrees(trees: readonly ScopeTree[]): {
  readonly shown: readonly ScopeTree[];
  readonly rest: readonly ScopeTree[];
} {
  if (trees.length <= mostAtOnce) return { shown: trees, rest: [] };
  const rank = ({ scope }: ScopeTree) => {
    const parsed = parseScope(scope);
    if (parsed?.kind !== 'resource' || parsed.type === '*') return 0;
    const at = plainTypes.indexOf(parsed.type);
    return at < 0 ? plainTypes.length : at;
  };
  const shown = trees.filter((tree) => rank(tree) < plainTypes.length);
  const rest = trees.filter((tree) => rank(tree) === plainTypes.length);
  if (shown.length === 0) return { shown: rest.slice(0, mostAtOnce), rest: rest.slice(mostAtOnce) };
  return { shown: shown.sort((one, other) => rank(one) - rank(other)), rest };
}
