import { delayFault, payloadText, selectedNeeds, templateIn, templatedParametersFault } from './event-checks.ts'
import { StateType } from './states.ts'
import { boolean, duration, float, jsonObject, literal, mayBeAbsent, model, optional, text, uuid } from './schema.ts'
import type { Static } from './schema.ts'

/** Default of a delay: none. */
function noDelay(): number {
  return 0
}

export const CallWebhook = model('CallWebhook', {
  type: literal(['call-webhook'], { default: 'call-webhook' }),
  block_document_id: uuid(),
  payload: text({ default: '', before: payloadText, check: templateIn('payload') }),
})
export type CallWebhook = Static<typeof CallWebhook>

export const CancelFlowRun = model('CancelFlowRun', {
  type: literal(['cancel-flow-run'], { default: 'cancel-flow-run' }),
})
export type CancelFlowRun = Static<typeof CancelFlowRun>

export const ChangeFlowRunState = model('ChangeFlowRunState', {
  type: literal(['change-flow-run-state'], { default: 'change-flow-run-state' }),
  name: optional(text()),
  state: StateType,
  message: optional(text()),
  force: boolean({ default: false }),
})
export type ChangeFlowRunState = Static<typeof ChangeFlowRunState>

export const DeleteFlowRun = model('DeleteFlowRun', {
  type: literal(['delete-flow-run'], { default: 'delete-flow-run' }),
})
export type DeleteFlowRun = Static<typeof DeleteFlowRun>

export const DoNothing = model('DoNothing', {
  type: literal(['do-nothing'], { default: 'do-nothing' }),
})
export type DoNothing = Static<typeof DoNothing>

export const PauseAutomation = model('PauseAutomation', {
  type: literal(['pause-automation'], { default: 'pause-automation' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  automation_id: optional(uuid()),
}, {
  check: selectedNeeds('automation_id'),
  label: 'function-after[selected_automation_requires_id(), PauseAutomation]',
})
export type PauseAutomation = Static<typeof PauseAutomation>

export const PauseDeployment = model('PauseDeployment', {
  type: literal(['pause-deployment'], { default: 'pause-deployment' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  deployment_id: optional(uuid()),
}, {
  check: selectedNeeds('deployment_id'),
  label: 'function-after[selected_deployment_requires_id(), PauseDeployment]',
})
export type PauseDeployment = Static<typeof PauseDeployment>

export const PauseWorkPool = model('PauseWorkPool', {
  type: literal(['pause-work-pool'], { default: 'pause-work-pool' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  work_pool_id: optional(uuid()),
}, { check: selectedNeeds('work_pool_id'), label: 'function-after[selected_work_pool_requires_id(), PauseWorkPool]' })
export type PauseWorkPool = Static<typeof PauseWorkPool>

export const PauseWorkQueue = model('PauseWorkQueue', {
  type: literal(['pause-work-queue'], { default: 'pause-work-queue' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  work_queue_id: optional(uuid()),
}, {
  check: selectedNeeds('work_queue_id'),
  label: 'function-after[selected_work_queue_requires_id(), PauseWorkQueue]',
})
export type PauseWorkQueue = Static<typeof PauseWorkQueue>

export const ResumeAutomation = model('ResumeAutomation', {
  type: literal(['resume-automation'], { default: 'resume-automation' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  automation_id: optional(uuid()),
}, {
  check: selectedNeeds('automation_id'),
  label: 'function-after[selected_automation_requires_id(), ResumeAutomation]',
})
export type ResumeAutomation = Static<typeof ResumeAutomation>

export const ResumeDeployment = model('ResumeDeployment', {
  type: literal(['resume-deployment'], { default: 'resume-deployment' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  deployment_id: optional(uuid()),
}, {
  check: selectedNeeds('deployment_id'),
  label: 'function-after[selected_deployment_requires_id(), ResumeDeployment]',
})
export type ResumeDeployment = Static<typeof ResumeDeployment>

export const ResumeFlowRun = model('ResumeFlowRun', {
  type: literal(['resume-flow-run'], { default: 'resume-flow-run' }),
})
export type ResumeFlowRun = Static<typeof ResumeFlowRun>

export const ResumeWorkPool = model('ResumeWorkPool', {
  type: literal(['resume-work-pool'], { default: 'resume-work-pool' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  work_pool_id: optional(uuid()),
}, { check: selectedNeeds('work_pool_id'), label: 'function-after[selected_work_pool_requires_id(), ResumeWorkPool]' })
export type ResumeWorkPool = Static<typeof ResumeWorkPool>

export const ResumeWorkQueue = model('ResumeWorkQueue', {
  type: literal(['resume-work-queue'], { default: 'resume-work-queue' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  work_queue_id: optional(uuid()),
}, {
  check: selectedNeeds('work_queue_id'),
  label: 'function-after[selected_work_queue_requires_id(), ResumeWorkQueue]',
})
export type ResumeWorkQueue = Static<typeof ResumeWorkQueue>

export const RunDeploymentInput = model('RunDeployment-Input', {
  type: literal(['run-deployment'], { default: 'run-deployment' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  deployment_id: optional(uuid()),
  parameters: optional(jsonObject(), { check: templatedParametersFault }),
  job_variables: optional(jsonObject()),
  schedule_after: duration({ makeDefault: noDelay, check: delayFault }),
}, { check: selectedNeeds('deployment_id'), label: 'function-after[selected_deployment_requires_id(), RunDeployment]' })
export type RunDeploymentInput = Static<typeof RunDeploymentInput>

export const RunDeploymentOutput = model('RunDeployment-Output', {
  type: literal(['run-deployment'], { default: 'run-deployment' }),
  source: literal(['selected', 'inferred'], { default: 'selected' }),
  deployment_id: optional(uuid()),
  parameters: optional(jsonObject()),
  job_variables: optional(jsonObject()),
  schedule_after: mayBeAbsent(float()),
})
export type RunDeploymentOutput = Static<typeof RunDeploymentOutput>

export const SendNotification = model('SendNotification', {
  type: literal(['send-notification'], { default: 'send-notification' }),
  block_document_id: uuid(),
  subject: text({ default: 'Prefect automated notification', check: templateIn('subject') }),
  body: text({ check: templateIn('body') }),
})
export type SendNotification = Static<typeof SendNotification>

export const SuspendFlowRun = model('SuspendFlowRun', {
  type: literal(['suspend-flow-run'], { default: 'suspend-flow-run' }),
})
export type SuspendFlowRun = Static<typeof SuspendFlowRun>
