-- The tally of finished runs in whole numbers: kinds of runs have a table of their own, times are microseconds, and there is one more
-- length of slot. A history then reads thousands of rows in a millisecond, and sums do not drift however often runs change.
drop trigger flow_run_tally_new;
drop trigger flow_run_tally_gone;
drop trigger flow_run_tally_changed_to;
drop trigger flow_run_tally_changed_from;
drop table flow_run_tally;

create table flow_run_tally_kind (
  id integer primary key,
  state_type text not null,
  state_name text not null,
  subflow integer not null,
  unique (state_type, state_name, subflow)
);

-- How many minutes a slot of each length lasts. 0 is all of time, in one slot on either side of 1970.
create table flow_run_tally_span (
  minutes integer primary key,
  us integer not null
);
insert into flow_run_tally_span (minutes, us) values
  (0, 4000000000000000000), (1, 60000000), (10, 600000000), (60, 3600000000), (360, 21600000000);

create table flow_run_tally (
  minutes integer not null,
  slot integer not null,
  kind integer not null,
  runs integer not null,
  run_us integer not null,
  late_us integer not null,
  primary key (minutes, slot, kind)
) without rowid;

-- What the tally counts, and the way into it: a row that is inserted here with sign 1 is counted, one with -1 is taken back.
create view flow_run_tally_entry as
select 1 as sign, state_type, state_name, parent_task_run_id, expected_start_time, start_time, total_run_time
from flow_run
where state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and expected_start_time is not null;

create trigger flow_run_tally_enter instead of insert on flow_run_tally_entry
begin
  insert into flow_run_tally_kind (state_type, state_name, subflow)
  values (new.state_type, new.state_name, new.parent_task_run_id is not null)
  on conflict (state_type, state_name, subflow) do nothing;
  -- The division rounds down, before 1970 too.
  insert into flow_run_tally (minutes, slot, kind, runs, run_us, late_us)
  select span.minutes, (new.expected_start_time - (new.expected_start_time % span.us + span.us) % span.us) / span.us, kind.id, new.sign,
    new.sign * cast(round(new.total_run_time * 1000000) as integer),
    new.sign * case when new.start_time > new.expected_start_time then new.start_time - new.expected_start_time else 0 end
  from flow_run_tally_kind kind cross join flow_run_tally_span span
  where kind.state_type = new.state_type and kind.state_name = new.state_name and kind.subflow = (new.parent_task_run_id is not null)
  on conflict (minutes, slot, kind) do update
    set runs = runs + excluded.runs, run_us = run_us + excluded.run_us, late_us = late_us + excluded.late_us;
  delete from flow_run_tally_kind
  where new.sign = -1 and state_type = new.state_type and state_name = new.state_name and subflow = (new.parent_task_run_id is not null)
    and not exists (select 1 from flow_run_tally where minutes = 0 and slot in (-1, 0) and kind = flow_run_tally_kind.id);
end;

create trigger flow_run_tally_new after insert on flow_run
when new.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and new.expected_start_time is not null
begin
  insert into flow_run_tally_entry
  values (1, new.state_type, new.state_name, new.parent_task_run_id, new.expected_start_time, new.start_time, new.total_run_time);
end;

create trigger flow_run_tally_gone after delete on flow_run
when old.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and old.expected_start_time is not null
begin
  insert into flow_run_tally_entry
  values (-1, old.state_type, old.state_name, old.parent_task_run_id, old.expected_start_time, old.start_time, old.total_run_time);
end;

create trigger flow_run_tally_changed_to
after update of state_type, state_name, expected_start_time, start_time, total_run_time, parent_task_run_id on flow_run
when new.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and new.expected_start_time is not null
begin
  insert into flow_run_tally_entry
  values (1, new.state_type, new.state_name, new.parent_task_run_id, new.expected_start_time, new.start_time, new.total_run_time);
end;

create trigger flow_run_tally_changed_from
after update of state_type, state_name, expected_start_time, start_time, total_run_time, parent_task_run_id on flow_run
when old.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and old.expected_start_time is not null
begin
  insert into flow_run_tally_entry
  values (-1, old.state_type, old.state_name, old.parent_task_run_id, old.expected_start_time, old.start_time, old.total_run_time);
end;

-- Slots in which nothing is left.
create trigger flow_run_tally_empty after update of runs on flow_run_tally when new.runs = 0
begin
  delete from flow_run_tally where minutes = new.minutes and slot = new.slot and kind = new.kind;
end;

-- Runs that are there already. The long slots are made of the short ones.
insert into flow_run_tally_kind (state_type, state_name, subflow)
select distinct state_type, state_name, parent_task_run_id is not null from flow_run_tally_entry;
insert into flow_run_tally (minutes, slot, kind, runs, run_us, late_us)
select 1, (entry.expected_start_time - (entry.expected_start_time % 60000000 + 60000000) % 60000000) / 60000000, kind.id, count(*),
  sum(cast(round(entry.total_run_time * 1000000) as integer)),
  sum(case when entry.start_time > entry.expected_start_time then entry.start_time - entry.expected_start_time else 0 end)
from flow_run_tally_entry entry join flow_run_tally_kind kind
  on kind.state_type = entry.state_type and kind.state_name = entry.state_name and kind.subflow = (entry.parent_task_run_id is not null)
group by 1, 2, 3;
insert into flow_run_tally (minutes, slot, kind, runs, run_us, late_us)
select span.minutes, (slot * 60000000 - (slot * 60000000 % span.us + span.us) % span.us) / span.us, kind, sum(runs), sum(run_us), sum(late_us)
from flow_run_tally tally cross join flow_run_tally_span span
where tally.minutes = 1 and span.minutes <> 1
group by 1, 2, 3;
