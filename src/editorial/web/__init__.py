"""Between HTTP and the product: who asks, what they sent, how the product's words become answers.

This is what features use; they know nothing of status codes. The rest goes on behind it:
`pipeline` takes every request in, `bodies` and `faults` judge what was sent, `problems` says no,
`answers` and `cursors` say what there is, `origins` lets front ends of other origins in.
"""

from editorial.web.bodies import Body, patched, read_body, read_file, validate
from editorial.web.cursors import read_cursor, write_cursor
from editorial.web.pipeline import operation, person_id_of
from editorial.web.problems import PROBLEM_TYPE, STATUS, Problem, status_of
from editorial.web.responses import (
    Cursor,
    IfMatch,
    Limit,
    Page,
    answer,
    file_answer,
    following_address,
    page_response,
    version_of,
)

__all__ = [
    "PROBLEM_TYPE",
    "STATUS",
    "Body",
    "Cursor",
    "IfMatch",
    "Limit",
    "Page",
    "Problem",
    "answer",
    "file_answer",
    "following_address",
    "operation",
    "page_response",
    "patched",
    "person_id_of",
    "read_body",
    "read_cursor",
    "read_file",
    "status_of",
    "validate",
    "version_of",
    "write_cursor",
]
