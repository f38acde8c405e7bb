/* One row per day (UTC), scope and measure, with the rate and its 95 % Wilson interval: see rates_of_days. */
create or replace view daily_rate as
select * from rates_of_days('UTC');

comment on view daily_rate is 'One row per day (UTC), scope and measure: a rate with its 95 % Wilson interval, pruned calls too.';
comment on column daily_rate.day is 'Day (UTC).';
comment on column daily_rate.scope is 'all, trunk, site, peer or rule.';
comment on column daily_rate.name is 'Which trunk, site, peer or rule.';
comment on column daily_rate.measure is 'answered, bypass_as_expected, bypassed, one_way; failed for a rule.';
comment on column daily_rate.hits is 'Cases that show it.';
comment on column daily_rate.total is 'Cases that could be decided: the denominator.';
comment on column daily_rate.unknown is 'Cases that could not be decided; in no rate.';
comment on column daily_rate.rate is 'hits / total; NULL where nothing could be decided.';
comment on column daily_rate.low is 'Lower end of its 95 % Wilson interval.';
comment on column daily_rate.high is 'Upper end.';
