-- Times are integer microseconds since the epoch, durations are float seconds, documents are JSON text, booleans are 0 or 1.

create table store_meta (
  key text primary key,
  value text not null
);

create table flow (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null unique,
  tags text not null default '[]',
  labels text not null default '{}'
);

create table work_pool (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null unique,
  description text,
  type text not null,
  base_job_template text not null default '{}',
  is_paused integer not null default 0,
  concurrency_limit integer,
  status text,
  last_transitioned_status_at integer,
  last_status_event_id text,
  default_queue_id text,
  storage_configuration text not null default '{}'
);

create table work_queue (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  description text,
  is_paused integer not null default 0,
  concurrency_limit integer,
  priority integer not null default 1,
  work_pool_id text not null references work_pool (id) on delete cascade,
  filter text,
  last_polled integer,
  status text not null default 'NOT_READY',
  unique (work_pool_id, name)
);

create table worker (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  work_pool_id text not null references work_pool (id) on delete cascade,
  last_heartbeat_time integer not null,
  heartbeat_interval_seconds integer,
  status text not null default 'ONLINE',
  unique (work_pool_id, name)
);
create index worker_by_heartbeat on worker (work_pool_id, last_heartbeat_time);

create table concurrency_limit (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null unique,
  active integer not null default 1,
  "limit" integer not null,
  active_slots integer not null default 0,
  denied_slots integer not null default 0,
  slot_decay_per_second real not null default 0,
  avg_slot_occupancy_seconds real not null default 2.0
);

-- A lease holds `slots` on each limit in resource_ids (a JSON array of limit ids) until it is released or expires.
create table concurrency_lease (
  id text primary key,
  created integer not null,
  expires integer not null,
  resource_ids text not null,
  slots integer not null,
  holder_type text,
  holder_id text
);
create index concurrency_lease_by_expiry on concurrency_lease (expires);
create index concurrency_lease_by_holder on concurrency_lease (holder_id) where holder_id is not null;

create table deployment (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  version text,
  description text,
  flow_id text not null references flow (id) on delete cascade,
  paused integer not null default 0,
  concurrency_limit_id text references concurrency_limit (id) on delete set null,
  concurrency_options text,
  job_variables text not null default '{}',
  parameters text not null default '{}',
  tags text not null default '[]',
  labels text not null default '{}',
  work_queue_name text,
  work_queue_id text references work_queue (id) on delete set null,
  last_polled integer,
  parameter_openapi_schema text,
  path text,
  pull_steps text,
  entrypoint text,
  storage_document_id text,
  infrastructure_document_id text,
  created_by text,
  updated_by text,
  status text not null default 'NOT_READY',
  enforce_parameter_schema integer not null default 1,
  unique (flow_id, name)
);
create index deployment_by_queue on deployment (work_queue_id);
create index deployment_by_updated on deployment (updated);
create index deployment_by_created on deployment (created);

create table deployment_schedule (
  id text primary key,
  created integer not null,
  updated integer not null,
  deployment_id text not null references deployment (id) on delete cascade,
  schedule text not null,
  active integer not null default 1,
  max_scheduled_runs integer,
  parameters text not null default '{}',
  slug text,
  unique (deployment_id, slug)
);

-- `state` is the whole current state as on the wire: a read needs no join.
create table flow_run (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  flow_id text not null references flow (id) on delete cascade,
  deployment_id text,
  deployment_version text,
  work_queue_id text,
  work_queue_name text,
  flow_version text,
  parameters text not null default '{}',
  idempotency_key text,
  context text not null default '{}',
  empirical_policy text not null default '{}',
  tags text not null default '[]',
  labels text not null default '{}',
  parent_task_run_id text,
  run_count integer not null default 0,
  expected_start_time integer,
  next_scheduled_start_time integer,
  start_time integer,
  end_time integer,
  total_run_time real not null default 0,
  auto_scheduled integer not null default 0,
  infrastructure_document_id text,
  infrastructure_pid text,
  created_by text,
  job_variables text,
  state_id text,
  state_type text,
  state_name text,
  state_timestamp integer,
  state text
);
create unique index flow_run_by_idempotency_key on flow_run (flow_id, idempotency_key) where idempotency_key is not null;
-- Lists are filtered by one of these columns and sorted by one of two times; each pair has an index, so that the first page
-- takes as long on a million runs as on ten.
create index flow_run_by_flow on flow_run (flow_id, expected_start_time);
create index flow_run_by_flow_start on flow_run (flow_id, coalesce(start_time, expected_start_time));
create index flow_run_by_deployment on flow_run (deployment_id, expected_start_time) where deployment_id is not null;
create index flow_run_by_deployment_start on flow_run (deployment_id, coalesce(start_time, expected_start_time))
  where deployment_id is not null;
