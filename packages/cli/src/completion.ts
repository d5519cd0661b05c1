import type { Command, Option } from 'commander'

/** One word that may come next. */
export interface Candidate {
  readonly word: string
  readonly description: string
}

/**
 * What may stand at the place of the last word.
 *
 * @param program with the group that is called loaded
 * @param words those after `spillway`; the last one is being typed, and may be empty
 */
export function candidatesFor(program: Command, words: readonly string[]): Candidate[] {
  const typed = words.at(-1) ?? ''
  let command = program
  let open: Option | undefined
  for (const word of words.slice(0, -1)) {
    if (open) open = undefined
    else if (word.startsWith('-')) open = takingValue(program, command, word)
    else command = command.commands.find((inner) => inner.name() === word || inner.aliases().includes(word)) ?? command
  }
  const found = open
    ? (open.argChoices ?? []).map((word) => ({ word, description: '' }))
    : typed.startsWith('-')
      ? optionsOf(program, command)
      : command.commands.map((inner) => ({ word: inner.name(), description: inner.description() }))
  return found.filter(({ word }) => word.startsWith(typed))
}

function optionsOf(program: Command, command: Command): Candidate[] {
  const options = command === program ? program.options : [...command.options, ...program.options]
  const shown = options.filter(({ hidden, long }) => !hidden && long !== undefined).map(({ long, description }) => ({ word: long!, description }))
  return [...shown, { word: '--help', description: 'display help for command' }]
}

/** The option that a word is, when the next word is its value. */
function takingValue(program: Command, command: Command, word: string): Option | undefined {
  if (word.includes('=')) return undefined
  return [...command.options, ...program.options].find((option) => (option.long === word || option.short === word) && (option.required || option.optional))
}

/** Scripts for the shells. All of them ask the command itself, so that they need not be made anew with a new version. */
export const scripts: Readonly<Record<string, string>> = {
  bash: `# spillway completion for bash: source <(spillway completion bash)
_spillway() {
  local IFS=$'\\n'
  COMPREPLY=($(spillway completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _spillway spillway
`,
  zsh: `#compdef spillway
# spillway completion for zsh: source <(spillway completion zsh)
_spillway() {
  local -a found
  found=("\${(@f)$(spillway completion words --described -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found//:/\\\\:}")
  found=("\${(@)found/$'\\t'/:}")
  if [[ -n "\${found[1]}" ]]; then _describe 'spillway' found; else _files; fi
}
if [[ "\${funcstack[1]}" == _spillway ]]; then _spillway "$@"; else compdef _spillway spillway; fi
`,
  fish: `# spillway completion for fish: spillway completion fish | source
complete -c spillway -a '(spillway completion words --described -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}
