import { errorCodes, type StorageErrorCode } from '@switchyard/storage-core';
import type { Provoked } from './provocation.js';

/** Formats the errors as a page of Markdown. */
export function formatPage(
  met: ReadonlyMap<string, Provoked>,
  elsewhere: Partial<Record<StorageErrorCode, string>>,
): string {
  const sections = [...met].map(([title, error]) => {
    const facts = [
      `code ${error.code}`,
      error.exitCode === undefined ? null : `exit code ${error.exitCode}`,
      error.retryable === undefined ? null : `retryable ${error.retryable}`,
      error.outcome === undefined ? null : `outcome ${error.outcome}`,
    ].filter((fact) => fact !== null);
    const text =
      error.printed ?? `${error.message}\n  ${errorCodes[error.code as StorageErrorCode].action}\n`;
    return `## ${title}\n\n${facts.join(', ')}\n\n\`\`\`text\n${text}\`\`\`\n`;
  });
  const others = Object.entries(elsewhere).map(
    ([code, where]) =>
      `## ${code}\n\n${errorCodes[code as StorageErrorCode].meaning} ${errorCodes[code as StorageErrorCode].action}\n\nProvoked by ${where}.\n`,
  );
  return `# Errors, each really provoked\n\n${[...sections, ...others].join('\n')}`;
}
