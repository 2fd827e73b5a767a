"""The stand-in for the supplier, behind its routes: it accepts orders, takes its time and keeps accounts."""

from __future__ import annotations

import asyncio
import base64
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, urlsplit
from uuid import uuid4

from sandbox.answers import MESSAGES
from sandbox.catalogue import StandInCatalogue, StandInModel
from sandbox.drawing import Draw, as_8k_png, as_huge_png, as_jpeg, as_small_png, as_square_png, commission
from sandbox.latency import Latency
from sandbox.ledger import Account, Charge, Received, SandboxFiles, Submit, Upload
from sandbox.pictures import BrokenInput
from sandbox.prediction import Ended, Prediction
from sandbox.scenarios import Scenario, Switch
from sandbox.validation import Refused, ValidOrder, list_micros

REQUESTS_LIMIT = 100_000  # remembered; the oldest go first
DRAWINGS_AT_ONCE = 2
JPEG_NAMES = ("jpeg", "jpg")  # the models differ
OUTPUT_NAME = "output.png"  # whatever the file is


class StandIn:
    """Tests read `submits`, `charges`, `uploads`, `requests`, `balance_micros`, `violations`.

    `violations` has what no client may ever do, such as showing its key to the file server.
    """

    def __init__(self, *, latency: Latency, balance_usd: str, seed: int, draw: Draw) -> None:
        self.base_url = ""
        self.account = Account(balance_usd)
        self.catalogue = StandInCatalogue()
        self.switch = Switch()
        self.submits: list[Submit] = []
        self.uploads: list[Upload] = []
        self.requests: deque[Received] = deque(maxlen=REQUESTS_LIMIT)
        self.violations: list[str] = []
        self._files = SandboxFiles()
        self._predictions: dict[str, Prediction] = {}
        self._latency = latency
        self._chance = random.Random(seed)
        self._draw = draw
        self._drawings = asyncio.Semaphore(DRAWINGS_AT_ONCE)

    @property
    def charges(self) -> Mapping[str, Charge]:
        """The charges, by the id of their prediction."""
        return self.account.charges

    @property
    def balance_micros(self) -> int:
        """The money left, in US$ 0.000001. A reservation is taken from it, and given back when it is released."""
        return self.account.available_micros

    def use(self, name: str, times: int | None = None) -> None:
        """Set the scenario of the next `times` submissions that ask for none themselves, or of all from now on.

        Raises `ValueError` for a name that is not in `SCENARIOS`.
        """
        self.switch.use(name, times)

    def price(self, model: StandInModel, listed_micros: int, scenario: Scenario) -> int:
        """What an order costs this account now, in US$ 0.000001."""
        return listed_micros * model.percent * scenario.percent // 100**2

    def submit(
        self,
        model: StandInModel,
        order: ValidOrder,
        body: Mapping[str, object],
        scenario: Scenario,
        turn: int,
        complaint: str | None,
    ) -> Prediction:
        """Accept an order and reserve its price. `complaint` is what late validation will find. Raises `Refused`."""
        price_micros = self.price(model, list_micros(model, order), scenario)
        refusal = scenario.refuse
        if refusal is None and self.balance_micros < price_micros:
            refusal = 402
        # Not from the seed: a bot that outlives the stand-in must not meet an old id again.
        prediction_id = uuid4().hex
        self.submits.append(
            Submit(
                prompt=order.prompt,
                body=body,
                scenario=scenario.name,
                id=None if refusal else prediction_id,
                time=asyncio.get_running_loop().time(),
            )
        )
        if refusal:
            unknown = f"model {model.id} not found"
            raise Refused(refusal, unknown if scenario.name == "model_unknown" else MESSAGES[refusal])
        self._sold(model, scenario)
        self.account.reserve(prediction_id, price_micros, model=model.id)
        return self._begin(prediction_id, order, price_micros, scenario, turn, complaint)

    def _sold(self, model: StandInModel, scenario: Scenario) -> None:
        if scenario.gone_after is not None:
            self.catalogue.withdraw(model.id, after=scenario.gone_after)
        self.catalogue.sold(model.id)

    def _begin(
        self,
        prediction_id: str,
        order: ValidOrder,
        price_micros: int,
        scenario: Scenario,
        turn: int,
        complaint: str | None,
    ) -> Prediction:
        never = scenario.ending == "never"
        latency = math.inf if never else self._latency.seconds(order, self._chance)
        prediction = Prediction(
            id=prediction_id,
            address=self._address(prediction_id, foreign=scenario.foreign_address),
            order=order,
            price_micros=price_micros,
            scenario=scenario,
            turn=turn,
            latency_seconds=latency,
            due=asyncio.get_running_loop().time() + latency,
        )
        if not never:
            prediction.life = asyncio.create_task(self._live(prediction, complaint))
        self._predictions[prediction_id] = prediction
        return prediction

    def _address(self, prediction_id: str, *, foreign: bool) -> str:
        if not foreign:
            return f"{self.base_url}/api/v1/model/prediction/{prediction_id}"
        here = urlsplit(self.base_url)
        other_host = "127.0.0.1" if here.hostname == "localhost" else "localhost"
        return f"http://{other_host}:{here.port}/elsewhere/{prediction_id}"

    async def _live(self, prediction: Prediction, complaint: str | None) -> None:
        ended = await self._ending(prediction, complaint)
        await asyncio.sleep(max(0.0, prediction.due - asyncio.get_running_loop().time()))
        if ended.failed:
            self.account.release(prediction.id)
        else:
            self.account.charge(prediction.id)
        prediction.ended = ended

    async def _ending(self, prediction: Prediction, complaint: str | None) -> Ended:
        scenario = prediction.scenario
        if complaint:
            return Ended(status="failed", error=complaint, error_code=1)
        if scenario.ending in {"failed", "timeout"}:
            return Ended(status=scenario.ending, error=scenario.error, error_code=scenario.error_code)
        try:
            image = await self._image(prediction)
        except BrokenInput as error:
            return Ended(status="failed", error=str(error), error_code=1)
        return Ended(status=scenario.ending, outputs=self._outputs(prediction, image))

    async def _image(self, prediction: Prediction) -> bytes:
        work = commission(prediction.order, self.read, f"{self.base_url}/files/")
        async with self._drawings:
            image = await self._draw(work)
            for change in _changes(prediction):
                image = await asyncio.to_thread(change, image)
            return image

    def _outputs(self, prediction: Prediction, image: bytes) -> object:
        kind = prediction.scenario.outputs
        if kind == "none":
            return [] if prediction.turn % 2 == 0 else None
        if kind == "url" and prediction.order.enable_base64_output:
            kind = "base64"
        text, url = base64.b64encode(image).decode(), self._image_url(image)
        lost = self._file_url(uuid4().hex, OUTPUT_NAME)
        forms: dict[str, object] = {
            "words": ["I made the picture that you asked for."],
            "base64": [text],
            "datauri": [f"data:image/png;base64,{text}"],
            "dead_url": [lost],
            "object": [{"url": url}],
            "string": url,
            "images": {"images": [{"url": url}]},
        }
        if kind == "drafts":
            return [self._image_url(as_square_png(image)), url, lost]
        return forms.get(kind, [url])

    def _image_url(self, image: bytes) -> str:
        return self._file_url(self._files.keep(image), OUTPUT_NAME)

    def _file_url(self, token: str, name: str) -> str:
        return f"{self.base_url}/files/{token}/{quote(name, safe='')}"

    async def find(self, prediction_id: str) -> Prediction:
        """The prediction of an id, which ends here if its time has come. Raises `Refused`."""
        prediction = self._predictions.get(prediction_id)
        if prediction is None:
            raise Refused(404, "prediction not found")
        if asyncio.get_running_loop().time() >= prediction.due:
            await self.end(prediction)
        return prediction

    async def end(self, prediction: Prediction) -> None:
        """Wait until the prediction has ended."""
        if prediction.life:
            await asyncio.shield(prediction.life)

    def upload(self, data: bytes, filename: str, content_type: str) -> Upload:
        url = self._file_url(self._files.keep(data), filename or "file")
        upload = Upload(filename=filename, content_type=content_type, size_bytes=len(data), url=url)
        self.uploads.append(upload)
        return upload

    def read(self, url: str) -> bytes | None:
        """The bytes of an upload or an output, by its URL."""
        token = urlsplit(url).path.removeprefix("/files/").partition("/")[0]
        return self._files.get(token)

    async def close(self) -> None:
        lives = [prediction.life for prediction in self._predictions.values() if prediction.life]
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


def _changes(prediction: Prediction) -> Iterator[Callable[[bytes], bytes]]:
    """What becomes of the drawn picture, by the order and by its scenario."""
    order, kind = prediction.order, prediction.scenario.image
    if kind == "8k" or order.resolution == "8k":
        yield as_8k_png
    if kind == "huge":
        yield as_huge_png
    if kind == "small":
        yield as_small_png
    if kind == "square":
        yield as_square_png
    if kind == "jpeg" or order.output_format in JPEG_NAMES:
        yield as_jpeg
