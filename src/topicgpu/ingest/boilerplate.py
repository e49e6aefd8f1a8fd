"""Lines that pages have at their head and foot, whatever they are about: sharing, cookies, copyright, tags, links."""

import re
from collections.abc import Container, Iterable, Sequence

from topicgpu.ingest.dates import is_date_line
from topicgpu.ingest.lines import Line, is_rule
from topicgpu.ops.words import count_words

_SITES = (
    r"(?:facebook|twitter|x|linkedin|whatsapp|e-?mail|reddit|telegram|pinterest|bluesky|threads|xing|weibo|line|"
    r"rss|youtube|instagram|tiktok|spotify|apple podcasts|google podcasts)"
)
_BUTTON = re.compile(
    r"(?:(?:share|tweet|print|save|copy link|copy url|embed|like|pin it|reply|comments?|\d+ comments?|no comments"
    r"|leave a "
    r"(?:comment|reply)|add a comment|bookmark|download|download (?:the )?(?:transcript|pdf|audio|episode)|listen|"
    r"listen now|watch now|play|subscribe|subscribe now|sign in|log in|sign up|register|menu|search|skip to (?:main )?"
    r"content|home|back to top|top|advertisement|sponsored|read more|show more|load more|see more|show transcript|"
    r"hide transcript|previous|next|previous (?:article|post|episode)|next (?:article|post|episode)|newer posts?|older "
    r"posts?|related|trending|most read|follow(?: us)?|contact(?: us)?|about(?: us)?|privacy(?: policy)?|terms"
    r"(?: of (?:use|service))?|cookie (?:policy|settings|preferences)|imprint|sitemap|accept(?: all)?(?: cookies)?|"
    r"reject all|manage (?:cookies|preferences)|transcript|full transcript|"
    r"teilen|drucken|merken|kommentare?|kommentieren|abonnieren|anmelden|weiterlesen|mehr lesen|impressum|datenschutz|"
    r"anzeige|startseite|nach oben|partager|imprimer|commentaires?|s.abonner|se connecter|publicité|accueil|mentions "
    r"légales|lire la suite|compartir|imprimir|comentarios?|suscr[ií]be(?:te|ase)|iniciar sesión|publicidad|inicio"
    r"|leer "
    r"más|condividi|stampa|commenti|abbonati|accedi|pubblicità|compartilhar|comentários|assine|publicidade|"
    r"поделиться|комментарии|подписаться|войти|реклама|читать далее|مشاركة|تعليقات|اشترك|إعلان"
    rf"|分享|分享到|转发|打印|收藏|评论|点赞|订阅|登录|注册|广告|返回顶部|上一篇|下一篇|阅读更多|シェア|共有|印刷|コメント|登録|ログイン|広告|続きを読む|공유|댓글|구독|로그인)"
    rf"(?:\s+(?:on|to|via|by|with|auf|per|sur|en|su|no|в)?\s*{_SITES})?|{_SITES})[\s!:：>›»▾▼+]*",
    re.IGNORECASE,
)
_BETWEEN_BUTTONS = re.compile(r"\s*[|·•/,\t]\s*|\s{2,}")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)\s*(?:19|20)\d\d|copyright\s*(?:©|\(c\)|:|by\b|(?:19|20)\d\d)).{0,160}"
    r"|.{0,80}\b(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|tutti i diritti riservati|"
    r"(?:derechos|direitos) reservados|все права защищены)\b"
    r".{0,80}|.{0,60}(?:版权所有|版權所有|保留所有权利|無断転載|جميع الحقوق محفوظة).{0,60}",
    re.IGNORECASE,
)
_TAGS = re.compile(
    r"(?:tags?|tagged|keywords?|filed under|categor(?:y|ies)|topics|schlagw[oö]rter|schlagworte|mots[- ]clés|etiquetas|"
    r"метки|теги|标签|關鍵詞|关键词|タグ|キーワード)\s*[:：]\s*\S.{0,200}|(?:[#＃][^\s#＃]{2,40}[\s,]*){2,}",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"(?:related (?:articles?|posts?|stories|content|episodes?|reading|news|links)|you (?:may|might) also (?:like|be "
    r"interested in)|more (?:from|on|in|like this)\b.{0,40}|recommended(?: for you)?|read next|up next|further reading|"
    r"see also|also on .{1,30}|popular posts|latest (?:news|posts|articles|episodes)|most (?:read|popular)|das "
    r"könnte sie "
    r"auch interessieren|mehr zum thema|weitere artikel|lesen sie auch|à lire aussi|lire aussi|sur le même sujet"
    r"|articles? "
    r"liés?|te puede interesar|también te puede interesar|noticias relacionadas|artículos relacionados|leggi anche|"
    r"articoli correlati|leia também|veja também|читайте также|материалы по теме|похожие статьи|اقرأ أيضا|مقالات "
    r"ذات صلة|"
    r"相关阅读|相关文章|相关新闻|推荐阅读|猜你喜欢|延伸阅读|関連記事|おすすめ記事|あわせて読みたい|"
    r"관련 기사|관련기사)\s*[:：>›»]*",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"\bcookies?\b.{0,200}\b(?:consent|accept|agree|privacy|policy|preferences|website|site|browsing|experience|"
    r"einverstanden|akzeptieren|webseite|website|datenschutz\w*|accepte[rz]?|navigation|aceptar?|sitio|web"
    r"|accett\w*|sito|"
    r"navega\w*|site)\b|\b(?:we|this (?:web)?site|our (?:web)?site|wir|diese website|nous|ce site|utilizamos|usamos"
    r"|este "
    r"sitio|questo sito|utilizziamo)\b.{0,80}\bcookies?\b.{0,200}|(?:使用|利用|用).{0,20}cookies?.{0,100}|файл\w* "
    r"cookie.{0,200}|"
    r"クッキー.{0,40}(?:使用|同意).{0,60}",
    re.IGNORECASE | re.DOTALL,
)
_SUBSCRIBE = re.compile(
    r"(?:(?:please\s+)?(?:subscribe to|sign up (?:for|to)|follow us on|get) (?:our |the |us |my )?(?:\w+ "
    r"){0,4}(?:newsletter|"
    r"podcast|channel|mailing list|updates|emails?|inbox|rss|" + _SITES + r").{0,80}"
    r"|(?:transcript(?:ion|s)?|subtitles?|captions?) (?:provided |created |made |edited |generated )*by\b.{1,80}"
    r"|(?:this |the )?transcript (?:was|is|has been)\b.{0,120}\b(?:generated|automatically|machine|edited|created"
    r"|provided|"
    r"rough|errors?|accura\w+)\b.{0,120}|powered by \S.{0,40})"
    r"|[（(]完[)）]|(?:责任编辑|責任編輯|责编)\s*[:：]\s*\S.{0,40}",
    re.IGNORECASE,
)
_SHAPES = (
    (_COPYRIGHT, "copyright line"),
    (_TAGS, "tags"),
    (_COOKIES, "cookie notice"),
    (_SUBSCRIBE, "page footer"),
    (_RELATED, "related links"),
)
_MAX_CHARS = 500
_MAX_NOTICE_WORDS = 90
_FOOT_LINES = 60
_MIN_BUTTONS = 3
_MAX_TITLE_WORDS = 25
_SENTENCE_END = re.compile(r"[.!…。！][\"'”’»)\]*_]*$")


