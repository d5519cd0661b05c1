import type * as answers from './generated/answers.ts'
import type * as requests from './generated/requests.ts'

// What routes answer with, under the names that people use for it. All other types are reached by the route: `BodyOf`, `AnswerOf`.

/** A flow. */
export type Flow = answers.Flow
/** A flow run with its current state. */
export type FlowRun = answers.FlowRunResponse
/** A task run with its current state. */
export type TaskRun = answers.TaskRun
/** A state that a run has, or has had. */
export type State = answers.State
/** `SCHEDULED`, `RUNNING`, `COMPLETED`, … */
export type StateType = answers.StateType
/** A state as it is proposed; the server adds what is missing. */
export type StateProposal = requests.StateCreate
/** What the server makes of a state that is proposed to it. */
export type OrchestrationResult = answers.OrchestrationResult
/** A deployment. */
export type Deployment = answers.DeploymentResponse
/** A work pool. */
export type WorkPool = answers.WorkPoolResponse
/** A work queue. */
export type WorkQueue = answers.WorkQueueResponse
/** A line of the log. */
export type Log = answers.Log
/** An event as the server has it. */
export type ReceivedEvent = answers.ReceivedEvent
/** Events, and where to ask for the next ones. */
export type EventPage = answers.EventPage
/** An artifact. */
export type Artifact = answers.Artifact
/** A variable. */
export type Variable = answers.Variable
/** A block with its values. */
export type BlockDocument = answers.BlockDocument
/** A kind of blocks. */
export type BlockType = answers.BlockType
/** The fields of a kind of blocks. */
export type BlockSchema = answers.BlockSchema
/** An automation. */
export type Automation = answers.Automation
/** A concurrency limit on a name. */
export type ConcurrencyLimit = answers.GlobalConcurrencyLimitResponse
/** One complaint about one place in a request, in an answer 422. */
export type FieldFault = answers.ValidationError
