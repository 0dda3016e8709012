import { parseTextKey, type Translate } from './translate.ts';

/** A role in words; one that has no words is shown by its own name. */
export function roleName(t: Translate, role: string): string {
  const key = parseTextKey(`role.${role}`);
  return key ? t(key) : role;
}