def boilerplate(text: str) -> str | None:
    """
    Read a line as one that stands at the head or the foot of pages.

    Parameters
    ----------
    text : str
        A line without the white space around it.

    Returns
    -------
    str or None
        The reason to leave it out; None where it may be speech.
    """
    if len(text) > _MAX_CHARS:
        return None
    if all(_BUTTON.fullmatch(part) for part in _BETWEEN_BUTTONS.split(text) if part):
        return "share buttons"
    if count_words(text) > _MAX_NOTICE_WORDS:
        return None
    return next((reason for shape, reason in _SHAPES if shape.fullmatch(text)), None)


def read_footer(lines: Sequence[Line], labelled: Container[int]) -> dict[int, str]:
    """
    Find the furniture at the end of a text.

    Parameters
    ----------
    lines : sequence of Line
        Of the whole text.
    labelled : container of int
        Indices of the lines that name a speaker; the footer comes after the last of them.

    Returns
    -------
    dict of int to str
        Reason by index of the line; empty where the words go on to the end. Titles are left out where they stand in a
        list of related articles; other short lines stay.
    """
    foot: list[int] = []
    for index in range(len(lines) - 1, max(-1, len(lines) - 1 - _FOOT_LINES), -1):
        if index in labelled or not (_is_short(lines[index].text) or _reason(lines[index].text)):
            break
        foot.insert(0, index)
    reasons: dict[int, str] = {}
    listing = False
    for index in foot:
        reason = _reason(lines[index].text)
        listing = listing or (reason == "related links" and not lines[index].text[0].islower())
        if reason or (listing and not is_rule(lines[index])):
            reasons[index] = reason or "related links"
    return {} if may_be_speech(lines[index].text for index in reasons) else reasons


def may_be_speech(texts: Iterable[str]) -> bool:
    """
    Tell whether lines that look like boilerplate may be the first or last words of somebody, such as `next`.

    Parameters
    ----------
    texts : iterable of str
        All the lines of a header or footer that look so.

    Returns
    -------
    bool
        True where they are buttons only, and fewer than three.
    """
    buttons = [_BUTTON.fullmatch(part) for text in texts for part in _BETWEEN_BUTTONS.split(text) if part]
    return all(buttons) and len(buttons) < _MIN_BUTTONS


def _is_short(text: str) -> bool:
    return len(text) <= _MAX_CHARS and count_words(text) <= _MAX_TITLE_WORDS and not _SENTENCE_END.search(text)


def _reason(text: str) -> str | None:
    return boilerplate(text) or ("date line" if len(text) <= _MAX_CHARS and is_date_line(text) else None)
