/* One row per criterion of the bypass decision: the headers of the files in criteria/, filled when they are put together. */
create table if not exists criterion (criterion varchar, title varchar, document varchar, requirement varchar);

comment on table criterion is 'One row per criterion of the bypass decision.';
comment on column criterion.criterion is 'Name.';
comment on column criterion.title is 'What must hold, in a sentence.';
comment on column criterion.document is 'Microsoft''s document and section or property that it rests on.';
comment on column criterion.requirement is
'1 early dialogs, 2 direct media, 3 well connected: the technical requirements for media bypass; else the group it belongs to.';
