-- name: list_service_tokens(before, page)
-- The tokens of services, newest first.
select
    service_token.id, service_token.name, service_token.prefix, service_token.scopes, service_token.created_at,
    service_token.expires_at, service_token.revoked_at, service_token_use.used_at
from service_token
left join service_token_use on service_token_use.token_id = service_token.id
where :before::uuid is null or service_token.id < :before
order by service_token.id desc
limit :page;

-- name: get_service_token(id)^
-- One token of a service.
select
    service_token.id, service_token.name, service_token.prefix, service_token.scopes, service_token.created_at,
    service_token.expires_at, service_token.revoked_at, service_token_use.used_at
from service_token
left join service_token_use on service_token_use.token_id = service_token.id
where service_token.id = :id;

-- name: add_service_token(id, name, prefix, token_hash, scopes, days)!
-- A new token of a service, of which the hash is kept.
insert into service_token (id, name, prefix, token_hash, scopes, expires_at)
values (:id, :name, :prefix, :token_hash, :scopes, now() + make_interval(days => :days));

-- name: revoke_service_token(id)$
-- A token of a service is void from now on. Once revoked, it stays so as it was.
update service_token set revoked_at = coalesce(revoked_at, clock_timestamp())
where id = :id
returning id;
