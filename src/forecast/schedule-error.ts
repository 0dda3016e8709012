import { OperatorError } from '../values/operator-error.ts';

/** A schedule that cannot be used: where in it, and why. */
export class ScheduleError extends OperatorError {
  override readonly name = 'ScheduleError';
  /** The place in the JSON form: "antigens[3].series[0].doses[1].ages[0].minAge". */
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`${path === '' ? 'schedule' : path}: ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}
