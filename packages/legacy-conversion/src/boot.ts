import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** What is different after the machine was started anew. */
export function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux. The minute at which it started; a clock that was set meanwhile only costs a fresh start.
    return `started ${Math.round((Date.now() / 1000 - uptime()) / 60)}`;
  }
}
