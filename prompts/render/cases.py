#!/usr/bin/env python3
"""Makes what listen.py is to judge: every prompt, and random values of each kind as they are put together of clips.

    cases.py LANGUAGE OUT [--hotline target/release/hotline] [--values 300] [--kinds id,phone]

writes WAV files and the table `cases.tsv` into OUT. Prompts without placeholders are `prompt/...`, prompts with random values in them
`filled/...`, values `amount/...`, `date/...` and so on. With --sentence values are said
inside a sentence of the line. The same seed makes the same values, whatever kinds are asked for.
"""
import argparse
import csv
import glob
import os
import random
import re
import struct
import subprocess

LONG = [9, 99, 999, 9_999, 99_999, 999_999, 99_999_999]


def amount(r):
    yuan = r.randint(0, r.choice(LONG))
    return f"{yuan}.{r.choice(['00', f'{r.randint(0, 9)}0', f'{r.randint(0, 99):02}'])}"


def month(r, first=1950, last=2099):
    return f"{r.randint(first, last)}-{r.randint(1, 12):02}"


def period(r):
    year, a = r.randint(2010, 2030), sorted([r.randint(1, 12), r.randint(1, 12)])
    return f"{year}-{a[0]:02}..{year + r.choice([0, 0, 1])}-{a[1]:02}"


UNITS = "second minute hour day working-day month year person record time".split()
KINDS = {
    "amount": amount,
    "integer": lambda r: str(r.randint(0, r.choice(LONG[:5]))),
    "count": lambda r: f"{r.randint(0, r.choice([12, 99]))} {r.choice(UNITS)}",
    "months": lambda r: str(r.randint(1, 500)),
    "duration": lambda r: str(r.randint(1, r.choice([60, 3600, 20_000]))),
    "ordinal": lambda r: str(r.randint(1, 120)),
    "percent": lambda r: f"{r.choice([r.randint(0, 100), round(r.uniform(0, 30), 1)])}%",
    "year": lambda r: str(r.randint(1950, 2099)),
    "year-month": month,
    "date": lambda r: f"{month(r)}-{r.randint(1, 28):02}",
    "month-day": lambda r: f"{r.randint(1, 12):02}-{r.randint(1, 28):02}",
    "period": period,
    "periods": lambda r: f"{r.randint(2015, 2026)}-0{r.randint(1, 9)},{r.randint(2027, 2034)}-1{r.randint(0, 2)}",
    "clock": lambda r: f"{r.randint(0, 23):02}:{r.choice([0, 15, 30, r.randint(0, 59)]):02}",
    "digits": lambda r: "".join(r.choice("0123456789") for _ in range(r.randint(4, 8))),
    "ticket": lambda r: f"{r.randint(0, 99_999_999):08}",
    "masked": lambda r: f"{r.randint(0, 99_999_999):08}",
    "phone": lambda r: "120" + "".join(r.choice("0123456789") for _ in range(8)),
    "id": lambda r: "0001" + "".join(r.choice("0123456789") for _ in range(2)) + f"{r.randint(1950, 2010)}{r.randint(1, 12):02}{r.randint(1, 28):02}"
    + "".join(r.choice("0123456789") for _ in range(3)) + r.choice("0123456789X"),
}


# Sentences of the line's own clips for values of which a recogniser makes little by themselves: what is said before and after.
SENTENCES = {
    **{("zh-CN", kind): ([("登记成功，编号是", "sup.ok+1")], []) for kind in ("digits", "phone", "id", "ticket")},
    ("zh-CN", "masked"): ([("回电将拨打", "cb.number+1")], []),
}
# The line says no bare number. A prompt that has one with a measure word: its other values, the number's name, what stands around it.
COUNTED = {("zh-CN", "integer"): ("pay.record.multi", "month=2025-03", "n", r"(.*共有)(.*)(记录。)")}
JOIN = b"\xff" * 320  # 40 ms of silence, as `hotline` has between a text and a figure


def samples(path):
    """The samples of a mu-law file of hotline's."""
    with open(path, "rb") as clip:
        return clip.read()[58:]


def carried(language, kind, said, wav):
    """The text of a value inside its sentence, the value in brackets; the WAV file is written anew."""
    before, after = SENTENCES[language, kind]
    around = [[samples(f"prompts/{language}/clips/{name}.wav") for _, name in side] for side in (before, after)]
    value = samples(wav).rstrip(b"\xff\x7f")
    body = JOIN.join([*around[0], value, *around[1]]) + 10 * JOIN
    with open(wav, "wb") as out:
        size = struct.pack("<I", len(body))
        form = struct.pack("<HHIIHHH", 7, 1, 8000, 8000, 1, 8, 0)
        out.write(b"RIFF" + struct.pack("<I", 50 + len(body)) + b"WAVEfmt " + struct.pack("<I", 18) + form)
        out.write(b"fact" + struct.pack("<I", 4) + size + b"data" + size + body)
    first, last = ("".join(text for text, _ in side) for side in (before, after))
    return f"{first}[{said}]{last}。"


