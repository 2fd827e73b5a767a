"""The whole bot with clips and images in an S3 bucket: members can do all with them, and no file is on its disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.domain.job import JobState
from bot.storage.files.folder import Folder
from bot.storage.files.open_files import open_files
from sandbox.clip import make_clip
from tests.support.buckets import Buckets, settings_of
from tests.support.house import House, open_house, settings_for, words_of

CLIP = make_clip(seconds=1, width=160, height=90)


async def test_an_order_with_a_clip_goes_through_a_bucket_and_through_no_folder(
    tmp_path: Path, buckets: Buckets
) -> None:
    bucket = buckets.new()
    async with open_house(tmp_path, **settings_of(buckets.url, bucket, prefix="of/a-bot")) as house:
        await house.imagine(video=None, clip=("take.mp4", CLIP), start="0", end="1", private=True)
        (job,) = await house.ended()
        assert job.state is JobState.DELIVERED
        assert job.image
        clips, images = [key for key in buckets.keys(bucket) if "/clips/" in key], buckets.keys(bucket)[-1:]
        assert (len(clips), images) == (1, [f"of/a-bot/images/{job.image.name}"])
        assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == []
        await show_share_and_delete(house, job.id)
        assert buckets.keys(bucket) == clips
        assert await house.findings() == ()


async def show_share_and_delete(house: House, job_id: str) -> None:
    shown: Any = await house.ann.slash(house.channel, "job", id=job_id)
    assert len(shown.response.attachments) == 1
    shared: Any = await house.ann.click(shown.response.message, label="Share in this channel")
    assert len(shared.response.attachments) == 1
    details: Any = await house.ann.click(shared.response.message, label="Details")
    assert "Content Credentials are" in words_of(details.response)
    form: Any = await house.ann.click(shared.response.message, label="Delete")
    await house.ann.submit_modal(form, {})


async def test_what_one_bot_keeps_another_one_reads(tmp_path: Path, buckets: Buckets) -> None:
    place = settings_of(buckets.url, buckets.new())
    one, other = (settings_for(tmp_path / name, "https://a.example", **place) for name in ("one", "other"))
    await open_files(one, "images").keep("900.png", b"an image")
    assert await open_files(other, "images").read("900.png") == b"an image"
    assert await open_files(other, "clips").read("900.png") is None


async def test_without_a_bucket_files_are_in_the_folder_of_the_settings(tmp_path: Path) -> None:
    files = open_files(settings_for(tmp_path, "https://a.example"), "clips")
    assert isinstance(files, Folder)
    assert not (tmp_path / "clips").exists()
    await files.keep("900", b"a clip")
    assert (tmp_path / "clips" / "900").read_bytes() == b"a clip"
