//! Text -> [`Script`], or every line that is not understood.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use serde::de::DeserializeOwned;
use strsim::jaro_winkler;

use super::words::{Word, words};
use super::{Action, Caller, Expectation, Expected, FORMS, LookupDoes, Mistake, Script, Setting, Step, Switch};
use crate::call::{DialOutcome, Keys, Language, Name, PhoneNumber};
use crate::flow::definition::Span;
use crate::simulator::Medium;

/// Reads a `.call` file. `file` is its path, for messages.
///
/// # Errors
/// Every line that is not understood, with the form that was expected.
pub fn read(file: &str, text: &str) -> Result<Script, Vec<Mistake>> {
    let mut reading = Reading { file, head: None, steps: Vec::new(), over: false, mistakes: Vec::new() };
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with("# ") || line == "#" {
            continue;
        }
        if let Err(text) = reading.line(number, line) {
            reading.mistake(number, text);
        }
    }
    if reading.head.is_none() && reading.mistakes.is_empty() {
        reading.mistake(1, format!("the file is empty; expected `{}`", form("line")));
    }
    match reading.head {
        Some(head) if reading.mistakes.is_empty() => Ok(Script {
            file: file.to_owned(),
            comment: comment(text),
            line: head.line,
            at: head.at,
            from: head.from,
            language: head.language,
            steps: reading.steps,
        }),
        _ => Err(reading.mistakes),
    }
}

/// The comment lines at the top.
fn comment(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

struct Reading<'a> {
    file: &'a str,
    head: Option<Head>,
    steps: Vec<(u32, Step)>,
    /// The call has ended, and no other has begun.
    over: bool,
    mistakes: Vec<Mistake>,
}

/// The first line.
struct Head {
    line: Name,
    at: DateTime,
    from: Caller,
    language: Option<Language>,
}

/// What a line was read as.
enum Line {
    Head(Head),
    /// For whoever reads the file.
    Note,
    Step(Step),
}

impl Reading<'_> {
    fn line(&mut self, number: u32, text: &str) -> Result<(), String> {
        let words = words(text)?;
        let bare: Vec<&str> = words.iter().map(|word| if let Word::Bare(text) = word { text } else { "\"" }).collect();
        let Some(first) = bare.first() else { return Ok(()) };
        if self.head.is_none() && *first != "line" && self.mistakes.is_empty() {
            self.mistake(number, format!("expected `{}` before anything else", form("line")));
        }
        let line = statement(&bare, &words).ok_or_else(|| expected(first))?;
        match line {
            Line::Head(_) if self.head.is_some() => Err("a file is one call: expected no second `line`".to_owned()),
            Line::Head(head) => {
                self.head = Some(head);
                Ok(())
            }
            Line::Note => Ok(()),
            Line::Step(step) => {
                self.in_order(&step)?;
                self.steps.push((number, step));
                Ok(())
            }
        }
    }

    /// After the end of a call comes nothing of it.
    fn in_order(&mut self, step: &Step) -> Result<(), String> {
        let follows_a_call = matches!(step, Step::Sets(Setting::Later(_)) | Step::Does(Action::CallsAgain));
        match (step, self.over) {
            (_, false) if follows_a_call => return Err("expected `ends ...` first: the call is not over".to_owned()),
            (Step::Does(Action::CallsAgain), true) => self.over = false,
            (Step::Expects(Expectation::Ends(_)), false) => self.over = true,
            (Step::Does(_) | Step::Expects(_), true) => {
                return Err("the call is over; expected `later 24h`, `calls again` or nothing".to_owned());
            }
            (Step::Sets(_), _) | (Step::Does(_) | Step::Expects(_), false) => {}
        }
        Ok(())
    }

    fn mistake(&mut self, line: u32, text: String) {
        self.mistakes.push(Mistake { file: self.file.to_owned(), line, text });
    }
}

