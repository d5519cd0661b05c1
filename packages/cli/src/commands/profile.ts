import type { Command } from 'commander'
import { notFound, type Cli } from '../cli.ts'
import { confirmable, subcommand, withCli } from '../command.ts'
import { changeProfiles } from '../change-profiles.ts'
import { CommandError } from '../exit-codes.ts'
import { builtInProfiles, readProfiles, type ProfileSettings } from '../profiles-file.ts'
import { findSetting } from '../settings-catalogue.ts'

type AllProfiles = Readonly<Record<string, ProfileSettings>>

/** What `populate-defaults` adds. */
const defaults: AllProfiles = { local: builtInProfiles['local']! }

export function profileCommands(group: Command): void {
  subcommand(group, 'ls', 'List the profiles; * is the active one.', 'spillway profile ls').action(withCli(list))
  subcommand(group, 'create', 'Create a profile.', 'spillway profile create staging --from local')
    .argument('<name>', 'name of the new profile')
    .option('--from <profile>', 'begin with the settings of this one')
    .action(withCli(create))
  subcommand(group, 'use', 'Make a profile the active one.', 'spillway profile use staging').argument('<name>', 'name of the profile').action(withCli(use))
  subcommand(group, 'inspect', 'Show the settings of a profile.', 'spillway profile inspect staging').argument('[name]', 'name of the profile (default: the active one)').action(withCli(inspect))
  subcommand(group, 'rename', 'Rename a profile.', 'spillway profile rename staging production')
    .argument('<name>', 'name of the profile')
    .argument('<new-name>', 'its new name')
    .action(withCli(rename))
  confirmable(subcommand(group, 'delete', 'Delete a profile.', 'spillway profile delete staging --yes')).argument('<name>', 'name of the profile').action(withCli(remove))
  subcommand(group, 'populate-defaults', "Add the profile 'local' for a server on this machine, if it is not there.", 'spillway profile populate-defaults').action(withCli(populateDefaults))
}

async function list(cli: Cli): Promise<void> {
  const { profile } = await cli.settings()
  const names = [...new Set([...Object.keys(readProfiles(cli.env).profiles), profile.name])]
  const profiles = names.map((name) => ({ name, active: name === profile.name }))
  cli.show(profiles, () => {
    for (const { name, active } of profiles) cli.print(active ? cli.paint('green', `* ${name}`) : `  ${name}`)
  })
}

function create(cli: Cli, name: string, { from }: { from?: string }): void {
  const { profiles } = readProfiles(cli.env)
  if (profiles[name]) throw new CommandError(`There is a profile '${name}' already.`, { remedy: `Delete it first (spillway profile delete ${name}), or choose another name.` })
  const settings = from === undefined ? {} : profileOf({ ...builtInProfiles, ...profiles }, from)
  changeProfiles(cli, (all, active) => ({ active, profiles: { ...all, [name]: settings } }))
  cli.show({ name, from: from ?? null }, () => cli.print(`Created the profile '${name}'. Use it: spillway profile use ${name}; or once: spillway --profile ${name} config view`))
}

function use(cli: Cli, name: string): void {
  const settings = profileOf({ ...builtInProfiles, ...readProfiles(cli.env).profiles }, name)
  changeProfiles(cli, (profiles) => ({ active: name, profiles: { ...profiles, [name]: settings } }))
  cli.show({ active: name }, () => cli.print(`The profile '${name}' is active.`))
  const other = cli.env['PREFECT_PROFILE']
  if (other && other !== name) cli.note(`PREFECT_PROFILE=${other} is set in the environment, and that one counts.`)
}

async function inspect(cli: Cli, given: string | undefined): Promise<void> {
  const { profile } = await cli.settings()
  const name = given ?? profile.name
  const { profiles } = readProfiles(cli.env)
  const settings = profileOf({ ...builtInProfiles, ...profiles }, name)
  const shown = Object.fromEntries(Object.entries(settings).map(([variable, value]) => [variable, findSetting(variable)?.isSecret ? '********' : value]))
  cli.show(shown, () => {
    if (Object.keys(shown).length === 0) cli.note(`The profile '${name}' is empty.`)
    for (const [variable, value] of Object.entries(shown)) cli.print(`${variable}='${value}'`)
  })
}

function rename(cli: Cli, name: string, newName: string): void {
  const { profiles } = readProfiles(cli.env)
  const settings = profileOf(profiles, name)
  if (profiles[newName]) throw new CommandError(`There is a profile '${newName}' already.`, { remedy: `Delete it first (spillway profile delete ${newName}), or choose another name.` })
  changeProfiles(cli, (all, active) => ({ active: active === name ? newName : active, profiles: { ...without(all, name), [newName]: settings } }))
  cli.show({ name: newName }, () => cli.print(`Renamed the profile '${name}' to '${newName}'.`))
}

async function remove(cli: Cli, name: string): Promise<void> {
  profileOf(readProfiles(cli.env).profiles, name)
  if ((await cli.settings()).profile.name === name) throw new CommandError(`The profile '${name}' is active.`, { remedy: 'Use another one first: spillway profile use NAME' })
  await cli.confirm(`Delete the profile '${name}' with its settings?`)
  changeProfiles(cli, (profiles, active) => ({ active, profiles: without(profiles, name) }))
  cli.show({ deleted: name }, () => cli.print(`Deleted the profile '${name}'.`))
}

function populateDefaults(cli: Cli): void {
  const { profiles } = readProfiles(cli.env)
  const added = Object.keys(defaults).filter((name) => !profiles[name])
  if (added.length > 0) changeProfiles(cli, (all, active) => ({ active, profiles: { ...defaults, ...all } }))
  cli.show({ added }, () => cli.print(added.length === 0 ? 'They are there already.' : `Added ${added.map((name) => `'${name}'`).join(', ')}. Use it: spillway profile use ${added[0]}`))
}

function profileOf(profiles: AllProfiles, name: string): ProfileSettings {
  const settings = profiles[name]
  if (!settings) throw notFound('profile', name, Object.keys(profiles), "'spillway profile ls' lists the ones there are.")
  return settings
}

function without(profiles: AllProfiles, name: string): AllProfiles {
  return Object.fromEntries(Object.entries(profiles).filter(([one]) => one !== name))
}
