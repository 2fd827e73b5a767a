"""What a failure means, whatever the words in which it comes."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.domain.failure import Failure
from bot.providers.atlas_failures import failure_by, failure_of
from tests.providers.atlas_seams import prediction

SAID = {
    Failure.CONTENT: (
        "no parts found for the request: PROHIBITED_CONTENT",
        "finish reason: image_safety",
        "finishReason: SAFETY",
        "IMAGE_RECITATION",
        "blocked: BLOCKLIST",
        "SPII",
        "block_reason: JAILBREAK",
        "promptFeedback.blockReason=MODEL_ARMOR",
        "ProhibitedContent",
        "The prompt was blocked for Prohibited Contents",
        "This request violates our usage policies.",
        "Your prompt goes against the provider's content policy",
        "The input may violate usage guidelines (sensitive content)",
        "Your request was flagged as sensitive",
        "flagged as sensitive: E005",
        "The output may infringe copyright",
        "Blocked because of copyright restrictions",
        "rejected by Moderation",
        "Request rejected by the moderation service",
        "content moderation failed: the text did not pass",
        "Unable to show generated images. They violate Google's Responsible AI practices",
        "blocked by safety filters; please try again with another prompt",
        "The image was filtered out because it violated Google's Generative AI Prohibited Use policy",
        "输入内容包含敏感信息",
        'code 200, finishReason "PROHIBITED_CONTENT", safetyRatings: [{"category": "HARM_CATEGORY_HARASSMENT"}]',
    ),
    Failure.NO_IMAGE: (
        "NO_IMAGE",
        "finishReason: IMAGE_OTHER",
        "ImageOther",
        "no parts found for the request: NO_IMAGE",
        "No image was generated",
        "the model did not return any image",
        "The response contains only text",
        "no candidates returned",
        'finish_reason NO_IMAGE, "safetyRatings":[{"category":"HARM_CATEGORY_SEXUALLY_EXPLICIT","probability":"LOW"}]',
    ),
    Failure.MODEL: (
        "model is no longer available",
        "model google/nano-banana-2/edit not found",
        "The model gemini-3.1-flash-image does not exist",
        "Publisher Model `projects/1/models/gemini-3.1-flash-image` was not found",
        "this model has been deprecated, use another one",
        "MODEL_DISCONTINUED: the model was retired on 2026-10-29",
        "unknown model: google/nano-banana-2",
        "Invalid model ID",
        "models/gemini-3 is no longer supported",
    ),
    Failure.BUSY: (
        "The model is overloaded. Please try again later.",
        "503 Service Unavailable",
        "HTTP 503",
        "got status: 503 . {}",
        "UNAVAILABLE",
        '{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}',
        "RESOURCE_EXHAUSTED",
        "rpc error: code = ResourceExhausted desc = no room",
        "429 Too Many Requests",
        "Quota exceeded for aiplatform.googleapis.com/generate_content_requests",
        "DEADLINE_EXCEEDED",
        "context deadline exceeded",
        "DeadlineExceeded: the operation took too long",
        "INTERNAL",
        "An internal error has occurred",
        "500 INTERNAL. {'error': {'code': 500}}",
        "timeout",
        "task timed out",
        "upstream request timeout",
        "upstream connect error or disconnect/reset before headers",
        "Our servers are experiencing high traffic, please retry later",
        "no capacity left in this region",
        "too many concurrent requests",
        "no available workers",
        "服务繁忙，请稍后再试",
    ),
    Failure.OUT_OF_ORDER: (
        "moderation service unavailable",
        "Moderation service is temporarily unavailable, please try again later",
        "MODERATION_SERVICE_UNAVAILABLE",
        "content moderation: upstream timed out",
        "failed to reach the moderation service",
        "Unable to call content filter",
        "error calling moderation API: timeout from moderation service",
        "safety_settings is not supported",
        "safetySettings is not supported by this model",
        "Unsupported parameter: 'safety_settings'",
        "Invalid value at 'safety_settings[0].category'",
        "The safety checker is not responding",
        "timeout while contacting moderation",
        "safety_settings: Extra inputs are not permitted",
    ),
    Failure.FRAMES: (
        "The input token count (150000) exceeds the maximum number of tokens allowed (131072).",
        "INVALID_ARGUMENT: The input token count exceeds the maximum number of tokens allowed 131072.",
        "Input tokens exceed the limit of 131,072",
        "too many tokens in the request",
        "exceeded the model's context window",
        "The video has too many frames",
        "number of frames exceeds 450",
        "video is too long for this model",
        "prompt is too long: 200000 tokens > 131072 maximum",
    ),
    Failure.MOMENT: (
        "start beyond the duration",
        "start offset 70s exceeds the video duration of 60.5s",
        "video_clips[0].start is greater than the duration of the video",
        "The start_offset 12.5s is past the end of the video",
        "startOffset must be less than the video duration",
        "Invalid argument: clip range out of bounds: start 90, video length 61",
        "The video is only 12 s long, but the segment starts at 14 s",
        "end time is after the end of the media",
        "clip start 70 is not within the video (duration 61)",
        "No frames could be extracted from the given time range",
    ),
    Failure.IMAGE: (
        "Unable to process input image. Please retry or report in ...",
        "400 INVALID_ARGUMENT. Unable to process input image.",
        "Could not decode image",
        "cannot identify image file",
        "Unsupported MIME type: image/heic",
        "Provided image is not valid.",
        "failed to download reference image: 404",
        "The input image is corrupted",
        "image exceeds the 7 MB limit",
        "Error loading image from URL",
    ),
    Failure.VIDEO: (
        "Unsupported MIME type: text/html",
        "mime_type text/html is not supported for file_uri",
        "URL_ROBOTED",
        "Cannot fetch content from the provided URL. URL_ROBOTED-ROBOTED_DENIED",
        "cannot fetch content",
        "This video is private",
        "Video unavailable",
        "The video is age-restricted and can't be read",
        "failed to download video: HTTP 403",
        "Unable to process input video",
        "Unsupported MIME type: video/x-matroska",
    ),
    Failure.ARGUMENT: (
        "Request contains an invalid argument.",
        "400 INVALID_ARGUMENT",
        "HTTP 400",
        "403 Forbidden",
        "PERMISSION_DENIED",
        "status code: 403",
        "You do not have permission to access the file or it may not exist",
    ),
    Failure.OTHER: (
        "",
        "generation failed",
        "Generation failed: task processing failed (code: generation_failed)",
        "no luck",
        "MAX_TOKENS",
        "finish_reason: MAX_TOKENS",
        "no parts found for the request: MAX_TOKENS",
        "MALFORMED_FUNCTION_CALL",
        "finishReason: OTHER",
        "no parts found for the request: OTHER",
        "the model made nothing of this",
        "a clip of 503 frames",
        "生成失败",
    ),
}


@pytest.mark.parametrize(("meant", "text"), [(meant, text) for meant, texts in SAID.items() for text in texts])
def test_a_text_of_the_supplier_means_the_same_in_any_case_and_with_anything_before_it(
    meant: Failure, text: str
) -> None:
    for said in (text, text.upper(), text.lower(), f"Generation failed: {text}", f"task processing failed ({text})"):
        assert failure_by(said) is meant, said


@pytest.mark.parametrize(("meant", "text"), [(meant, texts[0]) for meant, texts in SAID.items()])
def test_it_means_the_same_wherever_it_stands_in_the_answer(meant: Failure, text: str) -> None:
    places: list[dict[str, JsonValue]] = [
        prediction("failed", error=text),
        prediction("failed", error={"message": text}),
        prediction("failed", error=json.dumps({"error": {"message": text}})),
        prediction("failed", error=[{"detail": {"reason": text}}]),
        prediction("failed") | {"message": text},
        prediction("failed", error="generation failed", error_code=1) | {"msg": text},
    ]
    assert [failure_of(each) for each in places] == [meant] * len(places)


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({"error": "sorry", "error_code": 1039}, Failure.CONTENT),
        ({"error": "", "error_code": "1039"}, Failure.CONTENT),
        ({"error": "", "error_code": [1039]}, Failure.OTHER),
        ({"error": {"code": 503, "status": "x"}}, Failure.BUSY),
        ({"error": {"code": 403}}, Failure.ARGUMENT),
        ({"error": None, "error_code": None}, Failure.OTHER),
        ({"error": "no luck", "input": {"prompt": "PROHIBITED_CONTENT on a sign"}}, Failure.OTHER),
    ],
)
def test_a_code_decides_and_a_prompt_in_the_answer_does_not(fields: dict[str, JsonValue], meant: Failure) -> None:
    assert failure_of(prediction("failed", **fields)) is meant


@pytest.mark.parametrize("status", ["timeout", "timed_out", "TimedOut"])
def test_a_prediction_whose_time_was_over_met_a_busy_service(status: str) -> None:
    assert failure_of(prediction(status), status=status) is Failure.BUSY
    assert failure_of(prediction(status, error="PROHIBITED_CONTENT"), status=status) is Failure.CONTENT


@given(st.text(max_size=300))
def test_any_text_means_something(text: str) -> None:
    assert failure_by(text) in Failure


@pytest.mark.parametrize("piece", ["error ", "safety ", "the start of the video ", "could not ", "a", "token ", "(5"])
def test_a_long_text_is_judged_quickly(piece: str) -> None:
    started = time.perf_counter()
    failure_by(piece * (4_000 // len(piece)))
    assert time.perf_counter() - started < 0.5
