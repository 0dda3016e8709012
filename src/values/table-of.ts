/** A table that is asked by what others send: it has what it says, and nothing that every object has ("constructor"). */
export function tableOf<Value>(rows: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.assign(Object.create(null), rows);
}
