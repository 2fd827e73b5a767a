"""The image API, and images and messages that do not come through. Never shown raw."""

from __future__ import annotations

from typing import Literal

from bot.domain.errors.base import StillframeError


class SupplierError(StillframeError):
    """`request_id` is the supplier's X-Request-ID, for its support. `detail` is for our log only."""

    def __init__(self, *, detail: str = "", request_id: str | None = None) -> None:
        super().__init__()
        self.detail = detail
        self.request_id = request_id


class SupplierBusy(SupplierError): ...


class SupplierRejected(SupplierError): ...


class ContentRefused(SupplierError): ...


ClosedBecause = Literal["key", "funds", "region", "forbidden"]


class SupplierClosed(SupplierError):
    def __init__(self, *, because: ClosedBecause, detail: str = "", request_id: str | None = None) -> None:
        super().__init__(detail=detail, request_id=request_id)
        self.because: ClosedBecause = because


class SubmitUnknown(SupplierError): ...


class SupplierUnreachable(SupplierError): ...


class PredictionLost(SupplierError): ...


class ImageError(StillframeError): ...


class BrokenImage(ImageError): ...


class CannotFit(ImageError): ...


class DeliveryError(StillframeError): ...


class PictureTooLarge(DeliveryError): ...


class Undeliverable(DeliveryError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class DiscordUnavailable(DeliveryError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail
