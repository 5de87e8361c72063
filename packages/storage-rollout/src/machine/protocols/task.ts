import type { Call } from '../calls.js';
import type { Side } from '../sides.js';

/** Next call of a task, and the store to send it to. */
export interface Step {
  readonly side: Side;
  readonly call: Call;
}
