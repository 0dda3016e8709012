import { isIntegerText } from './validation/primitive-rules.ts';
import type { XmlValue } from './xml-frame.ts';

const integerTypes: ReadonlySet<string> = new Set(['integer', 'unsignedInt', 'positiveInt']);
const numberShape = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** What the value attribute of a primitive is in JSON; undefined where it is no value of the type. */
export function parseXmlValue(type: string, text: string): XmlValue | undefined {
  if (type === 'boolean') {
    return text === 'true' || text === 'false' ? { value: text === 'true' } : undefined;
  }
  if (type !== 'decimal' && !integerTypes.has(type)) return { value: text };
  // R4 datatypes.html#integer: a plus is allowed, which JSON does not have.
  const written = type === 'decimal' ? text : text.replace(/^\+(?=[1-9])/, '');
  const value = Number(written);
  const isShaped = type === 'decimal' ? numberShape.test(written) : isIntegerText(written);
  return isShaped && Number.isFinite(value) ? { value, written } : undefined;
}
