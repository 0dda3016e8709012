import type { CodeSystemIndex, Concept } from './code-system-index.ts';
import { displayIn } from './expand-value-set.ts';
import { type Member, type Members, memberKey } from './members.ts';
import type { TerminologySource } from './value-set-members.ts';

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
  const concept = known?.find(code);
  const member = findMember(members, system, concept?.code ?? code);
  if (member) {
    if (given.version !== undefined && member.version !== undefined && given.version !== member.version) {
      return refused(
        `The value set has version ${member.version} of ${system}; the code is of ${given.version}`,
      );
    }
    return verdictOn(given, member, `${system} ${member.code}`, { ...options, concept });
  }
  const reason = known && !known.partial && !concept ? `; ${known.name} has no such code` : '';
  return refused(`The code "${code}" of ${system || 'no system'} is not in ${valueSet}${reason}`);
}

function findMember(members: Members, system: string, code: string): Member | undefined {
  return members.get(memberKey(system, code));
}

/** A message is to be read. */
const namesShown = 20;

function verdictOn(
  given: GivenCode,
  found: Concept | Member,
  name: string,
  options: ValidationOptions & { readonly concept?: Concept | undefined },
): CodeVerdict {
  const display = displayIn(found, options.language);
  const named = display === undefined ? {} : { display };
  if (found.abstract && !options.abstract) {
    return { ...refused(`${name} is abstract: it groups other codes and is no value of a record`), ...named };
  }
  const names = namesOf([found, options.concept]);
  if (given.display !== undefined && !isAmong(names, given.display)) {
    const shown = names.slice(0, namesShown).map((one) => `"${one}"`);
    const expected = [...shown, ...(names.length > namesShown ? ['another of its names'] : [])].join(' or ');
    const text = `"${given.display}" is no name of ${name}; expected ${expected}`;
    return { ...refused(text), ...named };
  }
  if (found.inactive) return { result: true, message: `${name} is inactive`, ...named };
  return { result: true, ...named };
}

/** A value set may call a code otherwise; what the code system calls it stays right (R4 valueset.html#compositions). */
function namesOf(named: readonly (Concept | Member | undefined)[]): readonly string[] {
  const names = named.flatMap((one) => [
    one?.display,
    ...(one?.designations ?? []).map(({ value }) => value),
  ]);
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''))];
}

/** Case and spacing do not make another name. */
function isAmong(names: readonly string[], text: string): boolean {
  const wanted = folded(text);
  return names.some((name) => folded(name) === wanted);
}

function folded(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}

function refused(message: string): CodeVerdict {
  return { result: false, message };
}
