/** Maximum delay of a Node.js timer in milliseconds; with a longer one it fires immediately. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** A scheduled callback that can be canceled. */
export interface Alarm {
  cancel(): void;
}

/**
 * Schedules a callback.
 *
 * @param moment Time in milliseconds since the epoch; may be infinite.
 * @param keepAlive Keeps the process alive until the callback has run.
 */
export function alarmAt(moment: number, keepAlive: boolean, callback: () => void): Alarm {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const left = moment - Date.now();
    timer = left > MAX_DELAY_MS ? setTimeout(arm, MAX_DELAY_MS) : setTimeout(callback, Math.max(0, left));
    if (!keepAlive) timer.unref();
  };
  arm();
  return { cancel: () => clearTimeout(timer) };
}
