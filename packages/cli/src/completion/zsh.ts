import type { CommandShape, OptionShape, ProgramShape, ValueKind } from './shape.js';

/** Generates completion for zsh, to be sourced or put into a folder of `fpath` as `_switchyard`. */
export function zshCompletion({ name, options, commands }: ProgramShape): string {
  return `#compdef ${name}

_${name}() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map((command) => `    ${quote(`${escapeColon(command.name)}:${command.summary}`)}`).join('\n')}
  )
  _arguments -C \\
${options.map((option) => `    ${optionSpec(option)} \\`).join('\n')}
    '1: :->command' \\
    '*:: :->arguments'
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      case $line[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

if [ "$funcstack[1]" = "_${name}" ]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi`;
}

function commandCase({ name, options, values, isVariadic }: CommandShape): string {
  const specs = [
    ...options.map(optionSpec),
    ...values.map((value, index) => {
      const isRest = isVariadic && index === values.length - 1;
      return quote(`${isRest ? '*' : `${index + 1}:`}:argument:${actionOf(value)}`);
    }),
  ];
  return `        ${name})
          _arguments \\
${specs.map((spec) => `            ${spec}`).join(' \\\n')}
          ;;`;
}

/** Such as `'(-n --limit)'{-n+,--limit=}'[maximum number of hits]:value:'`. */
function optionSpec({ long, short, description, value, repeatable }: OptionShape): string {
  const tail = `[${escapeText(description)}]${value === null ? '' : `:value:${actionOf(value)}`}`;
  const mark = value === null ? '' : '=';
  if (short === null) return quote(`${repeatable ? '*' : ''}${long}${mark}${tail}`);
  const forms = `{${short}${value === null ? '' : '+'},${long}${mark}}`;
  return `'(${short} ${long})'${forms}${quote(tail)}`;
}

function actionOf(value: ValueKind): string {
  if (value.type === 'file') return '_files';
  return value.type === 'words' ? `(${value.words.map(escapeColon).join(' ')})` : ' ';
}

function escapeText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function escapeColon(text: string): string {
  return text.replaceAll(':', '\\:');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
