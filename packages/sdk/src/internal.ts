// What the `spillway` command needs of this package beside its public face. It may change with any release.
export { FLOW_RUN_COMMAND } from './deployments/deploy.ts'
export { describeEntrypoint } from './deployments/deployment.ts'
export { importForFlows } from './engine/loading.ts'
export { fillTemplate, referenceValue } from './runner/job-template.ts'
export { explainLoadError } from './runner/load-error.ts'
