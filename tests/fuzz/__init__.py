"""A fuzz of all that a person can type, attach or press: every command, option, form and custom id that the bot has."""
