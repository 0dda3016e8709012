import { ValueFault } from './parse-value.ts';
import { splitEscaped } from './split-escaped.ts';

/** So many alternatives one parameter may have: more would be a list, not a search. */
const maxValues = 500;

/** The values between the commas; none of them may be empty. */
export function splitValues(text: string): readonly string[] {
  const values = splitEscaped(text, ',');
  if (values.length > maxValues)
    throw new ValueFault(`has ${values.length} values; at most ${maxValues} are taken`);
  if (values.some((value) => value === '')) throw new ValueFault('has an empty value');
  return values;
}
