/** What whoever starts the server must know of who may ask it. */
export function accessNotice(auth: 'off' | 'smart'): string {
  if (auth === 'off') return 'warning: JENNER_AUTH=off, the API is open to everybody on this machine';
  const why = 'this version has no authorization server, so all but /fhir/metadata and /health answers 401';
  return `JENNER_AUTH=smart: ${why}; JENNER_AUTH=off opens the API to this machine alone`;
}
