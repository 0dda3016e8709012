/** What whoever starts the server must know of who may ask it. */
export function accessNotice(auth: 'off' | 'smart'): string {
  return auth === 'off'
    ? 'warning: JENNER_AUTH=off, the API is open to everybody on this machine'
    : 'JENNER_AUTH=smart: who asks needs a token; jenner user add and jenner client add say who gets one';
}