create index flow_run_by_queue_start on flow_run (work_queue_id, coalesce(start_time, expected_start_time))
  where work_queue_id is not null;
create index flow_run_by_parent on flow_run (parent_task_run_id) where parent_task_run_id is not null;
create index flow_run_by_expected_start on flow_run (expected_start_time);
create index flow_run_by_start on flow_run (coalesce(start_time, expected_start_time));
create index flow_run_by_end on flow_run (end_time);
create index flow_run_by_state on flow_run (state_type, expected_start_time);
create index flow_run_by_state_start on flow_run (state_type, coalesce(start_time, expected_start_time));
create index flow_run_by_state_name_start on flow_run (state_name, coalesce(start_time, expected_start_time));
-- Runs that are not finished are few; what is asked about them by itself must not lead through the finished ones.
create index flow_run_live on flow_run (state_type, state_name, expected_start_time)
  where state_type in ('SCHEDULED', 'PENDING', 'RUNNING', 'PAUSED', 'CANCELLING');
create index flow_run_by_name on flow_run (name);
create index flow_run_due on flow_run (next_scheduled_start_time) where state_type = 'SCHEDULED';
create index flow_run_due_by_queue on flow_run (work_queue_id, next_scheduled_start_time) where state_type = 'SCHEDULED';
create index flow_run_due_by_deployment on flow_run (deployment_id, next_scheduled_start_time) where state_type = 'SCHEDULED';
create index flow_run_due_by_flow on flow_run (flow_id, next_scheduled_start_time) where state_type = 'SCHEDULED';
-- What may become late: runs that are late already must not be read again every few seconds.
create index flow_run_not_yet_late on flow_run (state_name, next_scheduled_start_time)
  where state_type = 'SCHEDULED' and state_name = 'Scheduled';
create index flow_run_in_slot on flow_run (work_queue_id, state_type) where state_type in ('RUNNING', 'PENDING', 'CANCELLING');

-- Finished runs counted by the minute, ten minutes and hour of their expected start, and all together (span 'all', slot 0): counts and
-- histories read these and only the runs that are not finished one by one. Kept by the triggers, whoever changes a run.
create table flow_run_tally (
  span text not null,
  slot integer not null,
  state_type text not null,
  state_name text not null,
  subflow integer not null,
  runs integer not null,
  run_time real not null,
  lateness real not null,
  primary key (span, slot, state_type, state_name, subflow)
) without rowid;

create trigger flow_run_tally_new after insert on flow_run
when new.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and new.expected_start_time is not null
begin
  insert into flow_run_tally (span, slot, state_type, state_name, subflow, runs, run_time, lateness)
  select spans.span, spans.slot, new.state_type, new.state_name, new.parent_task_run_id is not null, 1, new.total_run_time,
    case when new.start_time > new.expected_start_time then (new.start_time - new.expected_start_time) / 1000000.0 else 0 end
  from (select 'minute' as span, new.expected_start_time / 60000000 as slot
        union all select 'ten', new.expected_start_time / 600000000
        union all select 'hour', new.expected_start_time / 3600000000 union all select 'all', 0) spans
  where true
  on conflict (span, slot, state_type, state_name, subflow) do update
    set runs = runs + 1, run_time = run_time + excluded.run_time, lateness = lateness + excluded.lateness;
end;

create trigger flow_run_tally_gone after delete on flow_run
when old.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and old.expected_start_time is not null
begin
  update flow_run_tally set runs = runs - 1, run_time = run_time - old.total_run_time,
    lateness = lateness
      - case when old.start_time > old.expected_start_time then (old.start_time - old.expected_start_time) / 1000000.0 else 0 end
  where (span, slot) in (
      values ('minute', old.expected_start_time / 60000000), ('ten', old.expected_start_time / 600000000),
        ('hour', old.expected_start_time / 3600000000), ('all', 0))
    and state_type = old.state_type and state_name = old.state_name and subflow = (old.parent_task_run_id is not null);
  delete from flow_run_tally
  where (span, slot) in (
      values ('minute', old.expected_start_time / 60000000), ('ten', old.expected_start_time / 600000000),
        ('hour', old.expected_start_time / 3600000000), ('all', 0))
    and runs <= 0 and state_type = old.state_type and state_name = old.state_name
    and subflow = (old.parent_task_run_id is not null);
