//! `line.yaml` and `calendar.yaml`, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::check_format;
use super::nodes::{Checker, Site};
use crate::call::{Language, Name, NodeId, PromptId};
use crate::flow::calendar::Year;
use crate::flow::definition::{CalendarFile, LineFile};
use crate::flow::line::{Apology, Escape, Ladder, Line, Timers, Universal};
use crate::flow::{Calendar, Node};
use crate::yaml::{At, Place, Problems};

const LONGEST_CALL: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(4));
/// How near a person may have to be.
const NEAR: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(30));
const KEY_TIMER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(10));
/// The prompts of each ladder: the third silence or wrong key leaves it.
const RUNGS: usize = 2;

pub(super) fn languages(line: &LineFile) -> Vec<Language> {
    let written = line.languages.get().into_iter().flatten();
    written.filter_map(At::get).map(|language| Language::from(language.as_str())).collect()
}

/// The line, if nothing that it needs is missing.
pub(super) fn line(
    file: &LineFile,
    calendar: Option<&CalendarFile>,
    checker: &Checker<'_>,
    nodes: BTreeMap<NodeId, Node>,
    version: String,
) -> Option<Line> {
    let name: Arc<str> = Arc::from("line.yaml");
    let problems = checker.problems;
    check_format(&name, &file.format, problems);
    let site = |place: Place| Site { file: &name, flow: None, place };
    let node = |target: &At<String>| checker.target(site(target.place), target);
    let prompt = |id: &At<String>| checker.bare_prompt(&name, id);
    let languages = languages(file);
    if languages.is_empty() && file.languages.get().is_some() {
        problems.report(&name, file.languages.place, "no-language", "a line speaks at least one language");
    }
    let zone = file.time_zone.get().and_then(|zone| {
        let found = TimeZone::get(zone).ok();
        if found.is_none() {
            let text = format!("`{zone}` is no time zone; write one like Asia/Shanghai");
            problems.report(&name, file.time_zone.place, "unknown-time-zone", text);
        }
        found
    });
    let calendar = calendar.and_then(|calendar| self::calendar(calendar, problems));
    let (timers, ladder) = (self::timers(file, checker, &name), self::ladder(file, &prompt, &node, &name, problems));
    let keys = self::keys(file, &node, &name, problems);
    let (start, home) = (node(&file.start), node(&file.home));
    let (wait, unknown_call, too_long) = (prompt(&file.wait), prompt(&file.unknown_call), prompt(&file.too_long));
    let expired = file.expired.get().and_then(|expired| Some((prompt(&expired.prompt)?, node(&expired.next)?)));
    let apology = file.apology.get().and_then(|apology| {
        let (prompt, end) = (prompt(&apology.prompt), prompt(&apology.end));
        Some(Apology { prompt: prompt?, dial: Name::from(apology.dial.get()?.as_str()), end: end? })
    });
    let escape = self::escape(file, checker, &name);
    let longest_call = checker.span(&name, &file.longest_call, LONGEST_CALL);
    let topics = self::topics(file, checker, &name);
    let tasks = self::tasks(file, &topics, &node, &name, problems);
    Some(Line {
        name: Name::from(file.name.get()?.as_str()),
        version,
        languages: Some(languages).filter(|languages| !languages.is_empty())?,
        zone: zone?,
        calendar: calendar?,
        start: start?,
        home: home?,
        keys,
        timers: timers?,
        ladder: ladder?,
        wait: wait?,
        expired: expired?,
        apology: apology?,
        escape: escape?,
        unknown_call: unknown_call?,
        too_long: too_long?,
        longest_call: longest_call?,
        topics,
        tasks,
        nodes,
        flows: checker.index.flows.clone(),
        prompts: checker.named.take(),
    })
}

/// How near a person has to be; the usual bounds where nothing is written.
fn escape(file: &LineFile, checker: &Checker<'_>, name: &Arc<str>) -> Option<Escape> {
    let Some(escape) = &file.escape else { return Some(Escape::default()) };
    let escape = escape.get()?;
    let asking = checker.span(name, &escape.asking, NEAR);
    let silent = checker.span(name, &escape.silent, NEAR);
    Some(Escape { keys: *escape.keys.get()?, asking: asking?, silent: silent? })
}

fn timers(file: &LineFile, checker: &Checker<'_>, name: &Arc<str>) -> Option<Timers> {
    let timers = file.timers.get()?;
    let first_key = checker.span(name, &timers.first_key, KEY_TIMER);
    let between_keys = checker.span(name, &timers.between_keys, KEY_TIMER);
    Some(Timers { first_key: first_key?, between_keys: between_keys?, slow_after: *timers.slow_after.get()? })
}

