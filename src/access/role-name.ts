/** The roles that a user may have; what each may do: roles.ts. */
export const roleNames = [
  'administrator',
  'programme-staff',
  'site-administrator',
  'clinician',
  'vaccine-coordinator',
  'school-nurse',
  'board-of-health',
  'auditor',
  'interface',
  'individual',
] as const;

export type RoleName = (typeof roleNames)[number];

export function isRoleName(text: string): text is RoleName {
  return roleNames.some((name) => name === text);
}
