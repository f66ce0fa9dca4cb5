"""The container and compose files tell the truth about the tree: what they copy, set and run exists."""

import re
import shlex
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from recruit.__main__ import _parser
from recruit.database.server_settings import WANTED
from recruit.settings import Settings, read
from recruit.vault.bucket import Where
from tests.contracts.house import ROOT, project_files

IMAGE = (ROOT / "deploy/Containerfile").read_text("utf-8")
COMPOSE = (ROOT / "deploy/compose.yaml").read_text("utf-8")
FIELDS = {f"RECRUIT_{field.upper()}" for field in Settings.__struct_fields__}


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE)
    return found


def test_whatever_the_image_copies_is_there() -> None:
    copied = [shlex.split(line)[1:-1] for line in re.findall(r"^COPY .*", IMAGE, re.M) if "--from" not in line]
    files = set(project_files())
    missing = [
        path
        for paths in copied
        for path in paths
        if path not in files and not any(file.startswith(f"{path}/") for file in files)
    ]
    assert len(copied) > 3
    assert missing == []


def test_every_setting_that_they_name_exists() -> None:
    assert set(re.findall(r"\bRECRUIT_[A-Z_]+", IMAGE + COMPOSE)) <= FIELDS


def test_what_the_services_run_is_understood(composed: dict[str, Any]) -> None:
    ours = [service for service in composed["services"].values() if service["image"] == "recruit"]
    for service in ours:
        assert _parser().parse_args(service["command"]).act
    assert len(ours) == 2


def test_volumes_and_networks_and_whom_a_service_waits_for_exist(composed: dict[str, Any]) -> None:
    for name, service in composed["services"].items():
        assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= set(composed["volumes"]), name
        assert set(service["networks"]) <= set(composed["networks"]), name
        assert set(service.get("depends_on", ())) <= set(composed["services"]), name
    kept = dict.fromkeys(re.findall(r"RECRUIT_\w+=(/\S+)", IMAGE))
    mounted = {volume.split(":")[1] for volume in composed["services"]["app"]["volumes"]}
    assert mounted == set(kept)


def test_the_storage_that_it_offers_is_where_its_words_say(composed: dict[str, Any]) -> None:
    """In the compose file and in the documentation."""
    for text in (COMPOSE, (ROOT / "docs/operations.md").read_text("utf-8")):
        (url,) = set(re.findall(r"http://KEY:SECRET@[\w:/]+", text))
        where = Where.of(url)
        host = urlsplit(where.endpoint).hostname
        assert host in composed["services"]
        assert f"-name {where.bucket}'" in composed["services"]["bucket"]["entrypoint"][-1]
        assert f"-master={host}:" in composed["services"]["bucket"]["entrypoint"][-1]
        assert read({"RECRUIT_DOCUMENTS_URL": url}).documents_url == url


def test_its_postgres_keeps_statements_out_of_its_log(composed: dict[str, Any]) -> None:
    said = dict(re.findall(r"-c (\w+)=(\S+)", composed["services"]["records"]["command"]))
    by_name = {wanted.name: wanted for wanted in WANTED}
    assert {name for name in said if not by_name[name].fine(said[name])} == set()
    assert {name for name in by_name if name.startswith("log_")} <= set(said)


def test_the_image_has_what_runs_and_nothing_that_tests() -> None:
    locked = (ROOT / "deploy/requirements.txt").read_text("utf-8")
    assert not re.search(r"^(pytest|playwright|moto|mypy)==", locked, re.M)
    everything = (ROOT / "requirements.txt").read_text("utf-8")
    pins = set(re.findall(r"^[a-z0-9._-]+==\S+", locked, re.M))
    assert len(pins) > 50
    assert pins <= set(re.findall(r"^[a-z0-9._-]+==\S+", everything, re.M))
