import { OAuthError } from './oauth-error.ts';

/** The parameters of a request, each once (RFC 6749, 3.1); one that is empty is absent. */
export type Form = ReadonlyMap<string, string>;

const mostParameters = 50;

/** Throws `invalid_request` for a parameter that stands twice. */
export function parseForm(text: string): Form {
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name)) throw new OAuthError('invalid_request', `${shown(name)} stands there twice`);
    if (form.size >= mostParameters) throw new OAuthError('invalid_request', 'There are too many parameters');
    form.set(name, value);
  }
  for (const [name, value] of form) if (value === '') form.delete(name);
  return form;
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
