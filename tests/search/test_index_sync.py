"""The index follows its source: it reads only what changed, and survives killed writers and damaged files."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import tantivy

from samsvar.search import index_sync
from samsvar.search.index_sync import IndexBeingBuilt, IndexFolderUnusable, IndexUpdater, InMemorySource
from samsvar.search.items import IndexGroup, SearchItem
from samsvar.search.query import parse_query_text


def make_group(name: str, *texts: str, fingerprint: str = "1") -> IndexGroup:
    found = [SearchItem(f"finding/{name}-{n}", f"report/{name}", "finding", text, "en") for n, text in enumerate(texts)]
    return IndexGroup(f"report/{name}", fingerprint, found)


class RecordingSource(InMemorySource):
    """A source that records which groups were read from it."""

    def __init__(self, *groups: IndexGroup) -> None:
        super().__init__(groups)
        self.read: list[str] = []
        self.asked = 0

    def fingerprints(self) -> Mapping[str, str]:
        self.asked += 1
        return super().fingerprints()

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        for group in super().groups(fingerprints):
            self.read.append(group.name)
            yield group


def result_ids(follower: IndexUpdater, asked: str = "") -> list[str]:
    return sorted(
        hit.item.id for hit in follower.get_current_index().engine.search(parse_query_text(asked), limit=100).hits
    )


def test_only_what_has_changed_is_read_again(tmp_path):
    source = RecordingSource(make_group("a", "shelters"), make_group("b", "orders"))
    follower = IndexUpdater(tmp_path, source)
    assert result_ids(follower) == ["finding/a-0", "finding/b-0"]
    assert (source.read, source.asked) == (["report/a", "report/b"], 1)

    assert result_ids(follower, "shelter") == ["finding/a-0"]
    assert source.asked == 1  # the number alone shows that nothing has changed

    source.put(make_group("b", "helplines", fingerprint="2"), make_group("c", "shelters"), removed=["report/a"])
    assert result_ids(follower, "shelter") == ["finding/c-0"]
    assert result_ids(follower, "orders") == []
    assert source.read == ["report/a", "report/b", "report/b", "report/c"]


def test_a_second_follower_uses_what_the_first_has_written_and_reads_nothing_itself(tmp_path):
    source = RecordingSource(make_group("a", "shelters"))
    first, second = IndexUpdater(tmp_path, source), IndexUpdater(tmp_path, source)
    assert result_ids(first) == result_ids(second) == ["finding/a-0"]
    source.put(make_group("b", "orders"))
    assert result_ids(first) == result_ids(second) == ["finding/a-0", "finding/b-0"]
    assert source.read == ["report/a", "report/b"]


def test_a_change_number_that_goes_back_is_followed_too(tmp_path):
    source = RecordingSource(make_group("a", "shelters"))
    follower = IndexUpdater(tmp_path, source)
    source.put(make_group("b", "orders"))
    assert len(result_ids(follower)) == 2
    source.put(removed=["report/b"])
    source.number = 1  # a backup was restored
    assert result_ids(follower) == ["finding/a-0"]


@pytest.mark.parametrize("number", [0, 9])  # 0: a database that has no change number yet
def test_a_change_that_may_be_rolled_back_is_never_treated_as_settled(tmp_path, number):
    class Unsettled(RecordingSource):
        settled = False

        def get_change_number(self) -> int | None:
            return self.number if self.settled else None

    source = Unsettled(make_group("a", "shelters"))
    follower = IndexUpdater(tmp_path, source)
    source.number = number
    assert result_ids(follower) == ["finding/a-0"]
    source.put(make_group("b", "orders"))
    assert result_ids(follower) == ["finding/a-0", "finding/b-0"]
    source.put(removed=["report/a", "report/b"])  # rolled back, and then a different change under the same number
    source.number, source.settled = number, True
    assert result_ids(follower) == []


def damage_pointer(folder: Path) -> None:
    (pointer,) = folder.glob("current-*")
    pointer.write_bytes(b"\xff../../etc")


def damage_meta(folder: Path) -> None:
    next(folder.glob("index-*/meta.json")).write_text("{")


def damage_store(folder: Path) -> None:
    files = [*folder.glob("index-*/*.store")]
    assert files
    for file in files:
        file.unlink()


@pytest.mark.parametrize("damage", [damage_pointer, damage_meta, damage_store, shutil.rmtree])
@pytest.mark.parametrize("same_process", [True, False])
@pytest.mark.parametrize("changed", [True, False])
def test_a_damaged_or_deleted_index_is_rebuilt(tmp_path, damage, same_process, changed):
    source = RecordingSource(make_group("a", "shelters"))
    follower = IndexUpdater(tmp_path / "search", source)
    result_ids(follower)
    damage(tmp_path / "search")
    if changed:
        source.put(make_group("b", "orders"))
    if not same_process:
        follower = IndexUpdater(tmp_path / "search", source)
    assert result_ids(follower) == (["finding/a-0", "finding/b-0"] if changed else ["finding/a-0"])
    follower.rebuild()
    assert result_ids(IndexUpdater(tmp_path / "search", source)) == result_ids(follower)
    assert len([*(tmp_path / "search").glob("index-*")]) == 1


def test_an_index_that_fails_during_a_search_is_rebuilt_once_for_all_followers(tmp_path):
    source = RecordingSource(make_group("a", "shelters"))
    one, other = IndexUpdater(tmp_path, source), IndexUpdater(tmp_path, source)
    damaged, same = one.get_current_index().engine, other.get_current_index().engine
    mended = one.replace_damaged_index(damaged)
    assert mended.engine.folder != damaged.folder
    assert one.get_current_index().engine is mended.engine
    assert other.replace_damaged_index(same).engine.folder == mended.engine.folder
    assert result_ids(one) == result_ids(other) == ["finding/a-0"]
    assert source.read == ["report/a", "report/a"]  # built twice in all, not three times


@pytest.mark.parametrize("name", ["../index-elsewhere", "index-/../../elsewhere", "lock", ""])
def test_a_pointer_leads_to_no_folder_but_an_index_of_its_own(tmp_path, name):
    pointer = tmp_path / "current"
    pointer.write_text(name)
    assert IndexUpdater._read_pointer(pointer) == ""
    pointer.write_text("index-12\n")
    assert IndexUpdater._read_pointer(pointer) == "index-12"


def test_a_forked_process_opens_the_index_itself(tmp_path, monkeypatch):
    follower = IndexUpdater(tmp_path, RecordingSource(make_group("a", "shelters")))
    engine = follower.get_current_index().engine
    assert follower.get_current_index().engine is engine
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    assert follower.get_current_index().engine is not engine


def test_an_index_with_other_columns_is_rebuilt(tmp_path):
    source = RecordingSource(make_group("a", "shelters"))
    builder = tantivy.SchemaBuilder()
    for name in ("role", "group", "old"):
        builder.add_text_field(name, stored=True)
    (tmp_path / "index-old").mkdir()
    tantivy.Index(builder.build(), path=str(tmp_path / "index-old"))
    IndexUpdater(tmp_path, source)._pointer_path.write_text("index-old")
    assert result_ids(IndexUpdater(tmp_path, source)) == ["finding/a-0"]


@pytest.mark.parametrize(
    ("name", "value"), [("INDEX_FORMAT", index_sync.INDEX_FORMAT + 1), ("thesaurus_version", lambda: "another")]
)
def test_an_index_of_another_format_or_thesaurus_is_kept_and_a_new_one_is_built_beside_it(
    tmp_path, monkeypatch, name, value
):
    source = RecordingSource(make_group("a", "shelters"))
    old = IndexUpdater(tmp_path, source)
    result_ids(old)
    monkeypatch.setattr(index_sync, name, value)
    assert result_ids(IndexUpdater(tmp_path, source)) == ["finding/a-0"]
    assert source.read == ["report/a", "report/a"]
    monkeypatch.undo()
    assert result_ids(IndexUpdater(tmp_path, source)) == ["finding/a-0"]
    assert source.read == ["report/a", "report/a"]  # the older version of the site still finds its own index


def _search_with_another_version(folder: Path, parent: multiprocessing.connection.Connection) -> None:
    index_sync.INDEX_FORMAT += 1
    follower = IndexUpdater(folder, InMemorySource([make_group("a", "shelters")]))
    while True:
        parent.send(result_ids(follower))
        parent.recv()


def test_an_index_of_another_version_is_removed_once_its_last_process_has_ended(tmp_path):
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=_search_with_another_version, args=(tmp_path, there))
    other.start()
    assert here.poll(60)
    assert here.recv() == ["finding/a-0"]
    source = InMemorySource([make_group("a", "shelters")])
    follower = IndexUpdater(tmp_path, source)
    for texts in (["orders"], ["helplines"]):  # building and changing an index both remove what is not used
        source.put(make_group("b", *texts, fingerprint=texts[0]))
        assert result_ids(follower) == ["finding/a-0", "finding/b-0"]
    assert result_ids(IndexUpdater(tmp_path, source)) == ["finding/a-0", "finding/b-0"]  # as does a new process
    assert [len([*tmp_path.glob(kind)]) for kind in ("index-*", "current-*", "in-use-*")] == [2, 2, 2]
    here.send("again")
    assert here.poll(60)
    assert here.recv() == ["finding/a-0"]
    assert other.pid is not None
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    assert result_ids(IndexUpdater(tmp_path, source)) == ["finding/a-0", "finding/b-0"]
    assert [len([*tmp_path.glob(kind)]) for kind in ("index-*", "current-*", "in-use-*")] == [1, 1, 1]


def test_an_unused_index_of_another_version_is_removed_with_the_next_change(tmp_path, monkeypatch):
    source = InMemorySource([make_group("a", "shelters")])
    monkeypatch.setattr(index_sync, "INDEX_FORMAT", index_sync.INDEX_FORMAT + 1)
    other = IndexUpdater(tmp_path, source)
    result_ids(other)
    monkeypatch.undo()
    follower = IndexUpdater(tmp_path, source)
    result_ids(follower)
    assert len([*tmp_path.glob("index-*")]) == 2
    del other
    source.put(make_group("b", "orders"))
    assert result_ids(follower) == ["finding/a-0", "finding/b-0"]
    assert [len([*tmp_path.glob(kind)]) for kind in ("index-*", "current-*", "in-use-*")] == [1, 1, 1]


def test_searches_are_answered_by_the_old_index_while_a_new_one_is_built(tmp_path):
    answers: list[list[str]] = []

    class Searched(InMemorySource):
        def groups(self, fingerprints: Mapping[str, str]) -> Iterator[IndexGroup]:
            if len([*tmp_path.glob("index-*")]) == 2:  # in the middle of the rebuild
                answers.append(result_ids(reader))
            yield from super().groups(fingerprints)

    source = Searched([make_group("a", "shelters")])
    builder, reader = IndexUpdater(tmp_path, source), IndexUpdater(tmp_path, source)
    assert result_ids(reader) == ["finding/a-0"]
    builder.rebuild()
    assert answers == [["finding/a-0"]]
    assert result_ids(reader) == ["finding/a-0"]
    assert len([*tmp_path.glob("index-*")]) == 1


def _hang_while_writing(folder: Path, number: int, started: multiprocessing.synchronize.Event) -> None:
    class Hangs(InMemorySource):
        def groups(self, fingerprints: Mapping[str, str]) -> Iterator[IndexGroup]:
            yield from super().groups(fingerprints)
            started.set()
            time.sleep(60)

    source = Hangs([make_group("a", "shelters"), make_group("b", "orders", fingerprint="2")])
    source.number = number
    IndexUpdater(folder, source).get_current_index()


@pytest.mark.parametrize("built_before", [True, False])
def test_a_killed_writer_leaves_the_old_index_and_releases_the_lock(tmp_path, built_before):
    source = InMemorySource([make_group("a", "shelters")])
    follower = IndexUpdater(tmp_path, source, lock_timeout=0.05)
    if built_before:
        result_ids(follower)
    context = multiprocessing.get_context("spawn")  # the engine's threads do not survive a fork
    started = context.Event()
    writer = context.Process(target=_hang_while_writing, args=(tmp_path, 2, started))
    writer.start()
    assert started.wait(30)
    source.put(make_group("c", "helplines"))
    if built_before:  # during the other write the old index answers, and says that it is behind
        now = follower.get_current_index()
        assert now.is_stale
        assert now.engine.search(parse_query_text("")).count == 1
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    now = follower.get_current_index()
    assert not now.is_stale
    assert result_ids(follower) == ["finding/a-0", "finding/c-0"]
    assert len([*tmp_path.glob("index-*")]) == 1


def test_other_readers_get_an_error_while_the_first_index_is_built(tmp_path, monkeypatch):
    monkeypatch.setattr(index_sync, "FIRST_BUILD_TIMEOUT", 0.05)
    source = InMemorySource([make_group("a", "shelters")])
    builder, reader = IndexUpdater(tmp_path, source), IndexUpdater(tmp_path, source)
    with builder._hold_write_lock(None) as held:
        assert held
        with pytest.raises(IndexBeingBuilt):
            reader.get_current_index()
    assert result_ids(reader) == ["finding/a-0"]


def test_an_unusable_folder_is_an_error_with_advice(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(IndexFolderUnusable) as problem:
        IndexUpdater(tmp_path / "file" / "search", InMemorySource()).get_current_index()
    assert problem.value.advice


def test_concurrent_searches_find_what_was_there_when_they_started(tmp_path):
    source = InMemorySource([make_group("r0", "shelters")])
    follower = IndexUpdater(tmp_path, source)
    wrong: list[tuple[int, int]] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            before = source.number
            count = follower.get_current_index().engine.search(parse_query_text("shelter"), limit=1).count
            if count < before:
                wrong.append((before, count))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(1, 15):
        groups = {**source._groups, f"report/r{number}": make_group(f"r{number}", "shelters")}
        source._groups = groups
        source.number = number + 1  # the number changes after the content, as in one transaction
    done.set()
    for asker in askers:
        asker.join()
    assert wrong == []
    assert len(result_ids(follower, "shelter")) == 15
