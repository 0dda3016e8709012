import { readFile } from 'node:fs/promises';
import type { JsonObject } from '../fhir/fhir-json.ts';
import { parseFhirJson } from '../fhir/fhir-json.ts';
import { OperatorError } from '../values/operator-error.ts';
import { shareableNotes, tabularNotes } from '../views/check-profile.ts';
import { compileView } from '../views/compile-view.ts';
import type { NamedView, Views } from '../views/kept-views.ts';
import { columnsOf, isObject, ViewError } from '../views/view-definition.ts';

export type ViewCommand = {
  readonly views: Views;
  readonly output: { readonly write: (text: string) => unknown };
};

export async function listViews({ views, output }: ViewCommand, json: boolean): Promise<number> {
  const found = await views.list();
  if (json) output.write(`${JSON.stringify(found.map(({ definition }) => definition))}\n`);
  else for (const one of found) output.write(`${lineOf(one)}\n`);
  return 0;
}

function lineOf({ name, definition, view, ships }: NamedView): string {
  const columns = columnsOf(view.select).length;
  const { title } = definition;
  const of = view.isForecast ? `${view.resource}, forecast` : view.resource;
  const shown = typeof title === 'string' ? `  ${title}` : '';
  return `${name}  ${of}  ${columns} columns  ${ships ? 'ships' : 'added'}${shown}`;
}

export async function showView({ views, output }: ViewCommand, name: string): Promise<number> {
  const found = await views.find(name);
  if (!found) throw new OperatorError(`there is no view ${name}: jenner view list has them`);
  output.write(`${JSON.stringify(found.definition, undefined, 2)}\n`);
  return 0;
}

/** Keeps none that cannot be run. */
export async function addView({ views, output }: ViewCommand, file: string): Promise<number> {
  const definition = await readDefinition(file);
  try {
    const { name, view } = views.check(definition);
    await compileView(view, 'http://localhost/fhir');
    await views.keep(definition);
    output.write(`added ${name}\n`);
    const notes = [
      ...shareableNotes(definition, view).map((note) => `other runners may not run it: ${note}`),
      ...tabularNotes(view).map((note) => `it is not flat: ${note}`),
    ];
    for (const note of notes) output.write(`note: ${note}\n`);
    return 0;
  } catch (thrown) {
    if (thrown instanceof ViewError) throw new OperatorError(`${file}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

async function readDefinition(file: string): Promise<JsonObject> {
  const parsed = parseFhirJson(await readFile(file, 'utf8'));
  if (!parsed.ok) throw new OperatorError(`${file}: ${parsed.message}`);
  if (isObject(parsed.value) && parsed.value['resourceType'] === 'ViewDefinition') return parsed.value;
  throw new OperatorError(`${file}: expected a ViewDefinition`);
}

export async function removeView({ views, output }: ViewCommand, name: string): Promise<number> {
  const isRemoved = await views.remove(name);
  if (!isRemoved) throw new OperatorError(`no view ${name} was added: jenner view list has them`);
  output.write(`removed ${name}\n`);
  return 0;
}
