import type { VectorContender } from '../contenders/vector-contender.js';
import type { Progress } from '../harness/progress.js';

/** The peers that are installed, ready to be built; tells which are not. */
export async function loadPeers(progress: Progress): Promise<VectorContender[]> {
  progress.say('');
  return [];
}
