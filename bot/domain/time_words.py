"""The words of times: English, Spanish, German, French, Portuguese, Japanese, Chinese, Korean and Russian."""

from __future__ import annotations

from decimal import Decimal


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HOURS = _words(
    "h hr hrs hour hours hora horas std stunde stunden heure heures 時間 小时 小時 時 时 시간 ч час часа часов"
)
_MINUTES = _words("m min mins minute minutes minuten minuto minutos ' 分 分钟 分鐘 분 м мин минута минуту минуты минут")
_SECONDS = _words('s sec secs second seconds seg segundo segundos sek sekunde sekunden seconde secondes "')
_SECONDS |= _words("秒 秒間 秒钟 秒鐘 초 с сек секунда секунду секунды секунд")
_THOUSANDTHS = _words("ms msec millisecond milliseconds milisegundos millisekunden millisecondes мс")
UNITS = {
    **dict.fromkeys(_HOURS, Decimal(3_600)),
    **dict.fromkeys(_MINUTES, Decimal(60)),
    **dict.fromkeys(_SECONDS, Decimal(1)),
    **dict.fromkeys(_THOUSANDTHS, Decimal("0.001")),
}
ISO = _words("p pt t")
AND = _words("and y und et e и ,")
FROM = _words(
    "at from since starting between @ desde de del en a entre ab von bei um zwischen dès depuis à с от в 从 從"
)
FROM |= _words("los las la el le les der die das dem den des the partir")  # and what may follow one of these
STARTING = _words("from at @ starting since desde ab")  # between a length and its start
BEGINNING = _words("beginning start begin inicio principio comienzo anfang début 最初 開始 开始 처음 начало начала")
MINUTE = _words("min minute minuto minuten")  # "minute 1:20"
FROM |= _words("around about approx approximately ca circa alrededor hacia etwa ungefähr vers environ около من")
QUERY = _words("? & #")
PLUS = _words("+")
OF_VIDEO = _words("of the video vídeo clip del")
BETWEEN = _words("between entre zwischen")
OPTIONS = _words("t start end time_continue")
TO = _words("- to until till through thru a hasta al bis à au jusqu'à jusqu'au até до по إلى से から 부터 에서 到 至")
UNTIL = _words("to until till bis hasta jusqu'à jusqu'au até до")  # may also stand before an end alone
OPEN = _words("- から 부터")
TAIL = _words("まで 까지 . , ; ! ?")
FOR = _words("for during durante por für pendant durant на")
FIRST = _words("first primeros primeras erste ersten premiers premières 最初 最初の 前 처음 первые primeiros")
LAST = _words("last últimos últimas ultimos letzte letzten derniers dernières 最後 最後の 最后 最后的 마지막 последние")
END = _words("end fin final ende schluss fim конец конца 끝 最後 最后")
WHOLE = frozenset(
    {
        *("whole", "whole video", "the whole video", "all", "full", "everything", "todo", "todo el video"),
        *("whole thing", "the whole thing", "entire", "entire video", "the entire video", "complete", "complete video"),
        *("el video entero", "el vídeo entero", "el video completo", "video completo", "todo el vídeo completo"),
        *("todo el vídeo", "entero", "completo", "alles", "ganz", "das ganze video", "tout", "toute la vidéo"),
        *("全部", "전체", "всё", "все"),
    }
)
