/*
The ends of the 95 % score interval of a rate of hits among total (E. B. Wilson, JASA 22, 1927); NULL without cases. z = 1.959964.
At no hits the lower end is 0, at nothing but hits the upper end is 1: rounding must not say otherwise.
*/
create or replace macro wilson_low(hits, total) as case
    when total = 0 then null
    when hits = 0 then 0.0
    else
        (hits + 1.920729 - 1.959964 * sqrt(hits * (total - hits) / total::double + 0.960365)) / (total + 3.841459)
end;

create or replace macro wilson_high(hits, total) as case
    when total = 0 then null
    when hits = total then 1.0
    else
        (hits + 1.920729 + 1.959964 * sqrt(hits * (total - hits) / total::double + 0.960365)) / (total + 3.841459)
end;
