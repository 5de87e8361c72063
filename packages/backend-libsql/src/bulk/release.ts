import { setTimeout } from 'node:timers/promises';
import { collectGarbage } from '../driver/collect-garbage.js';

/**
 * Releases the locks of closed connections of this process. The binding keeps them until the statements of a connection
 * are garbage-collected, and a file that is about to be replaced must not be held by this very process.
 */
export async function releaseClosedConnections(): Promise<void> {
  collectGarbage();
  await setTimeout(10); // collected objects are released in the next turns of the event loop
}
