import type { Parameters, ParametersParameter } from 'fhir/r4.js';
import { doseName, scheduleName } from './names.ts';
import { statementOf, tellProducts } from './render-row.ts';
import { distinct, listOf, type RenderedForecast } from './rendered-forecast.ts';
import { type RowContext, rowContext } from './row-context.ts';

/** Another schedule than the one that is followed, and the answer by both. */
export type Compared = { readonly other: RenderedForecast; readonly answer: Parameters };

/**
 * Where schedules differ for the person, from the `difference` parts of the answers: what each says of the vaccine group,
 * and by which change.
 */
export function renderDifferences(followed: RenderedForecast, compared: readonly Compared[]): string {
  const first = rowContext(followed);
  const lines = compared.flatMap(({ other, answer: { parameter = [] } }) => {
    const context = rowContext(other);
    const found = parameter.filter(({ name }) => name === 'difference');
    return found.flatMap((each) => renderDifference(each, first, context));
  });
  if (lines.length === 0) return 'The schedules say the same for this person\n';
  return `Where the schedules differ\n${lines.join('\n')}\n`;
}

function renderDifference(
  difference: ParametersParameter,
  first: RowContext,
  other: RowContext,
): readonly string[] {
  const [group = ''] = texts(difference, 'vaccineGroup');
  const [own, theirs] = [sayOf(group, first), sayOf(group, other)];
  const what =
    own === theirs
      ? [`    both: ${own}; what differs: ${listOf(tellDiffering(difference, first.rendered))}`]
      : [
          `    ${scheduleName(first.rendered.knowledgeBase)}: ${own}`,
          `    ${scheduleName(other.rendered.knowledgeBase)}: ${theirs}`,
        ];
  const sources = texts(difference, 'source');
  const by = sources.length === 0 ? '' : ` (source: ${sources.join('; ')})`;
  const changes = texts(difference, 'change');
  const why = changes.length === 0 ? [] : [`    because: ${changes.join('; ')}${by}`];
  return [`  ${group}`, ...what, ...why];
}

/** All rows of the group in one line. */
function sayOf(group: string, context: RowContext): string {
  const rows = context.rows.filter(({ each }) => each.vaccineGroup === group);
  const said = rows.map((row) => {
    const { namedVaccines, seriesType, isSharedDecision } = row.each;
    const isAsked = row.dates !== undefined;
    const risk = seriesType === 'Risk' ? 'by risk: ' : '';
    const decided = isAsked && isSharedDecision ? ', for patient and clinician to decide' : '';
    const give =
      isAsked && namedVaccines.length > 0 ? `, give ${tellProducts(namedVaccines, context.rendered)}` : '';
    return `${risk}${statementOf(row, context)}${decided}${give}`;
  });
  return said.length === 0 ? 'nothing is said of it' : said.join(' | ');
}

/** FHIR elements in words. */
const elements: Readonly<Record<string, string>> = {
  vaccineCode: 'the vaccines named',
  contraindicatedVaccineCode: 'the vaccines that must not be given',
  dateCriterion: 'the dates',
  forecastStatus: 'the status',
  forecastReason: 'the reason',
  series: 'the series that is followed',
  doseNumberPositiveInt: 'the number of the dose',
  seriesDosesPositiveInt: 'the number of doses',
};

function tellDiffering(difference: ParametersParameter, { record, knowledgeBase }: RenderedForecast) {
  const told = texts(difference, 'differs').map((text) => {
    const element = text.replace(/:.*$/s, '');
    const dose = record.immunizations.find(({ reference }) => text.startsWith(`doseStatus of ${reference} `));
    if (dose) return `how the dose ${doseName(dose, knowledgeBase)} is judged`;
    return elements[element] ?? 'details';
  });
  return distinct(told);
}

function texts({ part = [] }: ParametersParameter, asked: string): readonly string[] {
  return part.flatMap(({ name, valueString }) =>
    name === asked && valueString !== undefined ? [valueString] : [],
  );
}
