import type { CommandShape, OptionShape, ProgramShape, ValueKind } from './shape.js';

/** Generates completion for fish. */
export function fishCompletion({ name, options, commands }: ProgramShape): string {
  const isFirst = '__fish_use_subcommand';
  return [
    `# fish completion for ${name}`,
    `complete -c ${name} -f`,
    ...options.map((option) => `complete -c ${name} -n ${isFirst} ${optionFlags(option)}`),
    ...commands.map(
      ({ name: command, summary }) => `complete -c ${name} -n ${isFirst} -a ${command} -d ${quote(summary)}`,
    ),
    ...commands.flatMap((command) => commandLines(name, command)),
  ].join('\n');
}

function commandLines(name: string, { name: command, options, values }: CommandShape): string[] {
  const start = `complete -c ${name} -n '__fish_seen_subcommand_from ${command}'`;
  const words = values.flatMap((value) => (value.type === 'words' ? value.words : []));
  return [
    ...options.map((option) => `${start} ${optionFlags(option)}`),
    ...(values.some(({ type }) => type === 'file') ? [`${start} -F`] : []),
    ...(words.length > 0 ? [`${start} -a ${quote(words.join(' '))}`] : []),
  ];
}

function optionFlags({ long, short, description, value }: OptionShape): string {
  const flags = [
    `-l ${long.replace(/^--/, '')}`,
    ...(short === null ? [] : [`-s ${short.replace(/^-/, '')}`]),
  ];
  return [...flags, ...(value === null ? [] : [valueFlags(value)]), `-d ${quote(description)}`].join(' ');
}

function valueFlags(value: ValueKind): string {
  if (value.type === 'file') return '-r -F';
  return value.type === 'words' ? `-x -a ${quote(value.words.join(' '))}` : '-x';
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
