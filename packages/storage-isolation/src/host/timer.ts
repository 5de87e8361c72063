/** The longest time a timer of node can wait; it fires at once for a longer one. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Something that happens at a moment unless it is cancelled. */
export interface Alarm {
  cancel(): void;
}

/**
 * Calls back at a moment, in milliseconds since the epoch, which may be infinitely far.
 *
 * @param keepAlive Whether the process stays alive for it.
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
