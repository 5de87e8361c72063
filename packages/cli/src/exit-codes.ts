/** What the command ends with. Documented in the help and in docs/reference/cli.md. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  interrupted: 130,
  terminated: 143,
} as const;

/** The same for people. */
export const exitCodeMeanings: readonly (readonly [number, string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.failure, 'it failed; the error stands on stderr'],
  [exitCodes.usage, 'the command line or the connection string is not understood'],
  [exitCodes.interrupted, 'interrupted by Ctrl-C (SIGINT)'],
  [exitCodes.terminated, 'ended by SIGTERM'],
];
