/** Versions of what a new project depends on. */
export interface ProjectVersions {
  readonly spillway: string
  readonly zod: string
  readonly typescript: string
  readonly nodeTypes: string
}

/** The files of a new project, by their paths in its folder. */
export function projectFiles(name: string, versions: ProjectVersions): Readonly<Record<string, string>> {
  return {
    'package.json': `${JSON.stringify(manifest(name, versions), null, 2)}\n`,
    'tsconfig.json': tsconfig,
    '.gitignore': 'node_modules/\n.env\n*.log\n',
    '.env': '# Read by the scripts of package.json and by the command `spillway`.\nPREFECT_API_URL=http://127.0.0.1:4200/api\n',
    'flows/hello.ts': hello,
    'serve.ts': serve,
  }
}

function manifest(name: string, { spillway, zod, typescript, nodeTypes }: ProjectVersions): object {
  return {
    name: packageName(name),
    private: true,
    type: 'module',
    engines: { node: '>=24.2' },
    scripts: {
      server: 'spillway server start',
      hello: 'node --env-file-if-exists=.env flows/hello.ts',
      serve: 'node --env-file-if-exists=.env serve.ts',
      check: 'tsc --noEmit',
    },
    dependencies: { spillway, zod },
    devDependencies: { '@types/node': nodeTypes, typescript },
  }
}

/** npm takes small letters, digits and a few signs, and no sign at the beginning. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  return name === '' ? 'flows' : name.slice(0, 200)
}

const tsconfig = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "types": ["node"]
  },
  "include": ["**/*.ts"]
}
`

const hello = `import { flow, getRunLogger, task } from 'spillway'
import { z } from 'zod'

const greet = task({ name: 'greet', retries: 2, retryDelay: '1s' }, (name: string) => \`Hello, \${name}!\`)

export const hello = flow({ name: 'hello', params: z.object({ names: z.array(z.string()).default(['dam', 'river']) }) }, async ({ names }) => {
  const greetings = await greet.map(names).results()
  getRunLogger().info(greetings.join(' '))
  return greetings
})

// Runs once when this file is started, and not when serve.ts imports it.
if (import.meta.main) console.log(await hello())
`

const serve = `import { deploymentOf, serve } from 'spillway'
import { hello } from './flows/hello.ts'

// Runs of hello/dev that anybody starts, each in a process of its own, until Ctrl-C. For a schedule add
// schedules: [{ cron: '0 3 * * *', timezone: 'Europe/Paris' }] beside the name.
await serve(deploymentOf(hello, { name: 'dev' }))
`
