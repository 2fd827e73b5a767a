"""How Discord says no: its JSON error codes, with the HTTP status and the words that each comes with."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """From Discord's page "Opcodes and Status Codes"."""

    GENERAL = 0
    UNKNOWN_CHANNEL = 10003
    UNKNOWN_GUILD = 10004
    UNKNOWN_MESSAGE = 10008
    UNKNOWN_USER = 10013
    UNKNOWN_WEBHOOK = 10015
    UNKNOWN_INTERACTION = 10062
    TOO_LARGE = 40005
    ALREADY_ANSWERED = 40060
    NO_ACCESS = 50001
    NOT_THE_AUTHOR = 50005
    EMPTY_MESSAGE = 50006
    CLOSED_TO_MESSAGES = 50007
    NO_PERMISSION = 50013
    INVALID_TOKEN = 50027
    INVALID_FORM = 50035
    THREAD_ARCHIVED = 50083
    INVALID_JSON = 50109
    THREAD_LOCKED = 160005


_REASONS = {
    Code.GENERAL: (404, "404: Not Found"),
    Code.UNKNOWN_CHANNEL: (404, "Unknown Channel"),
    Code.UNKNOWN_GUILD: (404, "Unknown Guild"),
    Code.UNKNOWN_MESSAGE: (404, "Unknown Message"),
    Code.UNKNOWN_USER: (404, "Unknown User"),
    Code.UNKNOWN_WEBHOOK: (404, "Unknown Webhook"),
    Code.UNKNOWN_INTERACTION: (404, "Unknown interaction"),
    Code.TOO_LARGE: (413, "Request entity too large"),
    Code.ALREADY_ANSWERED: (400, "Interaction has already been acknowledged."),
    Code.NO_ACCESS: (403, "Missing Access"),
    Code.NOT_THE_AUTHOR: (403, "Cannot edit a message authored by another user"),
    Code.EMPTY_MESSAGE: (400, "Cannot send an empty message"),
    Code.CLOSED_TO_MESSAGES: (403, "Cannot send messages to this user"),
    Code.NO_PERMISSION: (403, "Missing Permissions"),
    Code.INVALID_TOKEN: (401, "Invalid Webhook Token"),
    Code.INVALID_FORM: (400, "Invalid Form Body"),
    Code.THREAD_ARCHIVED: (400, "Thread is archived"),
    Code.THREAD_LOCKED: (403, "Thread is locked"),
    Code.INVALID_JSON: (400, "The request body contains invalid JSON."),
}


class Refused(Exception):
    """Discord refuses the request. `detail` says what is wrong with a bad form."""

    def __init__(self, code: Code, *, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.status, self.message = _REASONS[code]
        self.detail = detail


def words_for(code: int) -> str:
    """The message of a code; `error N` for one that this stand-in never gives by itself."""
    return _REASONS[Code(code)][1] if code in set(Code) else f"error {code}"
