import type { Command } from 'commander'
import { describe, withCli } from '../command.ts'
import { candidatesFor, scripts } from '../completion.ts'
import type { ProgramFor } from '../groups.ts'

const howTo: Readonly<Record<string, string>> = {
  bash: "echo 'source <(spillway completion bash)' >> ~/.bashrc",
  zsh: "echo 'source <(spillway completion zsh)' >> ~/.zshrc",
  fish: 'spillway completion fish > ~/.config/fish/completions/spillway.fish',
}

export function completionCommands(group: Command, programFor: ProgramFor): void {
  for (const [shell, script] of Object.entries(scripts)) {
    describe(group.command(shell), `Print the script that completes words in ${shell}.`, howTo[shell]!).action(
      withCli((cli) => cli.show({ shell, script }, () => cli.print(script.trimEnd()))),
    )
  }
  describe(group.command('words', { hidden: true }), 'Print what may come next; the scripts call it.', 'spillway completion words -- flow-run l')
    .argument('[words...]', 'the words so far, without the command; the last one is being typed')
    .option('--described', 'with what each word means, behind a tab')
    .action(withCli(async (cli, words: string[], { described }: { described?: boolean }) => {
      for (const { word, description } of candidatesFor(await programFor(words), words)) cli.print(described ? `${word}\t${description}` : word)
    }))
}
