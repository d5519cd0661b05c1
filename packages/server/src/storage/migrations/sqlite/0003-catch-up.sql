-- Runs that schedules have made of deployments with labels of Spillway's own (spillway.catch-up, spillway.max-late-seconds). Both indexes
-- are empty where no deployment has such labels.

-- Which of them wait, by their time.
create index flow_run_catching_up on flow_run (auto_scheduled, next_scheduled_start_time, id)
  where state_type = 'SCHEDULED' and auto_scheduled = 1 and instr(labels, '"spillway.') > 0;

-- Whether a schedule has made a newer one. A schedule is known by its name: it gets another id whenever its deployment is made anew.
create index flow_run_by_catching_up_schedule on flow_run (deployment_id, created_by ->> 'display_value', expected_start_time)
  where auto_scheduled = 1 and instr(labels, '"spillway.') > 0;
