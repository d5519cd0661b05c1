import type { BlockFields } from './storage/block-schemas.ts'

/** A block type that every server knows from its first start, with the schema that stock clients have for it. */
export interface CatalogueBlock {
  name: string
  slug: string
  description: string
  isProtected: boolean
  capabilities: readonly string[]
  /**
   * The checksum by which stock clients look the schema up. It is taken of their fields, whose texts are not these, so
   * it is written down and not computed.
   */
  checksum: string
  fields: BlockFields
}

type Property = Record<string, unknown>

interface Block extends Omit<CatalogueBlock, 'fields' | 'isProtected'> {
  isProtected?: boolean
  title: string
  properties: Record<string, Property>
  required?: readonly string[]
  secrets?: readonly string[]
}

const text: Property = { type: 'string' }
const texts: Property = { type: 'array', items: text }
const textMap: Property = { type: 'object', additionalProperties: text }
const anyMap: Property = { type: 'object', additionalProperties: true }
const integer: Property = { type: 'integer' }
const secret: Property = { type: 'string', format: 'password', writeOnly: true }

/** A property that may be null, and is unless `fallback` says otherwise. */
function orNull(title: string, kinds: Property | readonly Property[], fallback: unknown = null): Property {
  return { title, anyOf: [...[kinds].flat(), { type: 'null' }], default: fallback }
}

function flag(title: string, fallback: boolean): Property {
  return { title, type: 'boolean', default: fallback }
}

function choice(title: string, values: readonly string[]): Property {
  return { title, type: 'string', enum: values, default: values[0] }
}

const notifyType = choice('Notify Type', ['info', 'success', 'warning', 'failure'])
const httpMethod: Property = { ...choice('Method', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), default: 'POST' }
const region = choice('Region Name', ['us', 'eu'])
const privateUrls: Property = {
  ...flag('Allow Private Urls', true),
  description: 'Whether addresses of private networks may be called.',
}

const storage = ['get-directory', 'put-directory', 'read-path', 'write-path'] as const

