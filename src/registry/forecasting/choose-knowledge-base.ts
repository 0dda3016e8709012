import { placeOf } from '../../fhir/parameter-place.ts';
import { Problem } from '../../fhir/problem.ts';
import { compareReleases, versionsMeant } from '../../forecast/schedule-version.ts';
import type { Inputs } from '../../operation/inputs.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** Which knowledge base is asked for: of one that is named the version of the day, and of none that which is followed. */
export type KnowledgeBaseChoice = { readonly base?: string; readonly version?: string };

/** All that are installed; the first is followed where nothing else is asked for. */
export type KnowledgeBases = readonly [KnowledgeBase, ...KnowledgeBase[]];

/** One request compares so many schedules at most. */
const maxChoices = 10;

/** `ID` or `ID|VERSION`. */
export function parseKnowledgeBase(text: string): KnowledgeBaseChoice {
  const bar = text.indexOf('|');
  if (bar < 0) return { base: text };
  return { base: text.slice(0, bar), version: text.slice(bar + 1) };
}

/**
 * Each `knowledgeBase`, a CodeableConcept, Coding, code, uri or canonical; `knowledgeBaseVersion`, a string, for the one
 * that is asked for. None: the caller leaves it to the server.
 */
export function knowledgeBasesOf(inputs: Inputs): readonly KnowledgeBaseChoice[] {
  const asked = inputs.codes('knowledgeBase').map(parseKnowledgeBase);
  const version = inputs.text('knowledgeBaseVersion');
  requireFew(inputs, asked, version);
  if (version === undefined) return asked;
  return [{ ...asked[0], version }];
}

function requireFew(
  inputs: Inputs,
  asked: readonly KnowledgeBaseChoice[],
  version: string | undefined,
): void {
  if (version !== undefined && asked.length > 1) {
    const text = 'knowledgeBaseVersion goes with one knowledgeBase; of several each is named as ID|VERSION';
    throw new Problem('invalid-parameter', text, { expression: inputs.place('knowledgeBaseVersion') });
  }
  if (asked.length > maxChoices) {
    const text = `knowledgeBase may be given ${maxChoices} times; it was given ${asked.length} times`;
    throw new Problem('invalid-parameter', text, { expression: placeOf('knowledgeBase') });
  }
}

/** The knowledge bases asked for; throws the Problem of one that is not installed, or is asked for twice. */
export function chooseKnowledgeBases(
  bases: KnowledgeBases,
  choices: readonly KnowledgeBaseChoice[],
  day: EpochDay,
): KnowledgeBases {
  const [first, ...others] = choices.map((choice) => chooseKnowledgeBase(bases, choice, day));
  const chosen: KnowledgeBases = [first ?? bases[0], ...others];
  const twice = chosen.find((each, i) => chosen.indexOf(each) !== i);
  if (!twice) return chosen;
  throw new Problem('invalid-parameter', `The knowledge base ${twice.name} is asked for twice`, {
    expression: placeOf('knowledgeBase'),
  });
}

/**
 * A version is named whole, "4.64-508", or by its leading numbers, "4.64": of those that fit, and of all where none is
 * named, the latest that is in effect on the day is meant, so that next year's can be installed ahead.
 */
export function chooseKnowledgeBase(
  bases: KnowledgeBases,
  choice: KnowledgeBaseChoice,
  day: EpochDay,
): KnowledgeBase {
  const { base, version } = choice;
  if (!base && version === undefined) return bases[0];
  const ofId = bases.filter(({ id }) => id === (base || bases[0].id));
  if (ofId.length === 0) throw notInstalled(bases, base ?? '');
  const versions = ofId.map((known) => known.version);
  const meant = version === undefined ? versions : versionsMeant(versions, version);
  const fitting = ofId.filter((known) => meant.includes(known.version));
  const found = latestOn(fitting, day);
  if (found) return found;
  const text = `Version "${version}" of the schedule ${ofId[0]?.id} is not installed; installed: ${versions.join(', ')}`;
  throw new Problem('not-supported', text, { expression: placeOf('knowledgeBaseVersion') });
}

/** Where none is in effect yet, the first that will be. */
function latestOn(bases: readonly KnowledgeBase[], day: EpochDay): KnowledgeBase | undefined {
  const ordered = [...bases].sort((a, b) => compareReleases(a.data, b.data));
  const today = formatEpochDay(day);
  return ordered.findLast(({ data }) => (data.effective ?? '') <= today) ?? ordered[0];
}

function notInstalled(bases: KnowledgeBases, asked: string): Problem {
  const ids = [...new Set(bases.map(({ id }) => id))].join(', ');
  return new Problem('not-supported', `The knowledge base "${asked}" is not installed; installed: ${ids}`, {
    expression: placeOf('knowledgeBase'),
  });
}
