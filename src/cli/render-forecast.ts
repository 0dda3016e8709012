import { sameDayNotes } from '../registry/forecasting/same-day-notes.ts';
import { leftOutTitle, renderLeftOut, renderNotGiven } from './forecast-text/left-out-doses.ts';
import { withNames } from './forecast-text/names.ts';
import { renderHead } from './forecast-text/render-head.ts';
import { renderRow } from './forecast-text/render-row.ts';
import { distinct, type RenderedForecast } from './forecast-text/rendered-forecast.ts';
import { type RowContext, rowContext } from './forecast-text/row-context.ts';
import { type Section, sections } from './forecast-text/sections.ts';
import { renderCombinations } from './forecast-text/shared-doses.ts';
import { renderUncounted } from './forecast-text/uncounted-doses.ts';

/** A forecast for a person to read: what is due and when, with what and why, and on how much of the record it rests. */
export function renderForecast(rendered: RenderedForecast): string {
  const context = rowContext(rendered);
  const { rows, leftOut, distant } = context;
  const shown = [
    renderHead(rendered, rows, leftOut, context),
    ...sections.flatMap((section) => [
      renderSection(section, context),
      section === lastOfToday
        ? titled('One dose for several', renderCombinations(rows, context, rendered.knowledgeBase))
        : '',
    ]),
    titled('Not due for decades', distant.length === 0 ? [] : [`  ${distant.join('; ')}`]),
    titled(leftOutTitle, renderLeftOut(leftOut, rendered)),
    titled('Doses that do not count', renderUncounted(rendered)),
    titled(
      'Also to know',
      renderNotes(rendered).map((text) => `  ${text}`),
    ),
  ];
  return `${shown.filter((part) => part !== '').join('\n\n')}\n`;
}

const lastOfToday: Section = 'May be given now';

function renderSection(section: Section, context: RowContext): string {
  const rows = context.rows.filter((row) => row.section === section);
  return titled(
    section,
    rows.map((row) => renderRow(row, context)),
  );
}

/** What was said of the record, but for the doses that are told apart. */
function renderNotes(rendered: RenderedForecast): readonly string[] {
  const { reading, record, knowledgeBase, notes } = rendered;
  const doses = new Set(record.immunizations.map(({ expression }) => expression));
  const said = [
    ...notes,
    ...reading.notes.filter(({ expression }) => !doses.has(expression)),
    ...sameDayNotes(reading.history, knowledgeBase, (doseId) => doseId),
  ];
  const told = said.map(
    ({ severity, text }) => `${severity === 'warning' ? 'warning: ' : ''}${withNames(text, rendered)}`,
  );
  return distinct([...told, ...renderNotGiven(rendered)]);
}

function titled(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.join('\n')}`;
}
