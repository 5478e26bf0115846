-- name: get_cursor_key()$
-- The key that all processes seal their cursors with.
select cursor_key.secret from cursor_key;
