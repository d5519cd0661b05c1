/** What a client needs to know to make a work pool of a type: its texts and the template of its jobs. */
export interface WorkerType {
  type: string
  display_name: string
  description: string
  documentation_url: string | null
  logo_url: string | null
  install_command: string
  is_beta: boolean
  default_base_job_configuration: { job_configuration: Record<string, unknown>; variables: Record<string, unknown> }
}

type Property = Record<string, unknown>

const text: Property = { type: 'string' }
const textMap: Property = { type: 'object', additionalProperties: text }

function optionalText(title: string, description: string): Property {
  return { title, description, anyOf: [text, { type: 'null' }], default: null }
}

/** What jobs of every type take. */
const commonVariables: Record<string, Property> = {
  name: optionalText('Name', "Name of the job's infrastructure; made up from the flow run when empty."),
  env: { ...textMap, title: 'Environment Variables', description: 'Set in the environment of the flow run.' },
  labels: { ...textMap, title: 'Labels', description: "Put on the job's infrastructure." },
  command: optionalText('Command', 'What starts the flow run. Leave it empty unless your image needs another command.'),
}

const streamOutput: Property = {
  title: 'Stream Output',
  description: "Whether the worker prints what the flow run's process prints.",
  type: 'boolean',
  default: true,
}

const image: Property = optionalText('Image', 'Container image of the flow run, with all that the flow needs.')

/** Each variable under its own name in the job. */
function passed(variables: Record<string, Property>, without: readonly string[] = []): Record<string, string> {
  const names = Object.keys(variables).filter((name) => !without.includes(name))
  return Object.fromEntries(names.map((name) => [name, `{{ ${name} }}`]))
}

function workerType(
  parts: Pick<WorkerType, 'type' | 'display_name' | 'description' | 'install_command'>,
  variables: Record<string, Property>,
  jobConfiguration: Record<string, unknown>,
  definitions?: Record<string, unknown>,
): WorkerType {
  return {
    ...parts,
    documentation_url: null,
    logo_url: null,
    is_beta: false,
    default_base_job_configuration: {
      job_configuration: jobConfiguration,
      variables: { type: 'object', properties: variables, ...(definitions ? { definitions } : {}) },
    },
  }
}

/** A block that stands in a job variable, in the form by which clients know it. */
function blockDefinition(
  slug: string,
  title: string,
  properties: Record<string, Property>,
  secrets: string[] = [],
): unknown {
  return {
    title,
    type: 'object',
    block_type_slug: slug,
    block_schema_references: {},
    properties,
    required: Object.keys(properties).filter((name) => !('default' in properties[name]!)),
    secret_fields: secrets,
  }
}

const processVariables = {
  ...commonVariables,
  stream_output: streamOutput,
  working_dir: {
    title: 'Working Directory',
    description: 'Folder in which the process starts. A temporary one when empty.',
    anyOf: [{ ...text, format: 'path' }, { type: 'null' }],
    default: null,
  },
}

const dockerVariables = {
  ...commonVariables,
  image,
  registry_credentials: {
    title: 'Registry Credentials',
    description: 'With which the image is pulled.',
    allOf: [{ $ref: '#/definitions/DockerRegistryCredentials' }],
  },
  image_pull_policy: {
    ...text,
    title: 'Image Pull Policy',
    description: 'When the image is pulled. When empty, the tag decides: `latest` is pulled each time.',
    enum: ['IfNotPresent', 'Always', 'IfPossible', 'Never'],
  },
  networks: { type: 'array', items: text, title: 'Networks', description: 'Docker networks that the container joins.' },
  network_mode: { ...text, title: 'Network Mode', description: '`bridge`, `host` …; not together with networks.' },
  auto_remove: { type: 'boolean', default: false, title: 'Auto Remove', description: 'Remove it when it ends.' },
  volumes: { type: 'array', items: text, title: 'Volumes', description: 'Mounts, each `folder:folder inside`.' },
  stream_output: streamOutput,
  container_wait_timeout: {
    type: 'integer',
    exclusiveMinimum: 0,
    title: 'Container Wait Timeout',
    description: "Seconds until a call that waits for the container's end is given up. Without it there is no limit.",
  },
  mem_limit: { ...text, title: 'Memory Limit', description: 'Memory of the container, such as `512m`.' },
  memswap_limit: { ...text, title: 'Memory Swap Limit', description: 'Memory and swap together, such as `1g`.' },
  privileged: { type: 'boolean', default: false, title: 'Privileged', description: 'Give it extended rights.' },
}

