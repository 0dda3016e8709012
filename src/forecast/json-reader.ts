import { ScheduleError } from './schedule-error.ts';

/** Takes a JSON value of unknown shape and gives it a type, or throws a ScheduleError that names the place. */
export type Reader<T> = (value: unknown, path: string) => T;

type FieldReaders<T> = { readonly [K in keyof T]-?: Reader<Exclude<T[K], undefined>> };

export const text: Reader<string> = (value, path) => {
  if (typeof value !== 'string' || value === '') throw wrong(value, path, 'a text');
  return value;
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw wrong(value, path, 'true or false');
  return value;
};

export const yes: Reader<true> = (value, path) => {
  if (value !== true) throw wrong(value, path, 'true, or no such property');
  return value;
};

export function number(expected: string, holds: (value: number) => boolean): Reader<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !holds(value)) throw wrong(value, path, expected);
    return value;
  };
}

/** A text that `holds`. */
export function textThat(expected: string, holds: (value: string) => boolean): Reader<string> {
  return (value, path) => {
    if (typeof value !== 'string' || !holds(value)) throw wrong(value, path, expected);
    return value;
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = values.find((each) => each === value);
    if (found === undefined) throw wrong(value, path, `one of ${values.join(', ')}`);
    return found;
  };
}

export function list<T>(item: Reader<T>, atLeast = 0): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrong(value, path, 'a list');
    if (value.length < atLeast) throw new ScheduleError(path, `expected at least ${atLeast} entries`);
    for (let i = 0; i < value.length; i++) item(value[i], `${path}[${i}]`);
    return value;
  };
}

/** An object with just these properties; `optional` names those that may be absent. */
export function object<T extends object>(
  fields: FieldReaders<T>,
  optional: readonly (keyof T & string)[] = [],
): Reader<T> {
  const readers = new Map<string, Reader<unknown>>(Object.entries(fields));
  const required = [...readers.keys()].filter((key) => !optional.some((each) => each === key));
  return (value, path) => {
    if (!isRecord(value)) throw wrong(value, path, 'an object');
    const missing = required.find((key) => !Object.hasOwn(value, key));
    if (missing !== undefined) throw new ScheduleError(path, `"${missing}" is missing`);
    for (const key of Object.keys(value)) {
      const read = readers.get(key);
      if (!read) throw new ScheduleError(path, `unknown property "${key}"`);
      read(value[key], path === '' ? key : `${path}.${key}`);
    }
    return value as T;
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(value: unknown, path: string, expected: string): ScheduleError {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
  return new ScheduleError(path, `expected ${expected}, found ${shown}`);
}
