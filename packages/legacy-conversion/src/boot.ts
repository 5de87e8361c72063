import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Returns a value that changes when the machine is restarted. */
export function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux. The minute of the start. Setting the clock changes it, which only makes a conversion start over.
    return `started ${Math.round((Date.now() / 1000 - uptime()) / 60)}`;
  }
}
