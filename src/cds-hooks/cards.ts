import type { CodeableConcept } from 'fhir/r4.js';
import { warningsOf } from '../registry/ehr-record/ask-forecast.ts';
import { type Row, rowsOf, scheduleOf } from '../registry/ehr-record/read-answer.ts';
import { type Suggestion, toSuggestion } from './suggestion.ts';
import type { Told } from './told.ts';

/** CDS Hooks 2.0, Card. */
export type Card = {
  readonly uuid: string;
  readonly summary: string;
  readonly detail: string;
  readonly indicator: 'info' | 'warning' | 'critical';
  readonly source: { readonly label: string; readonly url: string };
  readonly suggestions?: readonly Suggestion[];
  readonly selectionBehavior?: 'any';
  readonly overrideReasons: readonly object[];
  readonly links?: readonly Link[];
};

type Link = {
  readonly label: string;
  readonly url: string;
  readonly type: 'absolute' | 'smart';
};

/** What is overdue and what is due, a card each; none where neither is. */
export function cardsOfDue(told: Told): readonly Card[] {
  const rows = rowsOf(told.asked);
  const overdue = rows.filter(({ urgency }) => urgency === 'overdue');
  const due = rows.filter(({ urgency }) => urgency === 'due');
  return [
    ...(overdue.length > 0 ? [toCard(told, 'Overdue', overdue)] : []),
    ...(due.length > 0 ? [toCard(told, 'Due now', due)] : []),
  ];
}

function toCard(told: Told, title: 'Overdue' | 'Due now', rows: readonly Row[]): Card {
  const suggestions = rows.flatMap((row) => toSuggestion(row, told));
  return {
    ...cardOf(told, {
      summary: shortened(
        `${title}: `,
        rows.map(({ group }) => group),
      ),
      lines: rows.map(lineOf),
      indicator: title === 'Overdue' ? 'warning' : 'info',
    }),
    // CDS Hooks 2.0: with suggestions it must be said how many may be taken.
    ...(suggestions.length > 0 && { suggestions, selectionBehavior: 'any' }),
  };
}

export type CardText = {
  readonly summary: string;
  /** Of its list. */
  readonly lines: readonly string[];
  readonly indicator: Card['indicator'];
};

export function cardOf(told: Told, { summary, lines, indicator }: CardText): Card {
  const { newId, publicUrl, launchUrl, asked } = told;
  return {
    uuid: newId(),
    summary,
    detail: [...lines.map((line) => `- ${line}`), '', basisOf(told)].join('\n'),
    indicator,
    source: { label: `${scheduleOf(asked)}, by Jenner`, url: publicUrl },
    overrideReasons,
    ...(launchUrl !== undefined && {
      links: [{ label: 'Open the vaccine record', url: launchUrl, type: 'smart' as const }],
    }),
  };
}

/** So that it is shown in one line: less than 140 characters (CDS Hooks 2.0, Card attributes). */
const longestSummary = 139;

/** As many names as there is room for, and how many more there are. */
export function shortened(begin: string, names: readonly string[]): string {
  for (let shown = names.length; shown > 0; shown--) {
    const more = names.length - shown;
    const list = names.slice(0, shown).join(', ');
    const text = `${begin}${list}${more > 0 ? ` and ${more} more` : ''}`;
    if (text.length <= longestSummary) return text;
  }
  return `${begin}${names.length} vaccines`;
}

function lineOf({ group, doseNumber, urgency, since, vaccines }: Row): string {
  const dose = doseNumber === undefined ? '' : `, dose ${doseNumber}`;
  const when = urgency === 'overdue' ? `overdue${since === undefined ? '' : ` since ${since}`}` : 'due now';
  const names = vaccines.map(nameOf).join(', ');
  return `**${group}**${dose}: ${when}${names === '' ? '' : ` (${names})`}`;
}

function nameOf({ coding, text }: CodeableConcept): string {
  const [first] = coding ?? [];
  return first?.display ?? text ?? first?.code ?? '';
}

const mostWarnings = 5;

/** What the answer rests on. */
function basisOf({ asked, ehr }: Told): string {
  const of = asked.isJoined ? 'the record of the EHR and that of the registry' : 'what the EHR sent alone';
  const missing = ehr.missing.length === 0 ? '' : ` Not sent, or not whole: ${ehr.missing.join(', ')}.`;
  return `By ${of}, for ${asked.today}.${missing}`;
}

/** The first of the cards tells besides what could not be used, and what is known of seasons: once is enough. */
export function withNotes(cards: readonly Card[], { asked }: Told): readonly Card[] {
  const [first, ...others] = cards;
  if (!first) return [];
  const warnings = warningsOf(asked);
  const more = warnings.length - mostWarnings;
  const rest = more > 0 ? [`${more} more notes are not shown.`] : [];
  const notes = [...warnings.slice(0, mostWarnings).map(sentence), ...rest];
  return [{ ...first, detail: [first.detail, ...notes].join(' ') }, ...others];
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

const actReason = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const ownReason = 'https://jenner-iis.org/fhir/CodeSystem/cds-override-reason';

/** Why a clinician does not follow: those of R4's Immunization.statusReason, and two that it lacks. */
const overrideReasons = [
  { system: actReason, code: 'PATOBJ', display: 'Patient or parent refused' },
  { system: actReason, code: 'MEDPREC', display: 'Contraindicated or precaution' },
  { system: actReason, code: 'IMMUNE', display: 'Immune already' },
  { system: actReason, code: 'OSTOCK', display: 'Not in stock' },
  { system: ownReason, code: 'given-elsewhere', display: 'Given elsewhere already' },
  { system: ownReason, code: 'later', display: 'At a later visit' },
] as const;
