import type { CodeSystemIndex, Concept } from './code-system-index.ts';
import { displayIn } from './expand-value-set.ts';
import { type Member, type Members, memberKey, type TerminologySource } from './value-set-members.ts';

/** A code as a record gives it. */
export type GivenCode = {
  readonly system?: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
};

export type ValidationOptions = {
  /** A code that is for navigation only is right where the caller says so. */
  readonly abstract: boolean;
  readonly language?: string;
};

export type CodeVerdict = {
  readonly result: boolean;
  /** Why not, or what to know although it is right. */
  readonly message?: string;
  readonly display?: string;
};

export function validateInCodeSystem(
  given: GivenCode,
  system: CodeSystemIndex,
  options: ValidationOptions,
): CodeVerdict {
  if (given.system !== undefined && given.system !== system.url) {
    return refused(`The code ${given.code} is of ${given.system}, not of ${system.url}`);
  }
  const concept = system.find(given.code);
  if (concept) return verdictOn(given, concept, `${system.name} ${concept.code}`, options);
  const held = system.partial ? ' as far as this server holds it' : '';
  return refused(`${system.name} (${system.url}) has no code "${given.code}"${held}`);
}

export function validateInValueSet(
  given: GivenCode,
  valueSet: string,
  members: Members,
  source: TerminologySource,
  options: ValidationOptions,
): CodeVerdict {
  const { system = '', code } = given;
  const known = source.codeSystem(system);
  const member = findMember(members, system, known?.find(code)?.code ?? code);
  if (member) {
    if (given.version !== undefined && member.version !== undefined && given.version !== member.version) {
      return refused(
        `The value set has version ${member.version} of ${system}; the code is of ${given.version}`,
      );
    }
    return verdictOn(given, member, `${system} ${member.code}`, options);
  }
  const reason = known && !known.partial && !known.find(code) ? `; ${known.name} has no such code` : '';
  return refused(`The code "${code}" of ${system || 'no system'} is not in ${valueSet}${reason}`);
}

function findMember(members: Members, system: string, code: string): Member | undefined {
  return members.get(memberKey(system, code));
}

function verdictOn(
  given: GivenCode,
  found: Concept | Member,
  name: string,
  options: ValidationOptions,
): CodeVerdict {
  const display = displayIn(found, options.language);
  const named = display === undefined ? {} : { display };
  if (found.abstract && !options.abstract) {
    return { ...refused(`${name} is abstract: it groups other codes and is no value of a record`), ...named };
  }
  if (given.display !== undefined && !isNameOf(given.display, found)) {
    const expected = [found.display, ...found.designations.map(({ value }) => value)].filter(Boolean);
    const text = `"${given.display}" is no name of ${name}; expected ${expected.map((one) => `"${one}"`).join(' or ')}`;
    return { ...refused(text), ...named };
  }
  if (found.inactive) return { result: true, message: `${name} is inactive`, ...named };
  return { result: true, ...named };
}

/** Case and spacing do not make another name. */
function isNameOf(text: string, { display, designations }: Concept | Member): boolean {
  const wanted = folded(text);
  return (
    (display !== undefined && folded(display) === wanted) ||
    designations.some(({ value }) => typeof value === 'string' && folded(value) === wanted)
  );
}

function folded(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}

function refused(message: string): CodeVerdict {
  return { result: false, message };
}
