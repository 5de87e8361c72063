import { shorten, widthOf } from './width.js';

/** Maximum width of the bar itself. */
const BAR_MAX = 40;
const BAR_MIN = 8;

/** Content of one line of progress. */
export interface ProgressState {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** Null if unknown. */
  readonly secondsLeft: number | null;
  /** Width of the terminal. */
  readonly columns: number;
}

/**
 * Formats one line that fits the terminal: shortens the bar first, then the remaining time, then the middle of the
 * label.
 */
export function progressLine({ label, done, total, unit, secondsLeft, columns }: ProgressState): string {
  const room = columns - 1; // a full line would wrap
  const counts = `${done}/${total} ${unit}`;
  const left = secondsLeft === null ? '' : `, ${formatSeconds(secondsLeft)} left`;
  const free = room - widthOf(label) - counts.length - left.length - '  []'.length;
  if (free >= BAR_MIN) {
    const size = Math.min(BAR_MAX, free);
    const filled = total > 0 ? Math.min(size, Math.floor((done / total) * size)) : 0;
    return `${label} [${'='.repeat(filled)}${'-'.repeat(size - filled)}] ${counts}${left}`;
  }
  const tail = widthOf(label) + 1 + counts.length + left.length <= room ? `${counts}${left}` : counts;
  return shorten(`${shorten(label, Math.max(1, room - 1 - tail.length))} ${tail}`, room);
}

/** Formats `45s`, `3m 20s`, `2h 5m`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}m ${whole % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
