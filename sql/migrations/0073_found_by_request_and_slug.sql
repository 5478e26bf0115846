-- What one request did, and whose address a slug is, are found by an index.
-- depends: 0072_found_by_the_horizon

-- migrate: apply

-- In the order of the trail, so that a page is read in it and nothing is sorted.
create index trail_entry_of_request on trail_entry (request_id, at, id);

create index slug_by_name on slug (slug);

-- Which editions of a commentary are listed for a person, by how much of it they see.
create function lists_edition(
    sight text, is_source boolean, wanted boolean, status text, language text, languages text[]
) returns boolean
language sql immutable parallel safe
as $$
    select (wanted or status = 'live') and case sight
        when 'whole' then true
        when 'translation' then is_source or status = 'live' or language = any(languages)
        else status = 'live'
    end
$$;

revoke all on function lists_edition(text, boolean, boolean, text, text, text[]) from public;
grant execute on function lists_edition(text, boolean, boolean, text, text, text[]) to editorial_app;

-- migrate: rollback