end;

create trigger flow_run_tally_changed_to
after update of state_type, state_name, expected_start_time, start_time, total_run_time, parent_task_run_id on flow_run
when new.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and new.expected_start_time is not null
begin
  insert into flow_run_tally (span, slot, state_type, state_name, subflow, runs, run_time, lateness)
  select spans.span, spans.slot, new.state_type, new.state_name, new.parent_task_run_id is not null, 1, new.total_run_time,
    case when new.start_time > new.expected_start_time then (new.start_time - new.expected_start_time) / 1000000.0 else 0 end
  from (select 'minute' as span, new.expected_start_time / 60000000 as slot
        union all select 'ten', new.expected_start_time / 600000000
        union all select 'hour', new.expected_start_time / 3600000000 union all select 'all', 0) spans
  where true
  on conflict (span, slot, state_type, state_name, subflow) do update
    set runs = runs + 1, run_time = run_time + excluded.run_time, lateness = lateness + excluded.lateness;
end;

create trigger flow_run_tally_changed_from
after update of state_type, state_name, expected_start_time, start_time, total_run_time, parent_task_run_id on flow_run
when old.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and old.expected_start_time is not null
begin
  update flow_run_tally set runs = runs - 1, run_time = run_time - old.total_run_time,
    lateness = lateness
      - case when old.start_time > old.expected_start_time then (old.start_time - old.expected_start_time) / 1000000.0 else 0 end
  where (span, slot) in (
      values ('minute', old.expected_start_time / 60000000), ('ten', old.expected_start_time / 600000000),
        ('hour', old.expected_start_time / 3600000000), ('all', 0))
    and state_type = old.state_type and state_name = old.state_name and subflow = (old.parent_task_run_id is not null);
end;

create table flow_run_state (
  id text primary key,
  flow_run_id text not null references flow_run (id) on delete cascade,
  timestamp integer not null,
  type text not null,
  name text not null,
  result_artifact_id text,
  state text not null,
  unique (flow_run_id, timestamp)
);

create table flow_run_input (
  id text primary key,
  created integer not null,
  updated integer not null,
  flow_run_id text not null references flow_run (id) on delete cascade,
  key text not null,
  value text not null,
  sender text,
  unique (flow_run_id, key)
);

create table task_run (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  flow_run_id text references flow_run (id) on delete cascade,
  task_key text not null,
  dynamic_key text not null,
  cache_key text,
  cache_expiration integer,
  task_version text,
  empirical_policy text not null default '{}',
  tags text not null default '[]',
  labels text not null default '{}',
  task_inputs text not null default '{}',
  run_count integer not null default 0,
  flow_run_run_count integer not null default 0,
  expected_start_time integer,
  next_scheduled_start_time integer,
  start_time integer,
  end_time integer,
  total_run_time real not null default 0,
  state_id text,
  state_type text,
  state_name text,
  state_timestamp integer,
  state text
);
create unique index task_run_by_key on task_run (flow_run_id, task_key, dynamic_key) where flow_run_id is not null;
create index task_run_by_key_alone on task_run (task_key, dynamic_key) where flow_run_id is null;
create index task_run_by_expected_start on task_run (expected_start_time);
create index task_run_by_state on task_run (state_type, expected_start_time);
create index task_run_by_end on task_run (end_time);
create index task_run_by_start on task_run (start_time);

create table task_run_state (
  id text primary key,
  task_run_id text not null references task_run (id) on delete cascade,
  timestamp integer not null,
  type text not null,
  name text not null,
  result_artifact_id text,
  state text not null,
  unique (task_run_id, timestamp)
);

create table task_run_state_cache (
  id text primary key,
  created integer not null,
  cache_key text not null,
  cache_expiration integer,
  task_run_state_id text not null
);
create index task_run_state_cache_by_key on task_run_state_cache (cache_key, created);

-- Deferred (background) task runs that wait for a task worker; `queue` is 'scheduled' or 'retry'.
create table background_task (
  seq integer primary key autoincrement,
  task_run_id text not null unique references task_run (id) on delete cascade,
  task_key text not null,
  queue text not null
);
create index background_task_by_key on background_task (task_key, queue, seq);

