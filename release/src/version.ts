import { join } from 'node:path';
import { applyVersion } from './apply-version.js';

// `npm run release:version`: prepares the commit of a release in this working tree.
const version = applyVersion(join(import.meta.dirname, '../..'), new Date().toISOString().slice(0, 10));
console.log(`All packages are at ${version}. Review the changes and commit them.`);
