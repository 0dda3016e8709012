import { readFileSync } from 'node:fs';
import { parseScheduleData } from '../../../src/forecast/read-schedule-data.ts';

/** CDC's release as it ships, without anything that is laid over it. */
export const shippedBase = parseScheduleData(readFileSync('schedules/4.64-508.json', 'utf8'));
