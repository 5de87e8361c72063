// Opens a legacy store without the package that can: the error must say what to install, as its advice.
import { isStorageError, openStore } from '@switchyard/switchyard';

const error = await openStore('sqlite-vec:legacy.db').catch((reason) => reason);
if (!isStorageError(error, 'STORAGE_NOT_SUPPORTED')) throw new Error(`Not refused: ${error}`);
if (!error.advice.includes('npm install @switchyard/backend-sqlite-vec')) throw new Error(error.advice);
console.log('refused with advice');