/// `bare` has a lone quotation mark, which no bare word can be, for each quotation.
fn statement(bare: &[&str], words: &[Word]) -> Option<Line> {
    let step = match bare {
        ["line", head @ ..] => return self::head(head).map(Line::Head),
        ["member", id] if *id != "\"" => return Some(Line::Note),
        ["says", time] if duration(time).is_some() => Step::Does(action(bare)?),
        ["hears" | "says" | "dials" | "ends", ..] | ["operator", "hears", ..] => {
            Step::Expects(expectation(bare, words)?)
        }
        ["lookup" | "switch" | "database" | "later", ..] => Step::Sets(setting(bare, words)?),
        _ => Step::Does(action(bare)?),
    };
    Some(Line::Step(step))
}

fn expectation(bare: &[&str], words: &[Word]) -> Option<Expectation> {
    Some(match bare {
        ["hears", ids @ ..] => Expectation::Hears(prompts(ids)?),
        ["says", language, "\""] => {
            let [_, _, Word::Quoted(text)] = words else { return None };
            Expectation::Says { language: name(language)?.as_str().into(), text: text.clone() }
        }
        ["operator", "hears", ids @ ..] => Expectation::OperatorHears(prompts(ids)?),
        ["dials", target] => Expectation::Dials(name(target)?),
        ["ends", cause] => Expectation::Ends(named(cause)?),
        _ => return None,
    })
}

fn setting(bare: &[&str], words: &[Word]) -> Option<Setting> {
    Some(match bare {
        ["lookup", name, does @ ..] => Setting::Lookup { name: self::name(name)?, does: lookup(does)? },
        ["switch", name, value @ ..] => Setting::Switch(switch(name, value, words)?),
        ["database", "down"] => Setting::DatabaseDown(true),
        ["database", "works"] => Setting::DatabaseDown(false),
        ["later", time] => Setting::Later(duration(time)?),
        _ => return None,
    })
}

fn action(bare: &[&str]) -> Option<Action> {
    Some(match bare {
        ["presses", pressed] => Action::Presses(keys(pressed)?),
        ["chooses", "language"] => Action::ChoosesLanguage,
        ["waits", "silent"] => Action::WaitsSilent,
        ["waits"] => Action::Waits,
        ["says", time] => Action::Speaks(duration(time)?),
        ["recording", "fails"] => Action::RecordingFails,
        ["hangs", "up"] => Action::HangsUp,
        ["calls", "again"] => Action::CallsAgain,
        ["operator", "answers"] => Action::OperatorAnswers,
        ["operator", "presses", pressed] => Action::OperatorPresses(keys(pressed)?),
        ["operator", "waits"] => Action::OperatorWaits,
        ["dial", "ends", "talked", talk] => {
            Action::DialEnds { outcome: DialOutcome::Talked, talk: Some(duration(talk)?) }
        }
        ["dial", "ends", outcome] => {
            let outcome = named(outcome).filter(|outcome| *outcome != DialOutcome::Talked)?;
            Action::DialEnds { outcome, talk: None }
        }
        _ => return None,
    })
}

fn head(words: &[&str]) -> Option<Head> {
    let [line, "at", date, time, more @ ..] = words else { return None };
    let date: Date = date.parse().ok()?;
    let mut head =
        Head { line: name(line)?, at: date.to_datetime(clock(time)?), from: Caller::Anybody, language: None };
    let mut more = more;
    loop {
        more = match more {
            [] => return Some(head),
            ["from", from, rest @ ..] if head.from == Caller::Anybody => {
                head.from = match *from {
                    "withheld" => Caller::Withheld,
                    number => Caller::Number(PhoneNumber::parse(number).ok().filter(PhoneNumber::is_number)?),
                };
                rest
            }
            ["in", language, rest @ ..] if head.language.is_none() => {
                head.language = Some(name(language)?.as_str().into());
                rest
            }
            _ => return None,
        };
    }
}

