import { input, type OperationParameter, output } from '../../operation/operation-parameter.ts';
import { storedForecastParameters } from './forecast-parameters.ts';

const nextVisit: readonly OperationParameter[] = [
  output(
    'earliest',
    'date',
    'The first day after the assessment date from which a further dose may be given, `recommended` at the latest',
    {
      min: 1,
    },
  ),
  output('mayBeGiven', 'string', 'A vaccine group of which a dose may be given from that day on', {
    max: '*',
  }),
  output('recommended', 'date', 'The first day after the assessment date on which a dose is recommended', {
    min: 1,
  }),
  output(
    'dose',
    [
      output('vaccineGroup', 'string', 'Name of the vaccine group', { min: 1 }),
      output('doseNumber', 'positiveInt', 'Which dose of the group it is'),
    ],
    'A dose that is recommended on that day',
    { max: '*' },
  ),
];

const due: readonly OperationParameter[] = [
  output('vaccineGroup', 'string', 'Name of the vaccine group', { min: 1 }),
  output('doseNumber', 'positiveInt', 'Which dose of the group it is'),
  output('overdueSince', 'date', 'Since when it is overdue; absent where it is due and not late'),
];

const injection: readonly OperationParameter[] = [
  output('vaccineCode', 'CodeableConcept', 'The vaccine', { min: 1 }),
  output('vaccineGroup', 'string', 'A vaccine group that it covers', { min: 1, max: '*' }),
];

const visit: readonly OperationParameter[] = [
  output('due', due, 'What is due on the assessment date, with the doses that are supposed', { max: '*' }),
  output('injection', injection, 'One of the fewest injections that cover it', { max: '*' }),
  output('notCovered', 'string', 'A vaccine group that is due and that none of the vaccines covers', {
    max: '*',
  }),
  output('nextVisit', nextVisit, 'What comes after these injections'),
];

/** By one schedule alone, and without what a caller of `$immds-forecast` reads of the rules. */
const left: ReadonlySet<string> = new Set(['schedule', 'difference', 'explain', 'explanation']);
const common = storedForecastParameters
  .filter(({ name }) => !left.has(name))
  .map((each) => {
    if (each.name === 'knowledgeBase') return { ...each, max: 1 as const };
    return each.name === 'recommendation' ? { ...each, min: 0 as const } : each;
  });

export const whatIfParameters: readonly OperationParameter[] = [
  input(
    'dose',
    [
      input('vaccineCode', 'CodeableConcept', 'The vaccine: CVX, or a product by its NDC', {
        min: 1,
        accepts: ['Coding', 'code'],
      }),
      input('date', 'date', 'When it is given; on the assessment date when absent'),
    ],
    'A dose that is supposed to have been given',
    { max: '*' },
  ),
  input('immunization', 'Immunization', 'The same as a resource', { max: '*' }),
  input('condition', 'Condition', 'What else is known that may indicate or contraindicate a vaccine', {
    max: '*',
  }),
  input('observation', 'Observation', 'What else is known: indications, contraindications, serology', {
    max: '*',
  }),
  input('allergyIntolerance', 'AllergyIntolerance', 'What else may contraindicate a vaccine', { max: '*' }),
  input('procedure', 'Procedure', 'What else may indicate a vaccine', { max: '*' }),
  input('available', 'code', 'A vaccine that is at hand, by its CVX code; any when absent', { max: '*' }),
  input(
    'withheld',
    'string',
    'A vaccine group, by its name, of which nothing is to be given: declined, say. Neither the injections nor the next visit are for it',
    { max: '*' },
  ),
  input(
    'onlyVisit',
    'boolean',
    'Answers the fewest injections and the next visit alone, without evaluations and recommendation',
  ),
  ...common,
  output(
    'nextVisit',
    nextVisit,
    'What comes after the doses that are supposed; absent while something is due on the assessment date',
  ),
  output('fewestInjections', visit, 'What could be given on the assessment date'),
];