-- The event log is also the outbox: rows are written in the transaction of the change they tell of, `seq` is the cursor of every reader.
-- `body` is the event as on the wire, with `received`.
create table event (
  seq integer primary key autoincrement,
  id text not null unique,
  occurred integer not null,
  received integer not null,
  event text not null,
  resource_id text not null,
  body text not null
);
create index event_by_occurred on event (occurred, seq);

-- One row for the primary resource (role '') and for each related one. Retention deletes these through the event's own body, so
-- that no index by event is needed on the write path.
create table event_resource (
  resource_id text not null,
  occurred integer not null,
  event_seq integer not null,
  role text not null,
  primary key (resource_id, occurred, event_seq, role)
) without rowid;

-- Events that could not be taken in, with the reason; bounded by retention.
create table event_dead_letter (
  seq integer primary key autoincrement,
  received integer not null,
  reason text not null,
  body text not null
);

create table log (
  seq integer primary key autoincrement,
  id text not null,
  created integer not null,
  name text not null,
  level integer not null,
  message text not null,
  timestamp integer not null,
  flow_run_id text,
  task_run_id text
);
create index log_by_flow_run on log (flow_run_id, timestamp) where flow_run_id is not null;
create index log_by_task_run on log (task_run_id, timestamp) where task_run_id is not null;
create index log_by_timestamp on log (timestamp);

create table artifact (
  id text primary key,
  created integer not null,
  updated integer not null,
  key text,
  type text,
  description text,
  data text,
  metadata_ text,
  flow_run_id text,
  task_run_id text
);
create index artifact_by_key on artifact (key, created) where key is not null;
create index artifact_by_flow_run on artifact (flow_run_id) where flow_run_id is not null;
create index artifact_by_task_run on artifact (task_run_id) where task_run_id is not null;

create table artifact_collection (
  id text primary key,
  created integer not null,
  updated integer not null,
  key text not null unique,
  latest_id text not null,
  type text,
  description text,
  data text,
  metadata_ text,
  flow_run_id text,
  task_run_id text
);

create table variable (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null unique,
  value text,
  tags text not null default '[]'
);

create table block_type (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  slug text not null unique,
  logo_url text,
  documentation_url text,
  description text,
  code_example text,
  is_protected integer not null default 0
);

create table block_schema (
  id text primary key,
  created integer not null,
  updated integer not null,
  checksum text not null,
  fields text not null,
  block_type_id text not null references block_type (id) on delete cascade,
  capabilities text not null default '[]',
  version text not null,
  unique (checksum, version)
);
create index block_schema_by_type on block_schema (block_type_id, created);

create table block_schema_reference (
  id text primary key,
  name text not null,
  parent_block_schema_id text not null references block_schema (id) on delete cascade,
  reference_block_schema_id text not null references block_schema (id) on delete cascade
);
create index block_schema_reference_by_parent on block_schema_reference (parent_block_schema_id);

-- `data` is encrypted; see docs for the key.
create table block_document (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  data text not null,
  is_anonymous integer not null default 0,
  block_schema_id text not null references block_schema (id) on delete cascade,
  block_type_id text not null references block_type (id) on delete cascade,
  block_type_name text,
  unique (block_type_id, name)
);

create table block_document_reference (
  id text primary key,
  name text not null,
  parent_block_document_id text not null references block_document (id) on delete cascade,
  reference_block_document_id text not null references block_document (id) on delete cascade
);
create index block_document_reference_by_parent on block_document_reference (parent_block_document_id);

create table automation (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null,
  description text not null default '',
  enabled integer not null default 1,
  tags text not null default '[]',
  trigger text not null,
  actions text not null,
  actions_on_trigger text not null default '[]',
  actions_on_resolve text not null default '[]'
);

create table automation_related_resource (
  automation_id text not null references automation (id) on delete cascade,
  resource_id text not null,
  owned integer not null default 0,
  primary key (automation_id, resource_id)
);
create index automation_related_resource_by_resource on automation_related_resource (resource_id);

create table saved_search (
  id text primary key,
  created integer not null,
  updated integer not null,
  name text not null unique,
  filters text not null default '[]'
);

create table csrf_token (
  id text primary key,
  created integer not null,
  updated integer not null,
  client text not null unique,
  token text not null,
  expiration integer not null
);
create index csrf_token_by_expiration on csrf_token (expiration);

create table configuration (
  key text primary key,
  updated integer not null,
  value text not null
);