const kubernetesVariables = {
  ...commonVariables,
  namespace: { ...text, default: 'default', title: 'Namespace', description: 'Kubernetes namespace of the jobs.' },
  image,
  service_account_name: optionalText('Service Account Name', 'Service account that the jobs run as.'),
  image_pull_policy: {
    ...text,
    title: 'Image Pull Policy',
    description: 'When the image is pulled.',
    enum: ['IfNotPresent', 'Always', 'Never'],
    default: 'IfNotPresent',
  },
  finished_job_ttl: {
    type: 'integer',
    title: 'Finished Job TTL',
    description: 'Seconds after which an ended job is removed.',
  },
  job_watch_timeout_seconds: {
    type: 'integer',
    title: 'Job Watch Timeout Seconds',
    description: 'Seconds until a job counts as lost. Without it there is no limit.',
  },
  pod_watch_timeout_seconds: {
    type: 'integer',
    default: 60,
    title: 'Pod Watch Timeout Seconds',
    description: "Seconds that the job's pod may take to start.",
  },
  stream_output: streamOutput,
  cluster_config: {
    title: 'Cluster Config',
    description: 'Cluster in which the jobs run; where the worker runs when empty.',
    allOf: [{ $ref: '#/definitions/KubernetesClusterConfig' }],
  },
  cpu_request: { ...text, title: 'CPU Request', description: 'Such as `100m`.' },
  cpu_limit: { ...text, title: 'CPU Limit', description: 'Such as `1000m`.' },
  memory_request: { ...text, title: 'Memory Request', description: 'Such as `256Mi`.' },
  memory_limit: { ...text, title: 'Memory Limit', description: 'Such as `1Gi`.' },
}

/** Kubernetes variables that stand in the manifest only. */
const manifestOnly = [
  'image', 'service_account_name', 'image_pull_policy', 'finished_job_ttl',
  'cpu_request', 'cpu_limit', 'memory_request', 'memory_limit',
]

const jobManifest = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { generateName: '{{ name }}-', namespace: '{{ namespace }}', labels: '{{ labels }}' },
  spec: {
    // A retry is the orchestration's business: a second pod of the same run would be refused.
    backoffLimit: 0,
    ttlSecondsAfterFinished: '{{ finished_job_ttl }}',
    template: {
      spec: {
        parallelism: 1,
        completions: 1,
        restartPolicy: 'Never',
        serviceAccountName: '{{ service_account_name }}',
        containers: [
          {
            name: 'prefect-job',
            image: '{{ image }}',
            imagePullPolicy: '{{ image_pull_policy }}',
            args: '{{ command }}',
            env: '{{ env }}',
            resources: {
              requests: { cpu: '{{ cpu_request }}', memory: '{{ memory_request }}' },
              limits: { cpu: '{{ cpu_limit }}', memory: '{{ memory_limit }}' },
            },
          },
        ],
      },
    },
  },
}

/** The worker types by the package that has them, as clients read them to make work pools. */
export const workerTypes: Readonly<Record<string, Readonly<Record<string, WorkerType>>>> = {
  prefect: {
    process: workerType(
      {
        type: 'process',
        display_name: 'Process',
        description: 'Runs each flow run as a process on the machine of the worker. The simplest way to begin.',
        install_command: 'pip install prefect',
      },
      processVariables,
      passed(processVariables),
    ),
  },
  'prefect-docker': {
    docker: workerType(
      {
        type: 'docker',
        display_name: 'Docker',
        description: 'Runs each flow run in a Docker container.',
        install_command: 'pip install prefect-docker',
      },
      dockerVariables,
      passed(dockerVariables),
      {
        DockerRegistryCredentials: blockDefinition(
          'docker-registry-credentials',
          'DockerRegistryCredentials',
          {
            username: { ...text, title: 'Username' },
            password: { ...text, title: 'Password', format: 'password', writeOnly: true },
            registry_url: { ...text, title: 'Registry Url' },
            reauth: { type: 'boolean', title: 'Reauth', default: true },
          },
          ['password'],
        ),
      },
    ),
  },
  'prefect-kubernetes': {
    kubernetes: workerType(
      {
        type: 'kubernetes',
        display_name: 'Kubernetes',
        description: 'Runs each flow run as a Kubernetes job.',
        install_command: 'pip install prefect-kubernetes',
      },
      kubernetesVariables,
      { ...passed(kubernetesVariables, manifestOnly), job_manifest: jobManifest },
      {
        KubernetesClusterConfig: blockDefinition('kubernetes-cluster-config', 'KubernetesClusterConfig', {
          config: { type: 'object', title: 'Config' },
          context_name: { ...text, title: 'Context Name' },
        }),
      },
    ),
  },
}
