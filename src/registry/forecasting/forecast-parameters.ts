import { input, type OperationParameter, output } from '../../operation/operation-parameter.ts';
import { explanationParts } from './explanation-parameters.ts';

/** How the caller asks for another schedule, or for the reasons. */
const choice: readonly OperationParameter[] = [
  input(
    'knowledgeBase',
    'CodeableConcept',
    'Whose schedule is followed, as ID or ID|VERSION; of several the answers are compared. When absent that of the ' +
      "patient's organization, else of the state that the patient lives in, else that of the server",
    { accepts: ['Coding', 'string'], max: '*' },
  ),
  input(
    'knowledgeBaseVersion',
    'string',
    'The version of the schedule, whole or by its leading numbers; only with one knowledgeBase',
  ),
  input('explain', 'boolean', 'Whether the rules that decided are answered'),
  input('includeDistant', 'boolean', 'Whether what is due in twenty years or more is answered too'),
];

const schedule: readonly OperationParameter[] = [
  output('knowledgeBase', 'CodeableConcept', 'Whose schedule it is', { min: 1 }),
  output('version', 'string', 'The version of the schedule', { min: 1 }),
  output('evaluation', 'ImmunizationEvaluation', 'One dose against one disease', { max: '*' }),
  output('recommendation', 'ImmunizationRecommendation', 'Every vaccine group, due or not', { min: 1 }),
];

const difference: readonly OperationParameter[] = [
  output('vaccineGroup', 'string', 'Name of the vaccine group', { min: 1 }),
  output('knowledgeBase', 'CodeableConcept', 'The schedule that says something else than the first', {
    min: 1,
  }),
  output('differs', 'string', 'An element, and what the first and the other schedule have in it', {
    min: 1,
    max: '*',
  }),
  output('change', 'string', 'A change to the schedule of the vaccine group, by which they differ', {
    max: '*',
  }),
  output('source', 'string', 'Where that change stands written', { max: '*' }),
];

const answered: readonly OperationParameter[] = [
  output('evaluation', 'ImmunizationEvaluation', 'One dose against one disease', { max: '*' }),
  output('recommendation', 'ImmunizationRecommendation', 'Every vaccine group, due or not', { min: 1 }),
  output('knowledgeBaseUsed', 'CodeableConcept', 'Whose schedule was followed', { min: 1 }),
  output('knowledgeBaseVersionUsed', 'string', 'The version of the schedule', { min: 1 }),
  output(
    'schedule',
    schedule,
    'What one of several schedules says, in the order in which they were asked for',
    {
      max: '*',
    },
  ),
  output(
    'difference',
    difference,
    'A vaccine group of which another schedule says something else than the first',
    {
      max: '*',
    },
  ),
  output('explanation', explanationParts, 'The rules that decided'),
  output('operationOutcome', 'OperationOutcome', 'What was left out or passed over, and why'),
];

/** ImmDS ImmDSForecastOperation, and what its clients send beside it. */
export const sentForecastParameters: readonly OperationParameter[] = [
  // StepIntoCDSI and older clients send dateTime; its day is what counts.
  input('assessmentDate', 'date', 'The day for which it is judged', { min: 1 }),
  input('patient', 'Patient', 'The person; the birth date is needed', { min: 1 }),
  input('immunization', 'Immunization', 'A dose of the history', { max: '*' }),
  input('condition', 'Condition', 'What may indicate or contraindicate a vaccine', { max: '*' }),
  input('observation', 'Observation', 'What may indicate, contraindicate or show immunity', { max: '*' }),
  input('allergyIntolerance', 'AllergyIntolerance', 'What may contraindicate a vaccine', { max: '*' }),
  input('procedure', 'Procedure', 'What may indicate a vaccine', { max: '*' }),
  ...choice,
  ...answered,
];

export const storedForecastParameters: readonly OperationParameter[] = [
  input('assessmentDate', 'date', 'The day for which it is judged; today when absent'),
  ...choice,
  ...answered,
];
