"""Mail where there is no mail server. In a file of its own, for the servers of another would send it."""

import asyncio
from pathlib import Path
from uuid import uuid4

import httpx

from newsroom import Newsroom, fine
from servers import serving


async def test_without_a_mail_server_mails_can_be_read_where_the_log_goes(
    newsroom: Newsroom, application_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(application_url, log, EDITORIAL_SMTP_URL="print:") as server:
        async with httpx.AsyncClient(base_url=server, timeout=30) as client:
            header = {"Authorization": f"Bearer {newsroom.administrator.token}"}
            email = f"{uuid4().hex[:12]}@newsroom.example"
            body = {"email": email, "display_name": "PersonName", "roles": []}
            person = fine(await client.post("/v1/people", json=body, headers=header))
            token = person["invitation"]["token"]
            assert person["invitation"]["is_mailed"] is False
            async with asyncio.timeout(30):
                while f"A mail to {email}" not in log.read_text():
                    await asyncio.sleep(0.1)
    assert f"  | {token}\n" in log.read_text()