def counted(hotline, language, value, wav):
    """The text of a number in a prompt of the line, number and measure word in brackets; the WAV file is written anew."""
    prompt, others, name, around = COUNTED[language, "integer"]
    said = subprocess.run([hotline, "prompts", "play", prompt, others, f"{name}={value}", "--language", language, "--wav", wav],
                          capture_output=True, text=True, check=True).stdout.strip()
    return re.sub(around, r"\1[\2]\3", said)


def texts(language):
    """Every prompt's text, with the names and readings of its placeholders. Those of text messages are not spoken."""
    for path in sorted(set(glob.glob(f"prompts/{language}/*.yaml")) - {f"prompts/{language}/sms.yaml"}):
        for line in open(path, encoding="utf-8"):
            if found := re.match(r"([A-Za-z0-9.-]+): (.*)$", line.strip()):
                text = found[2][1:-1] if found[2][:1] in "\"'" else found[2]
                yield found[1], text, re.findall(r"\{([a-z0-9-]+): ([^}]+)\}", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("language")
    parser.add_argument("out")
    parser.add_argument("--hotline", default="target/release/hotline")
    parser.add_argument("--values", type=int, default=300, help="how many values of each kind (default %(default)s)")
    parser.add_argument("--kinds", default=",".join(["prompts", *KINDS]), help="of these, with commas between (default %(default)s)")
    parser.add_argument("--sentence", action="store_true", help="values inside a sentence of the line (Mandarin: integer, strings of digits)")
    options = parser.parse_args()
    language, rows, kinds = options.language, [], options.kinds.split(",")
    if unknown := set(kinds) - {"prompts", *KINDS}:
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    if options.sentence and (without := [kind for kind in kinds if (language, kind) not in {**SENTENCES, **COUNTED}]):
        parser.error(f"there is no sentence for: {', '.join(without)}")
    os.makedirs(options.out, exist_ok=True)
    prompts = list(texts(language))
    words = {}
    for name, _, _ in prompts:
        if name.startswith("word."):
            words.setdefault(name.split(".")[1], []).append(name.split(".", 2)[2])
    r = random.Random(12333)
    for name, text, slots in prompts if "prompts" in kinds else ():
        wav = f"{options.out}/{name}.wav"
        if not slots:
            rows.append((f"prompt/{name}", text, f"prompts/{language}/clips/{name}.wav"))
            continue
        if "text" in [reading for _, reading in slots]:
            continue  # whoever posts it writes it: there is no clip
        values = {}
        for slot, reading in slots:
            kind, _, of = reading.partition(" ")
            if kind == "word":
                values[slot] = r.choice(words[of])
            elif kind == "count":
                values[slot] = str(r.randint(0, 30))
            else:
                values[slot] = KINDS[kind](r)
        pairs = [f"{slot}={value}" for slot, value in values.items()]
        said = subprocess.run([options.hotline, "prompts", "play", name, *pairs, "--language", language, "--wav", wav],
                              capture_output=True, text=True, check=True).stdout.strip()
        rows.append((f"filled/{name}", said, wav))
    for kind, value in KINDS.items():
        if kind not in kinds:
            continue
        r = random.Random(f"12333 {kind}")
        table = "".join(f"{kind}\t{value(r)}\n" for _ in range(options.values))
        said = subprocess.run([options.hotline, "say", "--language", language, "--tsv", "--wav", f"{options.out}/{kind}"],
                              input=table, capture_output=True, text=True, check=True).stdout
        for number, row in enumerate(csv.reader(said.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)):
            if not options.sentence:
                text = row[2]
            elif (language, kind) in COUNTED:
                text = counted(options.hotline, language, row[1], row[3])
            else:
                text = carried(language, kind, row[2], row[3])
            rows.append((f"{kind}/{number}", text, row[3]))
    with open(f"{options.out}/cases.tsv", "w", encoding="utf-8") as out:
        out.writelines(f"{name}\t{language}\t{text}\t{wav}\n" for name, text, wav in rows)
    print(f"{len(rows)} cases in {options.out}/cases.tsv")


if __name__ == "__main__":
    main()
