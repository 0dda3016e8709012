import type { JsonObject, JsonValue } from '../fhir-json.ts';
import type { Issue, IssueSeverity } from '../problem.ts';

/** Nobody reads more, and hostile input must not grow the answer. */
export const mostIssues = 100;

/** What an element can know of the resource around it. */
export type Scope = {
  /** The innermost resource: %resource. */
  readonly resource: JsonObject;
  /** The resource that holds the contained ones: %rootResource. */
  readonly root: JsonObject;
  /** Resource type by id of what `root` contains. */
  readonly contained: ReadonlyMap<string, JsonObject>;
  /** Element ids met so far: each may stand once in a resource. */
  readonly elementIds: Set<string>;
  /** Every `#id` that is referred to from anywhere in `root`. */
  readonly localReferences: Set<string>;
  /** The entries of the Bundle around, by fullUrl; undefined outside of a Bundle. */
  readonly entries: ReadonlyMap<string, JsonObject> | undefined;
};

/** One validation: where it stands, and what it has found. */
export type Run = {
  readonly path: (string | number)[];
  readonly issues: Issue[];
};

export function openRun(start: readonly (string | number)[] = []): Run {
  return { path: [...start], issues: [] };
}

type Found = { readonly severity: IssueSeverity; readonly code: string; readonly text: string };

/** Reports at the element where the walk stands. */
export function report(run: Run, { severity, code, text }: Found): void {
  if (!isFull(run)) run.issues.push({ severity, code, text, expression: formatPath(run.path) });
}

/** Reports at an element below that. */
export function reportAt(run: Run, below: readonly (string | number)[], found: Found): void {
  run.path.push(...below);
  report(run, found);
  run.path.length -= below.length;
}

export function isFull(run: Run): boolean {
  return run.issues.length >= mostIssues;
}

/** `['Patient', 'name', 0, 'use']` is `Patient.name[0].use`. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** A value as a message may quote it: the value itself, cut. */
export function quote(value: JsonValue | undefined): string {
  const text = typeof value === 'object' ? 'an object' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
