#!/usr/bin/env python3
"""Copies the prompts and the line with some clips exchanged, each with the sound of another: what listen.py must notice.

    swapped.py LANGUAGE OUT

Of every five pairs of digits two exchange their sound, and of the prompts without placeholders twenty, each with one about as long. The
manifest says of each clip what it sounds like, so `hotline` finds nothing wrong. Run cases.py in OUT; `swapped.txt` there names the clips.
"""
import csv
import os
import random
import shutil
import sys

DIGITS = "零幺二三四五六七八九"


def main():
    language, out = sys.argv[1:]
    shutil.copytree("prompts", f"{out}/prompts")
    shutil.copytree("call-flows", f"{out}/call-flows")
    folder = f"{out}/prompts/{language}"
    with open(f"{folder}/clips.csv", encoding="utf-8", newline="") as manifest:
        rows = {row["clip"]: row for row in csv.DictReader(manifest)}
    r = random.Random(12333)
    pairs = [f"value/{a}{b}" for a in DIGITS for b in DIGITS]
    r.shuffle(pairs)
    whole = sorted((n for n in rows if "/" not in n and "+" not in n), key=lambda n: int(rows[n]["samples"]))
    at = r.sample(range(0, len(whole) - 1, 2), 10)
    changed = list(zip(pairs[:20], pairs[20:40])) + [(whole[i], whole[i + 1]) for i in at]
    for a, b in changed:
        one, other = (f"{folder}/clips/{name}.wav" for name in (a, b))
        os.rename(one, one + ".part")
        os.rename(other, one)
        os.rename(one + ".part", other)
        for column in rows[a].keys() - {"clip", "text"}:
            rows[a][column], rows[b][column] = rows[b][column], rows[a][column]
    with open(f"{folder}/clips.csv", "w", encoding="utf-8", newline="") as manifest:
        table = csv.DictWriter(manifest, next(iter(rows.values())), lineterminator="\n")
        table.writeheader()
        table.writerows(rows.values())
    with open(f"{out}/swapped.txt", "w", encoding="utf-8") as names:
        names.writelines(f"{name}\n" for pair in changed for name in pair)


if __name__ == "__main__":
    main()
