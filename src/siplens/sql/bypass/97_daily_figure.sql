/* One row per day (UTC), scope and measure, over the calls at hand: see figures_of_days. */
-- needs: call
create or replace table daily_figure as
select * from figures_of_days('UTC')
order by all;

comment on table daily_figure is 'One row per day (UTC), scope and measure, over the calls at hand. daily_rate adds the pruned ones.';
comment on column daily_figure.day is 'Day (UTC) on which the calls began.';
comment on column daily_figure.scope is 'all, trunk, site or peer.';
comment on column daily_figure.name is 'Which trunk, site or peer.';
comment on column daily_figure.measure is 'answered, bypass_as_expected, bypassed, one_way.';
comment on column daily_figure.hits is 'Calls that show it.';
comment on column daily_figure.total is 'Calls that could be decided.';
comment on column daily_figure.unknown is 'Calls that could not.';