fn ladder(
    file: &LineFile,
    prompt: &impl Fn(&At<String>) -> Option<PromptId>,
    node: &impl Fn(&At<String>) -> Option<NodeId>,
    name: &Arc<str>,
    problems: &Problems,
) -> Option<Ladder> {
    let ladder = file.ladder.get()?;
    let rungs = |rungs: &At<Vec<At<String>>>| {
        let prompts: Vec<PromptId> = rungs.get()?.iter().filter_map(prompt).collect();
        if rungs.get()?.len() != RUNGS {
            problems.report(
                name,
                rungs.place,
                "ladder",
                format!("a ladder has {RUNGS} prompts; the third time leaves it"),
            );
        }
        Some(prompts)
    };
    let (silent, wrong_key) = (rungs(&ladder.silent), rungs(&ladder.wrong_key));
    let (short, long, then) = (prompt(&ladder.short), prompt(&ladder.long), node(&ladder.then));
    Some(Ladder { silent: silent?, wrong_key: wrong_key?, short: short?, long: long?, then: then? })
}

fn keys(
    file: &LineFile,
    node: &impl Fn(&At<String>) -> Option<NodeId>,
    name: &Arc<str>,
    problems: &Problems,
) -> BTreeMap<char, Universal> {
    let mut keys = BTreeMap::new();
    for (key, does) in file.keys.get().into_iter().flatten() {
        let universal = match does.get().map(String::as_str) {
            Some("again") => Some(Universal::Again),
            Some("back") => Some(Universal::Back),
            Some("onward") => Some(Universal::Onward),
            _ => node(does).map(Universal::Node),
        };
        match (key.chars().next().filter(|_| key.chars().count() == 1), universal) {
            (Some(key @ ('0'..='9' | '*' | '#')), Some(universal)) => {
                keys.insert(key, universal);
            }
            (Some('0'..='9' | '*' | '#'), None) => {}
            _ => problems.report(name, does.place, "unknown-key", format!("`{key}` is no key; keys are 0-9, * and #")),
        }
    }
    keys
}

fn topics(file: &LineFile, checker: &Checker<'_>, name: &Arc<str>) -> BTreeMap<String, String> {
    let mut topics = BTreeMap::new();
    for (part, word) in file.topics.as_ref().and_then(At::get).into_iter().flatten() {
        let Some(text) = word.get() else { continue };
        let id = format!("word.topic.{text}");
        if checker.catalogue.contains(&id) {
            checker.named.borrow_mut().insert(PromptId::from(id));
            topics.insert(part.clone(), text.clone());
        } else if checker.catalogue.lacks(&id) {
            checker.problems.report(name, word.place, "unknown-prompt", format!("topic `{text}` has no prompt `{id}`"));
        }
    }
    topics
}

fn tasks(
    file: &LineFile,
    topics: &BTreeMap<String, String>,
    node: &impl Fn(&At<String>) -> Option<NodeId>,
    name: &Arc<str>,
    problems: &Problems,
) -> BTreeMap<String, BTreeSet<NodeId>> {
    let mut tasks = BTreeMap::new();
    for (topic, done_at) in file.tasks.as_ref().and_then(At::get).into_iter().flatten() {
        if !topics.values().any(|known| known == topic) {
            let text = format!("`{topic}` is no word of `topics`, so no call would ever come for it");
            problems.report(name, done_at.place, "unknown-word", text);
        }
        tasks.insert(topic.clone(), done_at.get().into_iter().flatten().filter_map(node).collect());
    }
    tasks
}

fn calendar(file: &CalendarFile, problems: &Problems) -> Option<Calendar> {
    let name: Arc<str> = Arc::from("calendar.yaml");
    check_format(&name, &file.format, problems);
    let clock = |at: &At<String>| {
        let time = at.get()?.parse::<Time>().ok();
        if time.is_none() {
            problems.report(&name, at.place, "wrong-value", "expected a time of day like 09:00");
        }
        time
    };
    let (opens, closes) = (clock(&file.opens), clock(&file.closes));
    let mut years = BTreeMap::new();
    for (year, table) in file.years.get()? {
        let Ok(number) = year.parse::<i16>() else {
            problems.report(&name, table.place, "wrong-value", format!("`{year}` is no year"));
            continue;
        };
        let Some(table) = table.get() else { continue };
        let off = days(&table.off, number, &name, problems);
        years.insert(number, Year { off, work: days(&table.work, number, &name, problems) });
    }
    let (opens, closes) = (opens?, closes?);
    if opens >= closes {
        problems.report(&name, file.closes.place, "out-of-range", "people stop after they begin");
    }
    Some(Calendar { opens, closes, years })
}

/// Days and runs of days of one year.
fn days(written: &At<Vec<At<String>>>, year: i16, name: &Arc<str>, problems: &Problems) -> Vec<Date> {
    let mut days = Vec::new();
    for at in written.get().into_iter().flatten() {
        let Some(text) = at.get() else { continue };
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        match (from.parse::<Date>(), to.parse::<Date>()) {
            (Ok(from), Ok(to)) if from <= to && from.year() == year && to.year() == year => {
                days.extend(from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to));
            }
            _ => {
                let text =
                    format!("expected days of {year} like {year}-01-01 or {year}-01-01..{year}-01-03, found `{text}`");
                problems.report(name, at.place, "wrong-value", text);
            }
        }
    }
    days
}
