/** Options that say who may do what: told as they were given. */
const told: readonly string[] = [
  'role',
  'kind',
  'scope',
  'organization',
  'group',
  'patient',
  'practitioner',
  'practitionerRole',
  'relatedPerson',
  'certificate',
  'matching',
];
/** Options that are a switch. */
const switches: readonly string[] = [
  'write',
  'resetPassword',
  'resetCode',
  'newSecret',
  'passwordStdin',
  'cards',
  'stolen',
];

const longest = 1000;

/** A command's words with its options, of which those are told by their names alone that hold names, addresses or keys. */
export function toldOptions(words: string, options: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(options).flatMap(([name, value]) => toldOption(name, value) ?? []);
  return [words, ...given].join(' ').slice(0, longest);
}

function toldOption(name: string, value: unknown): string | undefined {
  if (name === 'disabled' && value !== undefined) return value === true ? '--disable' : '--enable';
  if (value === undefined || value === false) return undefined;
  if (switches.includes(name)) return optionOf(name);
  return `${optionOf(name)} ${told.includes(name) ? [value].flat().join(' ') : '…'}`;
}

function optionOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
