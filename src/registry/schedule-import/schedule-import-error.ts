import { OperatorError } from '../../values/operator-error.ts';

/** A release of supporting data that cannot be imported: which file, where in it, and why. */
export class ScheduleImportError extends OperatorError {
  override readonly name = 'ScheduleImportError';
  readonly file: string;
  /** Element path and line, as far as they are known: "antigenSupportingData/series[2]/seriesDose[1]/age, line 88". */
  readonly element: string | undefined;
  readonly reason: string;

  constructor(file: string, element: string | undefined, reason: string) {
    super(element === undefined ? `${file}: ${reason}` : `${file}: ${element}: ${reason}`);
    this.file = file;
    this.element = element;
    this.reason = reason;
  }
}
