"""Where a model comes from, with the real client against a real server on loopback."""

from __future__ import annotations

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import constants

from s2i import hub
from s2i.bundle import read_header, save_bundle
from s2i.config import ModelConfig
from s2i.errors import DownloadCancelledError, HubError
from s2i.model_files import model_names
from s2i.pipeline import SketchToImage
from tests.hub_server import COMMIT, serve_hub
from tests.large_bundle import large_bundle

DATA = large_bundle()
NAME = "someone/model"


@pytest.fixture(autouse=True)
def _environment(monkeypatch, tmp_path):
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_ENDPOINT", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # the client reads the variable when it is imported
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("S2I_MODELS_DIR", str(tmp_path / "models"))


@pytest.fixture
def server(monkeypatch):
    with serve_hub({"model.safetensors": DATA}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


@pytest.fixture
def models(tmp_path) -> Path:
    return tmp_path / "models"


def kept(models: Path) -> list[str]:
    """All that is in a models folder, but the empty locks of downloads."""
    return [p.name for p in models.rglob("*") if p.is_file() and p.stat().st_size]


def test_a_file_is_downloaded_once_and_then_local(server, models):
    seen = []
    path = hub.resolve(NAME, progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == DATA and path.parent == models
    assert seen[-1] == (len(DATA), len(DATA)) and seen == sorted(seen)
    count = len(server.requests)
    assert hub.resolve(NAME) == path and len(server.requests) == count, "no network call for what is here"
    assert kept(models) == [path.name], "no temporary file is left"


def test_the_download_is_pinned_to_the_commit(server):
    hub.resolve(NAME)
    gets = [path for method, path in server.requests if method == "GET"]
    assert gets == [f"/{NAME}/resolve/{COMMIT}/model.safetensors"]


def test_a_cut_connection_is_taken_up_again(server):
    server.cut_after, server.cuts = 1_200_000, 2
    assert hub.resolve(NAME).read_bytes() == DATA
    assert sum(method == "GET" for method, _ in server.requests) == 3


def test_a_cancelled_download_leaves_nothing_and_can_be_started_again(server, models):
    with pytest.raises(DownloadCancelledError, match="stopped at"):
        hub.resolve(NAME, cancelled=lambda: True)
    assert kept(models) == []
    assert hub.resolve(NAME).read_bytes() == DATA


def test_a_wrong_checksum_is_refused_and_nothing_is_left(server, models):
    server.lie_about_sha256 = True
    with pytest.raises(HubError, match="sha256"):
        hub.resolve(NAME)
    assert kept(models) == []


def test_a_known_models_own_checksum_is_checked(server, monkeypatch):
    known = hub.HubModel(NAME, "model.safetensors", sha256=hashlib.sha256(b"other").hexdigest())
    monkeypatch.setitem(hub.KNOWN_MODELS, "nice-model", known)
    with pytest.raises(HubError, match="sha256"):
        hub.resolve("nice-model")


def test_a_known_name_finds_its_repository(server, monkeypatch):
    monkeypatch.setitem(hub.KNOWN_MODELS, "nice-model", hub.HubModel(NAME, "model.safetensors"))
    assert hub.resolve("nice-model").read_bytes() == DATA


def _facts(message: str, server_url: str, models: Path) -> None:
    """What a person needs to help themselves, in one line."""
    assert "model.safetensors" in message and server_url in message
    assert str(models) in message and "HF_ENDPOINT" in message and "\n" not in message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no/such", "no such repository"),
        (f"{NAME}@v9", "no revision 'v9'"),
        (f"{NAME}:other.safetensors", "no such file"),
    ],
)
def test_what_is_not_there_is_said_plainly(server, name, reason):
    with pytest.raises(HubError, match=reason):
        hub.resolve(name)


def test_a_gated_repository_asks_for_a_token(server, models, monkeypatch):
    server.gated, server.token = {NAME}, "secret"
    with pytest.raises(HubError, match="HF_TOKEN") as error:
        hub.resolve(NAME)
    _facts(str(error.value), server.url, models)
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert hub.resolve(NAME).read_bytes() == DATA


def test_no_network_at_all(monkeypatch, models):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError) as error:
        hub.resolve(NAME)
    _facts(str(error.value), "http://127.0.0.1:9", models)


def test_offline_mode_makes_no_request(server, monkeypatch, models):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubError, match="HF_HUB_OFFLINE"):
        hub.resolve(NAME)
    assert server.requests == [] and not models.exists()


def test_local_files_win_without_the_network(monkeypatch, tmp_path, models):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    models.mkdir()
    (models / "mine.safetensors").write_bytes(b"x")
    (tmp_path / "there.safetensors").write_bytes(b"y")
    assert hub.resolve("mine") == models / "mine.safetensors"
    assert hub.resolve("mine.safetensors") == models / "mine.safetensors"
    assert hub.resolve(tmp_path / "there.safetensors") == tmp_path / "there.safetensors"
    assert hub.resolve("mine", models_dir=models) == models / "mine.safetensors"


