/** What many answers have in common, made once: nobody may change it for one of them. */
export function shared<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) shared(part);
  return Object.freeze(value);
}