fn lookup(does: &[&str]) -> Option<LookupDoes> {
    match does {
        ["works"] => Some(LookupDoes::Works),
        ["fails"] => Some(LookupDoes::Fails),
        ["answers", outcome, values @ ..] => Some(LookupDoes::Answers(name(outcome)?.to_string(), numbers(values)?)),
        ["takes", time] => Some(LookupDoes::Takes(duration(time)?)),
        _ => None,
    }
}

/// Names and numbers in turn.
fn numbers(words: &[&str]) -> Option<BTreeMap<String, i64>> {
    let (pairs, rest) = words.as_chunks::<2>();
    let pairs = pairs.iter().map(|[name, number]| Some((self::name(name)?.to_string(), number.parse().ok()?)));
    if rest.is_empty() { pairs.collect() } else { None }
}

fn switch(name: &str, value: &[&str], words: &[Word]) -> Option<Switch> {
    let on = match value {
        ["on"] => Some(true),
        ["off"] => Some(false),
        _ => None,
    };
    match (name, value) {
        ("closed-today", _) => Some(Switch::ClosedToday(on?)),
        ("direct-to-operator", _) => Some(Switch::DirectToOperator(on?)),
        ("nobody", _) => Some(Switch::Nobody(on?)),
        ("maintenance", ["off"]) => Some(Switch::Maintenance(None)),
        ("maintenance", ["until", time]) => Some(Switch::Maintenance(Some(clock(time)?))),
        ("bulletin", ["off"]) => Some(Switch::Bulletin(None)),
        ("bulletin", [_, ..]) => {
            let texts = words.get(2..)?.iter().map(|word| match word {
                Word::Quoted(text) => Some(text.clone()),
                Word::Bare(_) => None,
            });
            Some(Switch::Bulletin(Some(texts.collect::<Option<_>>()?)))
        }
        _ => None,
    }
}

/// Prompts by name. `clip` and `text` are for those behind them.
fn prompts(words: &[&str]) -> Option<Vec<Expected>> {
    let mut medium = None;
    let mut prompts = Vec::new();
    for word in words {
        match *word {
            "clip" => medium = Some(Medium::Clip),
            "text" => medium = Some(Medium::Text),
            id => prompts.push(Expected { prompt: name(id)?.as_str().into(), medium }),
        }
    }
    let names_behind_all = !matches!(words.last(), None | Some(&"clip" | &"text"));
    names_behind_all.then_some(prompts)
}

/// Letters, digits and `.`, `-`, `_`: what names of prompts, lookups, lines and languages are made of.
fn name(text: &str) -> Option<Name> {
    let fine = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    text.chars().all(fine).then(|| text.into())
}

fn keys(text: &str) -> Option<Keys> {
    Keys::parse(text).ok().filter(|keys| !keys.is_empty())
}

/// `14:30`; seconds are not written.
fn clock(text: &str) -> Option<Time> {
    (text.len() == 5).then(|| text.parse().ok()).flatten()
}

fn duration(text: &str) -> Option<Duration> {
    named::<Span>(text).map(|span| span.0)
}

/// A value by the word that files and logs have for it.
fn named<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

/// The first form that begins with `word`.
fn form(word: &str) -> &'static str {
    FORMS.iter().find(|form| form.split(' ').next() == Some(word)).copied().unwrap_or_default()
}

/// What should stand where a line begins with `first` and is not understood. What else stands there is not repeated:
/// it could be a number of somebody.
fn expected(first: &str) -> String {
    let beginnings = FORMS.iter().filter_map(|form| form.split(' ').next());
    let known = form(first);
    if !known.is_empty() {
        return format!("expected `{known}`");
    }
    let alike = |word: &&str| jaro_winkler(word, first);
    match beginnings.max_by(|one, other| alike(one).total_cmp(&alike(other))) {
        Some(word) if jaro_winkler(word, first) > 0.8 => {
            format!("no line begins so; did you mean `{}`?", form(word))
        }
        _ => format!("no line begins so; expected one of:\n    {}", FORMS.join("\n    ")),
    }
}
