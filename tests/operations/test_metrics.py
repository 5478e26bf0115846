"""What those hear who look after the installation: metrics that Prometheus understands, and log lines."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chaos.engines import program
from newsroom import Newsroom
from servers import serving

GROWS = {
    "editorial_http_requests",
    "editorial_job_runs",
    "editorial_job_items",
    "editorial_public_hits",
    "editorial_public_unchanged",
    "editorial_public_made",
    "editorial_public_refused",
    "editorial_replica_reads",
    "editorial_replica_refused",
}
"""What only grows, by the name of its family: a counter, whose series end in `_total`."""
BASE_UNITS = ("_seconds", "_bytes")
OTHER_UNITS = ("_ms", "_milliseconds", "_minutes", "_hours", "_mb", "_kb", "_percent", "_duration", "_memory")


async def told(client: httpx.AsyncClient) -> str:
    return (await client.get("/metrics")).raise_for_status().text


def value(metrics: str, name: str) -> float:
    (found,) = [
        sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == name
    ]
    return float(found)


async def test_every_metric_has_the_type_the_name_and_the_unit_that_prometheus_expects(
    newsroom: Newsroom,
) -> None:
    await newsroom.client.get("/v1/me")
    families = list(text_string_to_metric_families(await told(newsroom.client)))
    assert {one.name for one in families if one.type == "counter"} == GROWS
    for one in families:
        assert one.type in {"counter", "gauge", "histogram"}, one.name
        assert one.documentation, one.name
        assert one.name.startswith("editorial_")
        assert not one.name.endswith(OTHER_UNITS), one.name
        for sample in one.samples:
            if one.type == "counter":
                assert sample.name == f"{one.name}_total"
            elif one.type == "gauge":
                assert sample.name == one.name
                assert not sample.name.endswith(("_total", "_count", "_sum", "_created")), sample.name
            else:
                assert one.name.endswith(BASE_UNITS)
                assert sample.name.removeprefix(one.name) in {"_bucket", "_count", "_sum"}


@pytest.mark.skipif(program("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
async def test_promtool_has_nothing_to_say(newsroom: Newsroom) -> None:
    checked = subprocess.run(
        [str(program("promtool")), "check", "metrics"],
        input=await told(newsroom.client),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


async def test_a_counter_counts(application_url: str, newsroom: Newsroom, tmp_path: Path) -> None:
    """What a reader gets from memory is counted at once, and as often as it is given."""
    assert newsroom
    with serving(application_url, tmp_path / "log", EDITORIAL_DATA_DIR=str(tmp_path)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            first = await client.get("/v1/published/en")
            for _ in range(3):
                again = await client.get("/v1/published/en", headers={"If-None-Match": first.headers["etag"]})
                assert again.status_code == 304
            metrics = await told(client)
            assert value(metrics, "editorial_public_made_total") == 1
            assert value(metrics, "editorial_public_hits_total") == 3
            assert value(metrics, "editorial_public_unchanged_total") == 3
            assert value(metrics, "editorial_public_refused_total") == 0


async def test_each_line_of_a_request_says_how_long_it_took(
    application_url: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    assert newsroom
    log = tmp_path / "log"
    with serving(application_url, log, EDITORIAL_DATA_DIR=str(tmp_path)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            for path in ("/healthz", "/v1/me", "/v1/nowhere", "/v1/published/en"):
                await client.get(path, headers={"X-Request-Id": "how-long-it-took"})
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [200, 401, 404, 200]
    for line in requests:
        assert 0 < line["duration_seconds"] < 30
        assert line["request_id"] == "how-long-it-took"
