import { input, type OperationParameter, output } from '../operation-parameter.ts';

/** Parameters that several terminology operations have. */
export const coding = input('coding', 'Coding', 'The code with its system, in place of code and system');
export const codeableConcept = input(
  'codeableConcept',
  'CodeableConcept',
  'Several codings of one thing, in place of code and coding',
);
export const date = input('date', 'dateTime', 'Read, but the answer is always that of today');
export const displayLanguage = input('displayLanguage', 'code', 'The language of displays, such as es');

/** What `$validate-code` answers. */
export const verdict: readonly OperationParameter[] = [
  output('result', 'boolean', 'Whether the code is right', { min: 1 }),
  output('message', 'string', 'Why it is not, or what is to be noted'),
  output('display', 'string', 'The display of the code'),
];
