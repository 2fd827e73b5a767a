"""The rights in a channel that the bot needs, by Discord's names of permissions."""

from __future__ import annotations

TO_WRITE = ("view_channel", "send_messages")
TO_POST_IMAGES = (*TO_WRITE, "attach_files", "embed_links")
TO_POST_IMAGES_IN_THREADS = ("view_channel", "send_messages_in_threads", "attach_files", "embed_links")
ALL = (
    *TO_WRITE,
    "send_messages_in_threads",
    "attach_files",
    "embed_links",
    "read_message_history",  # after a crash, to look for an image before it is posted again
)