@pytest.mark.parametrize("name", ["nothing", "/no/where.safetensors", "../escape"])
def test_an_unknown_name_says_where_it_looked(name, models):
    with pytest.raises(HubError, match=str(models)):
        hub.resolve(name)


def test_a_bundle_is_pushed_with_a_card_and_comes_back(server, tmp_path):
    model = SketchToImage.from_config(ModelConfig.tiny())
    parts = {name: part.state_dict() for name, part in model.module.named_children()}
    save_bundle(tmp_path / "mine.safetensors", parts, model.config, {"licence": "mit", "pictures": 12})
    assert server.url in hub.push(tmp_path / "mine.safetensors", "me/mine")
    card = server.repos["me/mine"]["README.md"].decode()
    assert card.startswith("---\nlicense: mit") and "| pictures | 12 |" in card
    path = hub.resolve("me/mine")
    assert read_header(path)[1] == {"licence": "mit", "pictures": 12}


def test_a_push_that_may_not_write_says_so(server, tmp_path):
    server.token = "secret"
    model = SketchToImage.from_config(ModelConfig.tiny())
    parts = {name: part.state_dict() for name, part in model.module.named_children()}
    save_bundle(tmp_path / "mine.safetensors", parts, model.config, {})
    with pytest.raises(HubError, match="HF_TOKEN"):
        hub.push(tmp_path / "mine.safetensors", "me/mine")


@pytest.mark.parametrize(
    "file", ["../../evil.safetensors", "/etc/x.safetensors", "a/../b.safetensors", "x.pth", "a\\b.safetensors"]
)
def test_a_file_outside_the_repository_is_no_file_of_it(server, file):
    with pytest.raises(HubError, match="not a file of a repository"):
        hub.resolve(NAME, filename=file)
    assert server.requests == []


def held(server) -> tuple[threading.Event, threading.Event]:
    """Downloads wait: an event that one has begun, and one that lets them go on."""
    began, go_on = threading.Event(), threading.Event()

    def slow(handler):
        if handler.command == "GET":
            began.set()
            go_on.wait(20)
        return False

    server.fault = slow
    return began, go_on


def test_a_second_download_at_the_same_time_waits_and_takes_what_the_first_brought(server, models):
    began, go_on = held(server)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hub.resolve, NAME)
        assert began.wait(20)
        second = pool.submit(hub.resolve, NAME)
        time.sleep(0.5)
        assert not second.done()
        go_on.set()
        assert first.result(60) == second.result(60)
    assert sum(method == "GET" for method, _ in server.requests) == 1 and len(kept(models)) == 1


def test_one_who_waits_can_stop_waiting(server, models):
    began, go_on = held(server)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(hub.resolve, NAME)
        assert began.wait(20)
        with pytest.raises(DownloadCancelledError, match="another one"):
            hub.resolve(NAME, cancelled=lambda: True)
        go_on.set()
        assert first.result(60).read_bytes() == DATA


@pytest.mark.parametrize("junk", [b"<html>Please log in</html>", b"", DATA[:100_000]])
def test_a_login_page_that_an_earlier_version_kept_is_fetched_again(server, models, junk):
    models.mkdir()
    (models / hub.hub_file(NAME)).write_bytes(junk)
    assert hub.resolve(NAME).read_bytes() == DATA


def test_no_two_files_of_the_hub_share_a_name():
    names = ["a/b", "a/b@v1", "a/b:one/b.safetensors", "a/b:two/b.safetensors", "a/b@experiment-2024-01",
             "a/b@experiment-2024-02", "a/b@one:b.safetensors", f"a/b@{'0' * 39}1", f"a/b@{'1' * 40}"]
    files = [hub.hub_file(name) for name in names]
    assert len(set(files)) == len(files) and not any("/" in file for file in files)
    assert files[0] == "a--b--b.safetensors" and files[-1] == "a--b--111111111111--b.safetensors"


def test_a_file_that_is_not_there_is_not_looked_for_on_the_hub(models):
    with pytest.raises(HubError, match=r"mine\.safetensors"):
        hub.resolve("runs/mine.safetensors")
    assert hub.hub_file("owner/mine") == "owner--mine--mine.safetensors"


def test_no_token_but_the_one_given_leaves_this_machine(server, monkeypatch, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").write_text("hf_lying_about")
    seen = []
    server.fault = lambda handler: seen.append(handler.headers.get("Authorization")) or False
    hub.resolve(NAME)
    assert seen and set(seen) == {None}


def test_a_bundle_that_an_installation_lacks_is_named_with_its_place(monkeypatch, tmp_path):
    monkeypatch.setattr(model_names, "bundled_path", lambda: tmp_path / "art.safetensors")
    with pytest.raises(HubError, match="reinstall") as error:
        hub.resolve()
    assert str(tmp_path) in str(error.value) and "art.safetensors" in str(error.value)
