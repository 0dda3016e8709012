import type { ScheduleData } from '../../forecast/schedule-data.ts';

const lineWidth = 110;

/** JSON with one fact a line, as far as it fits, so that two versions can be compared line by line. */
export function formatSchedule(data: ScheduleData): string {
  return `${format(data, '')}\n`;
}

function format(value: unknown, indent: string): string {
  const short = JSON.stringify(value);
  if (indent.length + short.length <= lineWidth || typeof value !== 'object' || value === null) return short;
  const inner = `${indent} `;
  if (Array.isArray(value)) {
    return `[\n${value.map((each) => inner + format(each, inner)).join(',\n')}\n${indent}]`;
  }
  const fields = Object.entries(value).map(
    ([key, each]) => `${inner}${JSON.stringify(key)}: ${format(each, inner)}`,
  );
  return `{\n${fields.join(',\n')}\n${indent}}`;
}
