"""The index follows its source: what changed and nothing else, and whatever is killed or damaged."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import tantivy

from samsvar.search import following
from samsvar.search.engine import Findable, Group
from samsvar.search.following import Collected, FolderUnusable, Follower, IndexBeingBuilt
from samsvar.search.query import parse


def report(name: str, *texts: str, fingerprint: str = "1") -> Group:
    found = [Findable(f"finding/{name}-{n}", f"report/{name}", "finding", text, "en") for n, text in enumerate(texts)]
    return Group(f"report/{name}", fingerprint, found)


class Watched(Collected):
    """A source that remembers which groups were read from it."""

    def __init__(self, *groups: Group) -> None:
        super().__init__(groups)
        self.read: list[str] = []
        self.asked = 0

    def fingerprints(self) -> Mapping[str, str]:
        self.asked += 1
        return super().fingerprints()

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[Group]:
        for group in super().groups(fingerprints):
            self.read.append(group.name)
            yield group


def found(follower: Follower, asked: str = "") -> list[str]:
    return sorted(hit.found.id for hit in follower.followed().engine.search(parse(asked), many=100).hits)


def test_only_what_has_changed_is_read_again(tmp_path):
    source = Watched(report("a", "shelters"), report("b", "orders"))
    follower = Follower(tmp_path, source)
    assert found(follower) == ["finding/a-0", "finding/b-0"]
    assert (source.read, source.asked) == (["report/a", "report/b"], 1)

    assert found(follower, "shelter") == ["finding/a-0"]
    assert source.asked == 1  # the number alone says that nothing has changed

    source.put(report("b", "helplines", fingerprint="2"), report("c", "shelters"), gone=["report/a"])
    assert found(follower, "shelter") == ["finding/c-0"]
    assert found(follower, "orders") == []
    assert source.read == ["report/a", "report/b", "report/b", "report/c"]


def test_a_second_process_sees_what_the_first_has_written_and_reads_nothing_itself(tmp_path):
    source = Watched(report("a", "shelters"))
    first, second = Follower(tmp_path, source), Follower(tmp_path, source)
    assert found(first) == found(second) == ["finding/a-0"]
    source.put(report("b", "orders"))
    assert found(first) == found(second) == ["finding/a-0", "finding/b-0"]
    assert source.read == ["report/a", "report/b"]


def test_a_number_that_goes_back_is_followed_too(tmp_path):
    source = Watched(report("a", "shelters"))
    follower = Follower(tmp_path, source)
    source.put(report("b", "orders"))
    assert len(found(follower)) == 2
    source.put(gone=["report/b"])
    source.number = 1  # a backup was restored
    assert found(follower) == ["finding/a-0"]


def test_what_may_be_rolled_back_is_never_taken_for_settled(tmp_path):
    class Unsettled(Watched):
        settled = False

        def change_number(self) -> int | None:
            return self.number if self.settled else None

    source = Unsettled(report("a", "shelters"))
    follower = Follower(tmp_path, source)
    source.number = 9
    assert found(follower) == ["finding/a-0"]
    source.put(gone=["report/a"])  # rolled back, and something else done under the same number
    source.number, source.settled = 9, True
    assert found(follower) == []


def damage_pointer(folder: Path) -> None:
    (folder / f"current-{following.FORMAT}").write_bytes(b"\xff../../etc")


def damage_meta(folder: Path) -> None:
    next(folder.glob("index-*/meta.json")).write_text("{")


def damage_store(folder: Path) -> None:
    for file in folder.glob("index-*/*.store"):
        file.unlink()


@pytest.mark.parametrize("damage", [damage_pointer, damage_meta, damage_store, shutil.rmtree])
@pytest.mark.parametrize("same_process", [True, False])
@pytest.mark.parametrize("changed", [True, False])
def test_a_damaged_or_deleted_index_is_built_anew(tmp_path, damage, same_process, changed):
    source = Watched(report("a", "shelters"))
    follower = Follower(tmp_path / "search", source)
    found(follower)
    damage(tmp_path / "search")
    if changed:
        source.put(report("b", "orders"))
    if not same_process:
        follower = Follower(tmp_path / "search", source)
    assert found(follower) == (["finding/a-0", "finding/b-0"] if changed else ["finding/a-0"])
    follower.rebuild()
    assert found(Follower(tmp_path / "search", source)) == found(follower)
    assert len([*(tmp_path / "search").glob("index-*")]) == 1


def test_an_index_that_fails_when_it_is_asked_is_mended_once_for_all(tmp_path):
    source = Watched(report("a", "shelters"))
    one, other = Follower(tmp_path, source), Follower(tmp_path, source)
    damaged, same = one.followed().engine, other.followed().engine
    mended = one.mended(damaged)
    assert mended.engine.folder != damaged.folder
    assert one.followed().engine is mended.engine
    assert other.mended(same).engine.folder == mended.engine.folder
    assert found(one) == found(other) == ["finding/a-0"]
    assert source.read == ["report/a", "report/a"]  # built twice in all, not three times


def test_an_index_with_other_columns_is_built_anew(tmp_path):
    source = Watched(report("a", "shelters"))
    builder = tantivy.SchemaBuilder()
    for name in ("role", "group", "old"):
        builder.add_text_field(name, stored=True)
    (tmp_path / "index-old").mkdir()
    tantivy.Index(builder.build(), path=str(tmp_path / "index-old"))
    (tmp_path / f"current-{following.FORMAT}").write_text("index-old")
    assert found(Follower(tmp_path, source)) == ["finding/a-0"]


def test_an_index_of_another_format_is_left_alone_and_a_new_one_built_beside_it(tmp_path, monkeypatch):
    source = Watched(report("a", "shelters"))
    old = Follower(tmp_path, source)
    found(old)
    monkeypatch.setattr(following, "FORMAT", following.FORMAT + 1)
    assert found(Follower(tmp_path, source)) == ["finding/a-0"]
    assert source.read == ["report/a", "report/a"]
    monkeypatch.undo()
    assert found(Follower(tmp_path, source)) == ["finding/a-0"]
    assert source.read == ["report/a", "report/a"]  # the older version of the site still finds its own


def _hang_while_writing(folder: Path, number: int, started: multiprocessing.synchronize.Event) -> None:
    class Hangs(Collected):
        def groups(self, fingerprints: Mapping[str, str]) -> Iterator[Group]:
            yield from super().groups(fingerprints)
            started.set()
            time.sleep(60)

    source = Hangs([report("a", "shelters"), report("b", "orders", fingerprint="2")])
    source.number = number
    Follower(folder, source).followed()


@pytest.mark.parametrize("built_before", [True, False])
def test_a_killed_writer_leaves_the_old_index_and_gives_the_pen_back(tmp_path, built_before):
    source = Collected([report("a", "shelters")])
    follower = Follower(tmp_path, source, patience=0.05)
    if built_before:
        found(follower)
    context = multiprocessing.get_context("spawn")  # the engine's threads do not live through a fork
    started = context.Event()
    writer = context.Process(target=_hang_while_writing, args=(tmp_path, 2, started))
    writer.start()
    assert started.wait(30)
    source.put(report("c", "helplines"))
    if built_before:  # while the other one writes, the old index answers, and says so
        now = follower.followed()
        assert now.behind
        assert now.engine.search(parse("")).count == 1
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    now = follower.followed()
    assert not now.behind
    assert found(follower) == ["finding/a-0", "finding/c-0"]
    assert len([*tmp_path.glob("index-*")]) == 1


def test_while_the_first_index_is_built_others_are_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(following, "FIRST_PATIENCE", 0.05)
    source = Collected([report("a", "shelters")])
    builder, reader = Follower(tmp_path, source), Follower(tmp_path, source)
    with builder._pen(None) as held:
        assert held
        with pytest.raises(IndexBeingBuilt):
            reader.followed()
    assert found(reader) == ["finding/a-0"]


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(FolderUnusable) as problem:
        Follower(tmp_path / "file" / "search", Collected()).followed()
    assert problem.value.advice


def test_many_threads_and_a_changing_source_find_what_was_there_when_they_asked(tmp_path):
    source = Collected([report("r0", "shelters")])
    follower = Follower(tmp_path, source)
    wrong: list[tuple[int, int]] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            before = source.number
            count = follower.followed().engine.search(parse("shelter"), many=1).count
            if count < before:
                wrong.append((before, count))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(1, 15):
        groups = {**source._groups, f"report/r{number}": report(f"r{number}", "shelters")}
        source._groups = groups
        source.number = number + 1  # the number after the content, as in one transaction
    done.set()
    for asker in askers:
        asker.join()
    assert wrong == []
    assert len(found(follower, "shelter")) == 15
