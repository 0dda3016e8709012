import type { CodeSystemConceptDesignation, ValueSetExpansionContains } from 'fhir/r4.js';
import type { Member, Members } from './members.ts';
import { textOf } from './unvalidated.ts';

export type ExpansionQuery = {
  /** Words that the code, its name or one of its other names must have. */
  readonly filter?: string;
  readonly offset: number;
  readonly count?: number;
  readonly activeOnly: boolean;
  readonly selectableOnly: boolean;
  readonly includeDesignations: boolean;
  /** Of the designations only these: a language, or `system|code` of a language or a use. */
  readonly designations: ReadonlySet<string>;
  readonly language?: string;
};

export type ExpansionPage = {
  readonly total: number;
  readonly contains: ValueSetExpansionContains[];
};

/** The words of a filter, each once. */
export function wordsOf(filter = ''): readonly string[] {
  return [...new Set(filter.toLowerCase().split(/\s+/).filter(Boolean))];
}

/** The members that fit the query, one page of them. */
export function pageOfMembers(members: Members, query: ExpansionQuery): ExpansionPage {
  const words = wordsOf(query.filter);
  const fitting: Member[] = [];
  for (const member of members.values()) {
    if (query.activeOnly && member.inactive) continue;
    if (query.selectableOnly && member.abstract) continue;
    if (words.length === 0 || hasWords(member, words)) fitting.push(member);
  }
  const end = query.count === undefined ? undefined : query.offset + query.count;
  return {
    total: fitting.length,
    contains: fitting.slice(query.offset, end).map((member) => toContains(member, query)),
  };
}

function hasWords({ code, display, designations }: Member, words: readonly string[]): boolean {
  const names = designations.map(({ value }) => value);
  const text = [code, display ?? '', ...names].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

function toContains(member: Member, query: ExpansionQuery): ValueSetExpansionContains {
  const { system, version, code, inactive, abstract, designations } = member;
  const display = displayIn(member, query.language);
  const shown = query.includeDesignations
    ? designations.filter((designation) => isWanted(designation, query.designations))
    : [];
  return {
    system,
    ...(abstract && { abstract }),
    ...(inactive && { inactive }),
    ...(version !== undefined && { version }),
    code,
    ...(display !== undefined && { display }),
    ...(shown.length > 0 && { designation: shown.map((designation) => ({ ...designation })) }),
  };
}

function isWanted({ language, use }: CodeSystemConceptDesignation, wanted: ReadonlySet<string>): boolean {
  if (wanted.size === 0) return true;
  const tokens = [
    textOf(language),
    `urn:ietf:bcp:47|${textOf(language)}`,
    `${textOf(use?.system)}|${textOf(use?.code)}`,
  ];
  return tokens.some((token) => token !== undefined && wanted.has(token));
}

/** The name in the language asked for where there is one, or else the usual name. */
export function displayIn(
  named: {
    readonly display?: string | undefined;
    readonly designations: readonly CodeSystemConceptDesignation[];
  },
  language: string | undefined,
): string | undefined {
  if (language === undefined) return named.display;
  const wanted = language.toLowerCase();
  const translated = named.designations.find(
    ({ language: written }) => textOf(written)?.toLowerCase() === wanted,
  );
  return textOf(translated?.value) ?? named.display;
}
