"""A policy on a disk is read again when one of its files changes, and only then."""

import os
from pathlib import Path

import pytest

from shared.errors import BadPolicy
from shared.policy_file import policy_texts
from shared.policy_sources import Files


def write(path: Path, text: str, age: float = 0) -> Path:
    path.write_text(text)
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    return path


async def test_a_file_that_stays_the_same_is_read_once(tmp_path: Path) -> None:
    source = Files(write(tmp_path / "policy.yaml", "mode: notify\n"), policy_texts)
    first = await source.fetch("")
    assert first is not None
    assert dict(first.texts) == {"policy.yaml": b"mode: notify\n"}
    assert await source.fetch(first.tag) is None


async def test_a_file_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "policy.yaml", "mode: notify\n", age=10)
    source = Files(path, policy_texts)
    first = await source.fetch("")
    assert first is not None
    write(path, "mode: audit\n")
    second = await source.fetch(first.tag)
    assert second is not None
    assert dict(second.texts) == {"policy.yaml": b"mode: audit\n"}


async def test_a_file_that_comes_to_a_folder_and_one_that_is_included_count_too(tmp_path: Path) -> None:
    (tmp_path / "teams").mkdir()
    write(tmp_path / "policy.yaml", "mode: notify\ninclude: [teams/pay.yaml]\n")
    included = write(tmp_path / "teams" / "pay.yaml", "first_sight: audit\n", age=10)
    source = Files(tmp_path, policy_texts)
    first = await source.fetch("")
    assert first is not None
    assert sorted(first.texts) == ["policy.yaml", "teams/pay.yaml"]
    write(included, "first_sight: notify\n")
    second = await source.fetch(first.tag)
    assert second is not None
    write(tmp_path / "more.yaml", "breaker: {fixes: 2}\n")
    third = await source.fetch(second.tag)
    assert third is not None
    assert sorted(third.texts) == ["more.yaml", "policy.yaml", "teams/pay.yaml"]


async def test_a_file_that_is_gone_is_an_error_and_not_an_empty_policy(tmp_path: Path) -> None:
    path = write(tmp_path / "policy.yaml", "mode: notify\n")
    source = Files(path, policy_texts)
    first = await source.fetch("")
    assert first is not None
    path.unlink()
    with pytest.raises(BadPolicy, match="cannot be read"):
        await source.fetch(first.tag)
