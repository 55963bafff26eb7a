//! Values to try prompts with: long ones that a caller may well hear, and enough of all kinds to meet every piece.

use std::collections::BTreeMap;

use super::open::Opened;
use crate::call::Language;
use crate::prompt::Catalogue;
use crate::prompt::{AudioHash, Maker, Manifest, Part, Row, Unit, Wanted, say};
use crate::yaml::Problems;

/// A value in which a piece is heard.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub(super) kind: &'static str,
    pub(super) said: String,
}

/// For every piece a value that it is heard in.
pub(super) fn of_pieces(opened: &Opened, language: &Language) -> BTreeMap<String, Example> {
    let catalogue = with_every_clip(opened, language);
    let mut found: BTreeMap<String, Example> = BTreeMap::new();
    for (kind, value) in all() {
        let Ok(said) = say::read_text(language, kind, &value) else { continue };
        let Some(recipe) = catalogue.figure(language, kind, &said, false) else { continue };
        for part in &recipe.parts {
            if let Part::Clip(clip) = part {
                let example = || Example { kind, said: said.clone() };
                found.entry(clip.id.to_string()).or_insert_with(example);
            }
        }
    }
    found
}

/// The same prompts, as if there were every clip.
fn with_every_clip(opened: &Opened, language: &Language) -> Catalogue {
    let row = |wanted: &Wanted| Row {
        clip: wanted.clip.clone(),
        text: wanted.hash(),
        audio: AudioHash::of(b""),
        samples: 0,
        level_dbfs: 0.0,
        peak_dbfs: 0.0,
        voice: String::new(),
        made_by: Maker::Voice,
    };
    let rows = opened.catalogue.wanted(language).iter().map(|wanted| (wanted.clip.clone(), row(wanted))).collect();
    let mut files = opened.files.0.clone();
    files.insert(format!("prompts/{language}/{}", Manifest::FILE), Manifest { rows }.write());
    Catalogue::read(&files, std::slice::from_ref(language), &Problems::default())
}

/// Values of every kind, likely ones first.
fn all() -> Vec<(&'static str, String)> {
    let mut values = Vec::new();
    let mut add = |kind, value: String| values.push((kind, value));
    for n in 0..=99_u32 {
        add("amount", format!("{n}"));
        add("amount", format!("1023.{n:02}"));
        for places in 2..=6 {
            add("amount", format!("{}", n * 10_u32.pow(places)));
            add("amount", format!("{}.05", n * 10_u32.pow(places) + 1023));
            add("amount", format!("-{}", n * 10_u32.pow(places) + 11));
            add("integer", format!("{}", n * 10_u32.pow(places)));
        }
        add("integer", format!("{n}"));
        add("integer", format!("-{n}"));
        add("ordinal", format!("{}", n + 1));
        add("months", format!("{n}"));
        add("duration", format!("{}", n * 61));
        add("percent", format!("{n}%"));
        add("decimal", format!("{n}.{n:02}"));
        for (_, unit) in Unit::ALL {
            add("count", format!("{n} {unit}"));
        }
        for kind in ["digits", "phone", "hotline", "employee-no", "masked"] {
            add(kind, format!("{n:02}"));
            add(kind, format!("1{n:02}33"));
        }
    }
    for key in "0123456789*#".chars() {
        add("menu-key", key.to_string());
    }
    add("digits", "X".to_owned());
    for year in 1950..=2099 {
        add("year-month", format!("{year}-{:02}", year % 12 + 1));
        add("date", format!("{year}-{:02}-{:02}", year % 12 + 1, year % 28 + 1));
        add("year", format!("{year}"));
    }
    for day in 1..=31 {
        add("month-day", format!("12-{day:02}"));
    }
    for month in 1..=12 {
        add("period", format!("2026-{month:02}..2027-{month:02}"));
        add("month-day", format!("{month:02}-01"));
    }
    add("periods", "2026-01..2026-02,2026-05".to_owned());
    for hour in 0..24 {
        for minute in 0..60 {
            add("clock", format!("{hour:02}:{minute:02}"));
        }
    }
    values
}
