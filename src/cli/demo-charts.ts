import type { Patient } from 'fhir/r4.js';
import { listNotablePeople } from '../demo/generate-registry.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseResourceId } from '../values/resource-id.ts';
import { demoClinic } from './demo-accounts.ts';

export type Chart = { readonly id: string; readonly name: string; readonly birthDate?: string };

const mostCharts = 5;

/** The first of the notable people who are patients of the demo's clinic. */
export async function chartsOf(ctx: InteractionContext): Promise<readonly Chart[]> {
  const charts: Chart[] = [];
  for (const { id: text } of listNotablePeople()) {
    const id = parseResourceId(text);
    const found = id === undefined ? undefined : await ctx.view.read({ type: 'Patient', id });
    if (found?.text === undefined) continue;
    const patient = JSON.parse(found.text) as Patient;
    if (patient.managingOrganization?.reference === `Organization/${demoClinic}`)
      charts.push(toChart(patient));
    if (charts.length === mostCharts) break;
  }
  return charts;
}

function toChart({ id = '', name: [name] = [], birthDate }: Patient): Chart {
  const shown = [...(name?.given ?? []), name?.family ?? ''].join(' ');
  return { id, name: shown, ...(birthDate !== undefined && { birthDate }) };
}
