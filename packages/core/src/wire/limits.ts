/** Bounds of what a request may hold that an operator can change. */
export interface WireLimits {
  /** Bytes of a run's parameters as JSON; 0 for no bound (`PREFECT_SERVER_API_MAX_PARAMETER_SIZE`). */
  parameterBytesMax: number
  /** Characters of a task run's cache key (`PREFECT_API_TASK_CACHE_KEY_MAX_LENGTH`). */
  cacheKeyLengthMax: number
  /** Runs kept scheduled for one schedule (`PREFECT_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS`). */
  scheduledRunsMax: number
  /** Characters of an event's name (`PREFECT_SERVER_EVENTS_MAXIMUM_EVENT_NAME_LENGTH`). */
  eventNameLengthMax: number
  /** Labels of one resource of an event (`PREFECT_SERVER_EVENTS_MAXIMUM_LABELS_PER_RESOURCE`). */
  resourceLabelsMax: number
  /** Related resources of one event (`PREFECT_SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES`). */
  relatedResourcesMax: number
}

/** The bounds in force. */
export const wireLimits: WireLimits = {
  parameterBytesMax: 524_288,
  cacheKeyLengthMax: 2000,
  scheduledRunsMax: 50,
  eventNameLengthMax: 1024,
  resourceLabelsMax: 500,
  relatedResourcesMax: 100,
}

/** Changes bounds; called once at start, after the settings have been read. */
export function setWireLimits(changes: Partial<WireLimits>): void {
  Object.assign(wireLimits, changes)
}
