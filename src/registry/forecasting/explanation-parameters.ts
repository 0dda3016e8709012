import { type OperationParameter, output, type ParameterType } from '../../operation/operation-parameter.ts';

type Parts = ParameterType | readonly OperationParameter[];

const needed = { min: 1 } as const;
const many = { max: '*' } as const;

function one(name: string, holds: Parts, documentation: string): OperationParameter {
  return output(name, holds, documentation, needed);
}

function each(name: string, holds: Parts, documentation: string): OperationParameter {
  return output(name, holds, documentation, many);
}

const ruleStep: readonly OperationParameter[] = [
  one('rule', 'string', 'Rule, table or chapter of the CDSi Logic Specification'),
  one('subject', 'string', 'What was asked'),
  output('reference', 'date', 'The day that was judged, or from which the limit was counted'),
  output('limit', 'date', 'The limit'),
  output('offset', 'string', 'What was counted to reach the limit'),
  one('outcome', 'string', 'What the rule said'),
];

const dose: readonly OperationParameter[] = [
  one('doseId', 'string', 'Reference of the Immunization'),
  one('date', 'date', 'When it was given'),
  one('cvx', 'string', 'What was given'),
  output('targetDose', 'integer', 'The target dose that it was judged against'),
  one('status', 'string', 'What became of it'),
  each('reasons', 'string', 'Why'),
  each('steps', ruleStep, 'The rules at work'),
];

const dates: readonly OperationParameter[] = [
  'earliest',
  'recommended',
  'pastDue',
  'latest',
  'unadjustedRecommended',
  'unadjustedPastDue',
].map((name) => output(name, 'date', 'A day of the forecast'));

const series: readonly OperationParameter[] = [
  one('seriesName', 'string', 'Name of the series'),
  one('seriesType', 'string', 'Standard, risk or evaluation only'),
  output('seriesGroup', 'string', 'The group of series that it competes in'),
  each('indications', 'string', 'Codes of the observations that made it relevant'),
  each('doses', dose, 'Every dose in this series'),
  one('status', 'string', 'Status of the series'),
  output('reason', 'string', 'Why nothing is forecast'),
  output('targetDose', 'integer', 'The target dose that is forecast'),
  output('doseNumber', 'integer', 'Its number as a person counts'),
  output('dates', dates, 'The forecast of the series'),
  each('forecastSteps', ruleStep, 'The rules that made the dates'),
  one('prioritized', 'boolean', 'Whether it won in its group'),
  one('best', 'boolean', 'Whether it is shown'),
];

const candidate: readonly OperationParameter[] = [
  one('seriesName', 'string', 'Name of the series'),
  one('candidate', 'boolean', 'Whether it was looked at'),
  one('scorable', 'boolean', 'Whether it could win'),
  one('validDoses', 'integer', 'How many valid doses it has'),
  each(
    'scores',
    [one('condition', 'string', 'For what'), one('points', 'integer', 'How many')],
    'Points of the table that decided',
  ),
];

const selection: readonly OperationParameter[] = [
  output('seriesGroup', 'string', 'The group of series'),
  each('candidates', candidate, 'The series of the group'),
  output('table', 'string', 'The table that decided'),
  one('decision', 'string', 'How it was decided'),
  output('prioritized', 'string', 'The series that won'),
  one('best', 'boolean', 'Whether it is shown'),
  output('bestBecause', 'string', 'Why it is shown'),
];

const antigen: readonly OperationParameter[] = [
  one('antigen', 'string', 'Name of the antigen'),
  one('vaccineGroup', 'string', 'Name of the vaccine group'),
  each(
    'notRelevant',
    [one('seriesName', 'string', 'Name of the series'), one('because', 'string', 'What is missing')],
    'Series that do not apply to this person',
  ),
  each('series', series, 'Series that apply'),
  each('selections', selection, 'How one of each group was chosen'),
];

const vaccineGroup: readonly OperationParameter[] = [
  one('vaccineGroup', 'string', 'Name of the vaccine group'),
  output('seriesGroup', 'string', 'The group of series'),
  one('seriesType', 'string', 'Standard, risk or evaluation only'),
  one('status', 'string', 'Status of the vaccine group'),
  each('steps', ruleStep, 'The rules that made one forecast of several'),
  one('notYetStarted', 'boolean', 'Whether it was put behind the others of its group for the age'),
];

/** The explanation, part by part as docs/forecasting.md tells it. */
export const explanationParts: readonly OperationParameter[] = [
  each('antigens', antigen, 'Antigen by antigen'),
  each('vaccineGroups', vaccineGroup, 'How the forecasts of the antigens became one'),
];
