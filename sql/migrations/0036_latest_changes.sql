-- What feeds read: the latest changes of a language, publications and retractions together.
-- depends: 0035_search

-- migrate: apply

create index edition_changed on edition (language, coalesce(retracted_at, published_at) desc)
where live_revision is not null or retracted_at is not null;

-- migrate: rollback
