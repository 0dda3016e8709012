import type { ScheduleData } from './schedule-data.ts';

/**
 * Where two schedules differ, a line each: the place by the names that it has in them, and what the first and the second
 * have there. Who made them and what was changed is not compared.
 */
export function diffSchedules(a: ScheduleData, b: ScheduleData): readonly string[] {
  return diff(factsOf(a), factsOf(b), '');
}

function factsOf(data: ScheduleData): object {
  const { id: _, version: __, authorities: ___, changes: ____, ...facts } = data;
  return facts;
}

function diff(a: unknown, b: unknown, path: string): readonly string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const [left, right] = [membersOf(a), membersOf(b)];
  if (!left || !right) return [`${path}: ${shown(a)} -> ${shown(b)}`];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const found = names.flatMap((name) => diff(left.get(name), right.get(name), joined(path, name)));
  return found.length > 0 ? found : [`${path}: in another order`];
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path} > ${name}`;
}

/** By name; undefined for what has no members. */
function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const members = new Map<string, unknown>();
  value.forEach((item, i) => {
    const name = nameOf(item);
    members.set(name === undefined || members.has(name) ? String(i + 1) : name, item);
  });
  return members;
}

/** What tells an item of a list from the others, by the members of a schedule. */
const naming = ['antigen', 'seriesName', 'cvx', 'name', 'code', 'observation'] as const;

function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  if ('repeats' in item && 'antigen' in item && 'series' in item) return `${item.antigen} (${item.series})`;
  const found = naming.find((key) => key in item);
  if (found === undefined)
    return 'current' in item && 'previous' in item ? `${item.previous} before ${item.current}` : undefined;
  return String((item as Record<string, unknown>)[found]);
}

const widest = 160;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > widest ? `${text.slice(0, widest)}…` : text;
}
