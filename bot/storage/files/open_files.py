"""Opens the place of clips and images that the settings name: a folder of this machine, or an S3 bucket."""

from __future__ import annotations

from typing import Literal

from bot.domain.errors import FilesUnavailable
from bot.settings import Settings
from bot.storage.files.base import Files
from bot.storage.files.folder import Folder


def open_files(settings: Settings, folder: Literal["clips", "images"]) -> Files:
    """Open a place; this uses neither disk nor network. Raises `FilesUnavailable` where the extra `s3` is missing."""
    if settings.bucket_and_prefix is None:
        return Folder(settings.data_dir / folder)
    try:
        from bot.storage.files.s3 import S3Files, S3Keys, S3Place  # noqa: PLC0415  # an extra that only this needs
    except ImportError as error:
        raise FilesUnavailable(detail="FILES_URL needs the extra s3: pip install 'stillframe[s3]'") from error
    bucket, prefix = settings.bucket_and_prefix
    key_id, key = settings.s3_access_key_id, settings.s3_secret_access_key
    place = S3Place(
        bucket=bucket,
        prefix=prefix,
        region=settings.s3_region,
        endpoint_url=settings.s3_endpoint_url or None,
        keys=S3Keys(key_id.get_secret_value(), key.get_secret_value()) if key_id and key else None,
    )
    return S3Files(place, folder)
