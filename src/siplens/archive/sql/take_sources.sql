/* Enters the arriving files that are not known, and says in `taken` which number each has here. */
insert into source by name
select
    * exclude (day),
    nextval('source_number') as source_id
from arriving_source
where sha256 not in (select source.sha256 from source);

create or replace temp table taken as
select
    arriving_source.sha256,
    source.source_id
from arriving_source
inner join source using (sha256)
