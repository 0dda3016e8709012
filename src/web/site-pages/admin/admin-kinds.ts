import { roleNames } from '../../../access/role-name.ts';
import type { AdminKind, AdminRow } from '../../../pages/admin-records.ts';
import { matchingModes } from '../../../values/matching-mode.ts';
import { tableOf } from '../../../values/table-of.ts';
import { roleName } from '../../role-name.ts';
import { parseTextKey, type TextKey, type Translate } from '../../translate.ts';

export type AdminField = {
  readonly name: string;
  readonly label: TextKey;
  readonly hint?: TextKey;
  /** A value a line. */
  readonly isList?: true;
  readonly options?: (t: Translate) => readonly (readonly [value: string, words: string])[];
  /** Only when it is made. */
  readonly isFixed?: true;
  /** It names such resources, by id or by name; of several types with the type before the id. */
  readonly refers?: readonly NamedType[];
};

type NamedType = 'Organization' | 'Practitioner' | 'Patient' | 'RelatedPerson';

export type ReferringField = AdminField & { readonly refers: readonly NamedType[] };

const matching: AdminField = {
  name: 'matching',
  label: 'admin.matching',
  options: (t) => [
    ['', t('admin.matching-usual')],
    ...matchingModes.map((mode) => [mode, t(`admin.matching-${mode}`)] as const),
  ],
};

const userFields: readonly AdminField[] = [
  { name: 'login', label: 'admin.login', hint: 'admin.login-hint', isFixed: true },
  {
    name: 'role',
    label: 'admin.role',
    // Nothing is chosen that nobody chose: the first of them is the administrator.
    options: (t) => [['', t('admin.choose')], ...roleNames.map((role) => [role, roleName(t, role)] as const)],
  },
  {
    name: 'organization',
    label: 'admin.organizations',
    hint: 'admin.names-hint',
    isList: true,
    refers: ['Organization'],
  },
  { name: 'person', label: 'admin.person', hint: 'admin.person-hint', refers: ['Practitioner', 'Patient'] },
  {
    name: 'related',
    label: 'admin.related',
    hint: 'admin.related-hint',
    isList: true,
    refers: ['RelatedPerson'],
  },
  matching,
  { name: 'certificate', label: 'admin.certificate', hint: 'admin.certificate-hint', isList: true },
  { name: 'subject', label: 'admin.subject', hint: 'admin.subject-hint' },
];

const clientFields: readonly AdminField[] = [
  { name: 'name', label: 'admin.name' },
  {
    name: 'kind',
    label: 'admin.kind',
    options: (t) => clientKindNames.map((kind) => [kind, t(`admin.kind-${kind}`)] as const),
  },
  { name: 'scope', label: 'admin.scope', hint: 'admin.scope-hint', isList: true },
  { name: 'redirect', label: 'admin.redirect', hint: 'admin.redirect-hint', isList: true },
  { name: 'launch', label: 'admin.launch' },
  { name: 'jwksUrl', label: 'admin.jwks-url' },
  { name: 'jwks', label: 'admin.jwks', hint: 'admin.jwks-hint', isList: true },
  {
    name: 'organization',
    label: 'admin.organization',
    hint: 'admin.organization-hint',
    refers: ['Organization'],
  },
  { name: 'group', label: 'admin.group', hint: 'admin.ids-hint', isList: true },
  matching,
  { name: 'trust', label: 'admin.trust', hint: 'admin.trust-hint' },
];

const clientKindNames = ['public', 'secret', 'key'] as const;

export const fieldsOf: Readonly<Record<AdminKind, readonly AdminField[]>> = {
  users: userFields,
  clients: clientFields,
};

/** How a row is called. */
export function titleOfRow(kind: AdminKind, { values }: Pick<AdminRow, 'values'>): string {
  return values[kind === 'users' ? 'login' : 'name'] ?? '';
}

/** The field that a fault belongs to; a rule that is none of a field stands alone. */
const placesOfRules: Readonly<Record<string, string>> = tableOf({
  'login-taken': 'login',
  'certificate-taken': 'certificate',
  keys: 'kind',
  'last-administrator': 'role',
});

export function faultOf(t: Translate, code: string) {
  const key = parseTextKey(`admin-fault.${code}`);
  return { field: placesOfRules[code] ?? code, text: key ? t(key) : code };
}

/** Values as the fields show them. */
export function valueWords(t: Translate, field: AdminField, value: string): string {
  const found = field.options?.(t).find(([option]) => option === value);
  return found?.[1] ?? value.split('\n').join(', ');
}
