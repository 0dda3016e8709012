import { input, type OperationParameter, output } from '../../operation/operation-parameter.ts';
import { explanationParts } from './explanation-parameters.ts';

/** How the caller asks for another schedule, or for the reasons. */
const choice: readonly OperationParameter[] = [
  input('knowledgeBase', 'CodeableConcept', 'Whose schedule is followed; the newest installed when absent', {
    accepts: ['Coding', 'string'],
  }),
  input('knowledgeBaseVersion', 'string', 'The version of the schedule, whole or by its leading numbers'),
  input('explain', 'boolean', 'Whether the rules that decided are answered'),
  input('includeDistant', 'boolean', 'Whether what is due in twenty years or more is answered too'),
];

const answered: readonly OperationParameter[] = [
  output('evaluation', 'ImmunizationEvaluation', 'One dose against one disease', { max: '*' }),
  output('recommendation', 'ImmunizationRecommendation', 'Every vaccine group, due or not', { min: 1 }),
  output('knowledgeBaseUsed', 'CodeableConcept', 'Whose schedule was followed', { min: 1 }),
  output('knowledgeBaseVersionUsed', 'string', 'The version of the schedule', { min: 1 }),
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
