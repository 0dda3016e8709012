/** What the one who runs the program can mend: the message is a sentence for them, and needs no stack. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}
