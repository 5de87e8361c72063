import type { CommandShape, OptionShape, ProgramShape, ValueKind } from './shape.js';

/**
 * Generates completion for bash. It works with the bash 3.2 of macOS: where files are completed it leaves that to
 * readline, which quotes their names.
 */
export function bashCompletion({ name, options, commands }: ProgramShape): string {
  const names = commands.map((command) => command.name).join(' ');
  return `# bash completion for ${name}
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="" option="" glued="" word position=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # Readline splits words at colons, as in file:docs.db.
    if [[ $word == : ]]; then
      glued=1
    elif [[ -n $glued ]]; then
      glued=""
    elif [[ -z $command ]]; then
      [[ $word == -* ]] || command="$word"
    elif [[ -n $option ]]; then
      [[ $word == = ]] || option=""
    elif [[ $word == -* ]]; then
      _${name}_takes_value "$command" "$word" && option="$word"
    else
      ((position++))
    fi
  done
  [[ $current == [:=] ]] && current=""
  if [[ -n $glued ]]; then
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  if [[ -z $command ]]; then
    _${name}_words "${names} ${optionNames(options)}"
  elif [[ -n $option ]]; then
    _${name}_value "$command" "$option"
  elif [[ $current == -* ]]; then
    _${name}_options "$command"
  else
    _${name}_argument "$command" "$position"
  fi
}

_${name}_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
  _${name}_no_files
}

# Without a word to offer, readline would offer files.
_${name}_no_files() {
  type compopt > /dev/null 2>&1 && compopt +o default +o bashdefault 2> /dev/null
  return 0
}

_${name}_options() {
  case "$1" in
${commands.map((command) => `    ${command.name}) _${name}_words "${optionNames(command.options)}" ;;`).join('\n')}
  esac
}

_${name}_takes_value() {
  case "$1 $2" in
${commands.flatMap(valuePatterns).join('\n')}
    *) return 1 ;;
  esac
}

_${name}_value() {
  case "$1 $2" in
${commands.flatMap((command) => command.options.flatMap((option) => valueCase(name, command, option))).join('\n')}
    *) _${name}_no_files ;;
  esac
}

_${name}_argument() {
  case "$1 $2" in
${commands.flatMap((command) => argumentCases(name, command)).join('\n')}
    *) _${name}_no_files ;;
  esac
}

complete -o bashdefault -o default -F _${name} ${name}`;
}

function optionNames(options: readonly OptionShape[]): string {
  return options.flatMap(({ long, short }) => (short === null ? [long] : [long, short])).join(' ');
}

function patterns(command: CommandShape, { long, short }: OptionShape): string {
  return [long, ...(short === null ? [] : [short])].map((form) => `"${command.name} ${form}"`).join(' | ');
}

function valuePatterns(command: CommandShape): string[] {
  const valued = command.options.filter(({ value }) => value !== null);
  return valued.map((option) => `    ${patterns(command, option)}) return 0 ;;`);
}

function valueCase(name: string, command: CommandShape, option: OptionShape): string[] {
  const action = option.value === null ? null : actionOf(name, option.value);
  return action === null ? [] : [`    ${patterns(command, option)}) ${action} ;;`];
}

function argumentCases(name: string, { name: command, values, isVariadic }: CommandShape): string[] {
  return values.flatMap((value, index) => {
    const action = actionOf(name, value);
    const isRest = isVariadic && index === values.length - 1;
    const pattern = isRest ? `"${command} "*` : `"${command} ${index}"`;
    return action === null ? [] : [`    ${pattern}) ${action} ;;`];
  });
}

/** Command that completes a value; null where nothing is known. An empty reply makes readline complete files. */
function actionOf(name: string, value: ValueKind): string | null {
  if (value.type === 'file') return ':';
  return value.type === 'words' ? `_${name}_words "${value.words.join(' ')}"` : null;
}
