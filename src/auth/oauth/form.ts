import { OAuthError } from './oauth-error.ts';

/** The parameters of a request, each once (RFC 6749, 3.1); one that is empty is absent. */
export type Form = ReadonlyMap<string, string>;

const mostParameters = 50;

/** Throws `invalid_request` for a parameter that stands twice. */
export function parseForm(text: string): Form {
  const { form, fault } = readForm(text);
  if (fault !== undefined) throw new OAuthError('invalid_request', fault);
  return form;
}

/** What can be read, and what is wrong; of a parameter that stands twice nothing is. */
export function readForm(text: string): { readonly form: Form; readonly fault?: string } {
  const form = new Map<string, string>();
  const twice = new Set<string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.size >= mostParameters) return { form, fault: 'There are too many parameters' };
    if (form.has(name)) twice.add(name);
    form.set(name, value);
  }
  for (const [name, value] of form) if (value === '' || twice.has(name)) form.delete(name);
  const [first] = twice;
  return first === undefined ? { form } : { form, fault: `${shown(first)} stands there twice` };
}

/** RFC 6749, 5.2: which characters a description may have. */
function shown(name: string): string {
  return /^[\w-]{1,40}$/.test(name) ? name : 'A parameter';
}

export function required(form: Form, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`);
  return value;
}
