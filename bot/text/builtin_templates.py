"""The templates that come with the bot: common kinds of images to make of a video, in which the model is good.

Frames stay in English, which the model reads best. Names and blurbs are shown in the member's language.
"""

from __future__ import annotations

from bot.domain.recipe import Shape, Size
from bot.domain.template import Listed, Origin, Template
from bot.text.i18n import mark, tr

# By a key that is the same in every language. Never change a key, because members' orders refer to it.
_TEMPLATES = {
    "youtube-thumbnail": Template(
        name=mark("YouTube thumbnail"),
        blurb=mark("One big subject and a few heavy words, clear at the size of a stamp."),
        shape=Shape.WIDE,
        frame=(
            "[PROMPT]\n\n"
            "Compose it as a video thumbnail that is understood at a glance on a phone: one subject from the clip, "
            "large and off to one side, caught at its most expressive; a plain background a little out of focus; "
            'strong contrast. On the free side set the words "[HEADLINE]" in very heavy, outlined letters. '
            "Leave the lower right corner empty, where the player shows the length."
        ),
    ),
    "story": Template(
        name=mark("Story or short cover"),
        blurb=mark("Full height for a phone, with room above and below for the app's own buttons."),
        shape=Shape.TALL,
        frame=(
            "[PROMPT]\n\n"
            "Compose it for a phone held upright: the subject from the clip in the middle, close and full of motion, "
            "the background running to every edge. Keep the top and the bottom sixth calm, without faces or words, "
            "since an app lays its buttons there."
        ),
    ),
    "poster": Template(
        name=mark("Film poster"),
        blurb=mark("The clip as a film: key art, a title and a line below it."),
        shape=Shape.POSTER,
        size=Size.K2,
        frame=(
            "[PROMPT]\n\n"
            "Treat the clip as a film and make its poster: one striking composition of its people and places, layered "
            "from near to far, with the light and colours of the footage. Set the title "
            '"[TITLE]" large in the lower third, in letters that suit the mood, and under it, small, "[TAGLINE]". '
            "No other words."
        ),
    ),
    "scene-summary": Template(
        name=mark("Scene summary"),
        blurb=mark("What happens in the clip, as a page of panels in order."),
        shape=Shape.CLASSIC,
        size=Size.K2,
        frame=(
            "[PROMPT]\n\n"
            "Tell the clip on one page of four to six panels, read from left to right and top to bottom. Each panel is "
            "one key moment, in the order in which it happens; people, clothes and places look the same in all of "
            "them. Thin even gutters, no speech balloons."
        ),
    ),
    "brand-post": Template(
        name=mark("Brand post"),
        blurb=mark("A calm feed post in a brand's colour, with its name and one message."),
        shape=Shape.PORTRAIT,
        frame=(
            "[PROMPT]\n\n"
            "Make it a post for the feed of the brand [BRAND]: the product or person from the clip as the one hero, "
            'generous empty space, a palette built around [BRAND COLOUR]. Set "[MESSAGE]" as one short line in a clean '
            "sans-serif, and the brand's name small in a corner."
        ),
    ),
    "infographic": Template(
        name=mark("Infographic"),
        blurb=mark("The steps or facts of a teaching clip, drawn and labelled."),
        shape=Shape.POSTER,
        size=Size.K2,
        frame=(
            "[PROMPT]\n\n"
            'Turn what the clip teaches into an infographic with the heading "[TOPIC]": three to six numbered steps or '
            "facts, each a simple drawing with a label of a few words, joined so that the order is plain. Flat "
            "colours, one accent, even spacing, every word spelt right and large enough to read."
        ),
    ),
    "product-poster": Template(
        name=mark("Product poster with words"),
        blurb=mark("A promotion whose words are set exactly as you write them."),
        shape=Shape.POSTER,
        frame=(
            "A promotional poster for [PRODUCT], as it is seen in the clip. One inviting shot of it in the centre, a "
            'palette of [COLOURS], plenty of empty space. The only words, large and perfectly spelt: "[SLOGAN]".'
        ),
    ),
    "new-scene": Template(
        name=mark("Same person, new scene"),
        blurb=mark("Whoever is in the clip, unmistakably, somewhere else."),
        shape=Shape.PHOTO,
        frame=(
            "The main person of the clip, with the same face, hair, build and clothes, now in [PLACE], in "
            "[LIGHT AND WEATHER], while [WHAT HAPPENS]. A photograph with natural skin and the depth of a cinema lens."
        ),
    ),
    "action-figure": Template(
        name=mark("Action figure in its box"),
        blurb=mark("The person in the clip as a toy, with things to hold and a printed box."),
        shape=Shape.CLASSIC_TALL,
        frame=(
            "The person from the clip as a jointed plastic action figure, in its blister pack. Beside it, each in a "
            'moulded tray of its own: [ACCESSORIES]. The card of the pack bears "[BOX TITLE]" in big letters, and '
            'under it "[BOX SUBTITLE]". The box stands in [SETTING]; product photograph, soft reflections.'
        ),
    ),
    "real-place": Template(
        name=mark("Real place"),
        blurb=mark("The scene moved to a landmark as it really looks; best with web search on."),
        shape=Shape.WIDE,
        frame=(
            "Move the scene of the clip to [LANDMARK], true to how the place looks in reality: its proportions, "
            "materials and surroundings. Seen [FROM WHERE], at [TIME OF DAY]. A detailed photograph."
        ),
    ),
    "product-shot": Template(
        name=mark("Studio product shot"),
        blurb=mark("The thing from the clip on a surface of your choice, lit as in a studio."),
        shape=Shape.SQUARE,
        size=Size.K2,
        frame=(
            "A studio photograph of [OBJECT] from the clip, every marking as it is, standing on [SURFACE]. "
            "[LIGHTING], a soft shadow that grounds it, a faint reflection, nothing else in the frame."
        ),
    ),
    "another-style": Template(
        name=mark("Another style"),
        blurb=mark("The same moment and composition, drawn or painted in another manner."),
        frame=(
            "Redraw the best moment of the clip as [STYLE]. Keep the composition, the people, their gestures and their "
            "expressions; change only how it is made: line, texture, colour and light."
        ),
    ),
    "rich-scene": Template(
        name=mark("Rich scene in 4K"),
        blurb=mark("A place full of small things to find, made for a large screen or print."),
        shape=Shape.WIDE,
        size=Size.K4,
        frame=(
            "[SCENE], in the mood and light of the clip. A wide view packed with believable detail from the nearest "
            "surface to the farthest window: textures, small objects, people busy in the distance. [LIGHT]. Sharp "
            "throughout."
        ),
    ),
}


def builtin_templates() -> tuple[Listed, ...]:
    """List them with names and blurbs in the current language."""
    return tuple(
        Listed(key, Origin.BUILT_IN, each.model_copy(update={"name": tr(each.name), "blurb": tr(each.blurb)}))
        for key, each in _TEMPLATES.items()
    )
