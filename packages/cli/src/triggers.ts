/** Prefect's command takes triggers without a type or posture for event triggers that react; its server does not. */
export function wholeTrigger(trigger: unknown): unknown {
  if (typeof trigger !== 'object' || trigger === null) return trigger
  if ('triggers' in trigger && Array.isArray(trigger.triggers)) return { ...trigger, triggers: trigger.triggers.map(wholeTrigger) }
  return 'type' in trigger && trigger.type !== 'event' ? trigger : { type: 'event', posture: 'Reactive', ...trigger }
}
