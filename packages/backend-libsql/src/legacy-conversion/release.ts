import { setTimeout } from 'node:timers/promises';
import { collectGarbage } from '../driver/collect-garbage.js';

export { collectGarbage, collectYoungGarbage, forgetFrames } from '../driver/collect-garbage.js';

/**
 * Makes the binding let go of connections that were closed: it keeps their locks until their statements are collected
 * as garbage, and a file that is about to be replaced must not be held by this very process.
 */
export async function releaseClosedConnections(): Promise<void> {
  collectGarbage();
  await setTimeout(10); // what is collected is released in the next turns of the event loop
}