const blocks: readonly Block[] = [
  {
    name: 'Webhook',
    slug: 'webhook',
    title: 'Webhook',
    description: 'Calls an HTTP address, with a payload if there is one.',
    isProtected: true,
    capabilities: [],
    checksum: 'sha256:58bb03f0d84592252ad568ed9a8c899792ae5d0ad2dd4a2428e99674f9050cf1',
    properties: {
      method: httpMethod,
      url: { ...secret, title: 'Webhook URL' },
      headers: { title: 'Webhook Headers', type: 'object' },
      allow_private_urls: privateUrls,
      verify: { ...flag('Verify', true), description: "Whether the server's certificate is checked." },
    },
    required: ['url'],
    secrets: ['url', 'headers.*'],
  },
  {
    name: 'Secret',
    slug: 'secret',
    title: 'Secret',
    description: 'Keeps one value out of sight: it is stored encrypted and shown only to code that loads it.',
    isProtected: true,
    capabilities: [],
    checksum: 'sha256:c078ed9c1e813e224c0b353d7ad4564a11d51d3198d9ac0686478165a1911c78',
    properties: {
      value: {
        title: 'Value',
        anyOf: [secret, { title: 'string', ...text }, { title: 'JSON' }],
        format: 'password',
        writeOnly: true,
      },
    },
    required: ['value'],
    secrets: ['value'],
  },
  {
    name: 'Local File System',
    slug: 'local-file-system',
    title: 'LocalFileSystem',
    description: 'Keeps files in a folder of the machine that runs the code.',
    isProtected: true,
    capabilities: storage,
    checksum: 'sha256:0fc8b7f936f38f465715ef2df4a817ac9fe38b80bb01d5c6c9649a6da6ae6971',
    properties: { basepath: orNull('Basepath', text) },
  },
  {
    name: 'Remote File System',
    slug: 'remote-file-system',
    title: 'RemoteFileSystem',
    description: 'Keeps files in any remote storage that fsspec can reach.',
    capabilities: storage,
    checksum: 'sha256:3bca63009aa57af6c7053fc17a2a336a1e1801bbb19ca2c5939b59afe435c531',
    properties: { basepath: { ...text, title: 'Basepath' }, settings: { title: 'Settings', type: 'object' } },
    required: ['basepath'],
  },
  {
    name: 'SMB',
    slug: 'smb',
    title: 'SMB',
    description: 'Keeps files on a Windows or Samba share.',
    capabilities: storage,
    checksum: 'sha256:849cd014b777a64ee219f6b8b13c15b37c34ea4138d9224c4d45bf00ba2e4681',
    properties: {
      share_path: { ...text, title: 'Share Path' },
      smb_username: orNull('SMB Username', secret),
      smb_password: orNull('SMB Password', secret),
      smb_host: { ...text, title: 'SMB server/hostname' },
      smb_port: orNull('SMB port', integer),
    },
    required: ['share_path', 'smb_host'],
    secrets: ['smb_username', 'smb_password'],
  },
  {
    name: 'Custom Webhook',
    slug: 'custom-webhook',
    title: 'CustomWebhookNotificationBlock',
    description: 'Sends notifications to any HTTP address, in a form of your own.',
    capabilities: ['notify'],
    checksum: 'sha256:69076241f2b9959ae97554957a22ec428886b46f6ed4732af160e117d487c0cf',
    properties: {
      name: { ...text, title: 'Name' },
      url: { ...text, title: 'Webhook URL' },
      method: httpMethod,
      params: orNull('Query Params', textMap),
      json_data: orNull('JSON Data', anyMap),
      form_data: orNull('Form Data', [textMap, text]),
      headers: orNull('Headers', textMap),
      cookies: orNull('Cookies', textMap),
      timeout: { title: 'Timeout', type: 'number', default: 10, description: 'Seconds until a call is given up.' },
      allow_private_urls: privateUrls,
      secrets: { title: 'Custom Secret Values', type: 'object' },
    },
    required: ['name', 'url'],
    secrets: ['secrets.*'],
  },
  {
    name: 'Discord Webhook',
    slug: 'discord-webhook',
    title: 'DiscordWebhook',
    description: 'Sends notifications to a Discord channel.',
    capabilities: ['notify'],
    checksum: 'sha256:b3ea94c0ce1573b22c0e7bf2457f5f52a210327e0f7be05c74970a246304b1e2',
    properties: {
      notify_type: notifyType,
      webhook_id: { ...secret, title: 'Webhook Id' },
      webhook_token: { ...secret, title: 'Webhook Token' },
      botname: orNull('Bot name', text),
      tts: flag('Tts', false),
      include_image: flag('Include Image', false),
      avatar: flag('Avatar', false),
      avatar_url: orNull('Avatar URL', text),
    },
    required: ['webhook_id', 'webhook_token'],
    secrets: ['webhook_id', 'webhook_token'],
  },
  {
    name: 'Mattermost Webhook',
    slug: 'mattermost-webhook',
    title: 'MattermostWebhook',
    description: 'Sends notifications to Mattermost channels.',
    capabilities: ['notify'],
    checksum: 'sha256:34daad1160b59fb6d5c8fc59d09abb2cbf9c2283b7b9f6a76cbaad827002d14c',
    properties: {
      notify_type: notifyType,
      hostname: { ...text, title: 'Hostname' },
      secure: flag('Secure', false),
      token: { ...secret, title: 'Token' },
      botname: orNull('Bot name', text),
      channels: orNull('Channels', texts),
      include_image: flag('Include Image', false),
      path: orNull('Path', text),
      port: { ...integer, title: 'Port', default: 8065 },
    },
    required: ['hostname', 'token'],
    secrets: ['token'],
  },
  {
    name: 'Microsoft Teams Webhook',
    slug: 'ms-teams-webhook',
    title: 'MicrosoftTeamsWebhook',
    description: 'Sends notifications to a Microsoft Teams channel.',
    capabilities: ['notify'],
    checksum: 'sha256:213ff858fcad8ecddb90a120636c5461fc8ad6fb2877188c9e79f07e6c390c7c',
    properties: {
      notify_type: notifyType,
      url: { ...secret, title: 'Webhook URL' },
      allow_private_urls: privateUrls,
      include_image: flag('Include Image', true),
      wrap: flag('Wrap', true),
    },
    required: ['url'],
    secrets: ['url'],
  },
  {
    name: 'Opsgenie Webhook',
    slug: 'opsgenie-webhook',
    title: 'OpsgenieWebhook',
    description: 'Raises alerts in Opsgenie.',
    capabilities: ['notify'],
    checksum: 'sha256:c9d307a75b69d82460134069d071804fefde0ec2c2b9aed67c90201fee041755',
    properties: {
      notify_type: notifyType,
      apikey: { ...secret, title: 'API Key' },
      target_user: orNull('Target User', texts),
      target_team: orNull('Target Team', texts),
      target_schedule: orNull('Target Schedule', texts),
      target_escalation: orNull('Target Escalation', texts),
      region_name: region,
      batch: flag('Batch', false),
      tags: orNull('Tags', texts),
      priority: orNull('Priority', integer, 3),
      alias: orNull('Alias', text),
      entity: orNull('Entity', text),
      details: orNull('Details', textMap),
    },
    required: ['apikey'],
    secrets: ['apikey'],
  },
  {
    name: 'Pager Duty Webhook',
    slug: 'pager-duty-webhook',
    title: 'PagerDutyWebHook',
    description: 'Raises incidents in PagerDuty.',
    capabilities: ['notify'],
    checksum: 'sha256:78ccfd9313655493e834f59f515865f3160bd395b6003d6e664fefd1a6f49c86',
    properties: {
      notify_type: notifyType,
      integration_key: { ...secret, title: 'Integration Key' },
      api_key: { ...secret, title: 'API Key' },
      source: orNull('Source', text, 'Prefect'),
      component: { ...text, title: 'Component', default: 'Notification' },
      group: orNull('Group', text),
      class_id: orNull('Class ID', text),
      region_name: region,
      clickable_url: orNull('Clickable URL', { ...text, format: 'uri', minLength: 1 }),
      include_image: flag('Include Image', true),
      custom_details: orNull('Custom Details', textMap),
    },
    required: ['integration_key', 'api_key'],
    secrets: ['integration_key', 'api_key'],
  },
  {
    name: 'Sendgrid Email',
    slug: 'sendgrid-email',
    title: 'SendgridEmail',
    description: 'Sends notifications by mail, through SendGrid.',
    capabilities: ['notify'],
    checksum: 'sha256:b67583d3b7ce215cd84a58ba42bb8936294cc1417ff3fe54d0fb08447932c6f2',
    properties: {
      notify_type: notifyType,
      api_key: { ...secret, title: 'API Key' },
      sender_email: { ...text, title: 'Sender email id' },
      to_emails: { ...texts, title: 'Recipient emails' },
    },
    required: ['api_key', 'sender_email', 'to_emails'],
    secrets: ['api_key'],
  },
  {
    name: 'Slack Webhook',
    slug: 'slack-webhook',
    title: 'SlackWebhook',
    description: 'Sends notifications to a Slack channel.',
    capabilities: ['notify'],
    checksum: 'sha256:415bae7e5906d98e387f8848ccdfd3f3b9cdf01624f08ca228709e1193ac005f',
    properties: { notify_type: notifyType, url: { ...secret, title: 'Webhook URL' }, allow_private_urls: privateUrls },
    required: ['url'],
    secrets: ['url'],
  },
  {
    name: 'Twilio SMS',
    slug: 'twilio-sms',
    title: 'TwilioSMS',
    description: 'Sends notifications as text messages, through Twilio.',
    capabilities: ['notify'],
    checksum: 'sha256:2ab73fedd20ff1c25ffcc47f5b4a7a86c70c307321af1262f9d03defba5c8cc6',
    properties: {
      notify_type: notifyType,
      account_sid: { ...text, title: 'Account Sid' },
      auth_token: { ...secret, title: 'Auth Token' },
      from_phone_number: { ...text, title: 'From Phone Number' },
      to_phone_numbers: { ...texts, title: 'To Phone Numbers' },
    },
    required: ['account_sid', 'auth_token', 'from_phone_number', 'to_phone_numbers'],
    secrets: ['auth_token'],
  },
]

/** The block types that are there from the first start on; forms show their fields in the order given. */
export const blockCatalogue: readonly CatalogueBlock[] = blocks.map((block) => ({
  name: block.name,
  slug: block.slug,
  description: block.description,
  isProtected: block.isProtected ?? false,
  capabilities: block.capabilities,
  checksum: block.checksum,
  fields: {
    title: block.title,
    description: block.description,
    type: 'object',
    block_type_slug: block.slug,
    properties: Object.fromEntries(
      Object.entries(block.properties).map(([name, property], position) => [name, { ...property, position }]),
    ),
    ...(block.required ? { required: block.required } : {}),
    secret_fields: block.secrets ?? [],
  },
}))
