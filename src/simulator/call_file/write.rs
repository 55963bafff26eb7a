//! `.call` files written: a whole call, or lines of one in place of others, where what else is in it stays as it was.

use std::collections::BTreeMap;
use std::time::Duration;

use super::words::comment;
use super::{Action, Caller, Expectation, LookupDoes, Script, Setting, Step, Switch};
use crate::simulator::Medium;

/// The text of a file that reads as this call. Numbers of lines are not kept.
#[must_use]
pub fn write(script: &Script) -> String {
    let mut text = String::new();
    for line in script.comment.lines() {
        text.extend(["# ", line, "\n"]);
    }
    let at = script.at.strftime("%Y-%m-%d %H:%M").to_string();
    text.extend(["line ", script.line.as_str(), " at ", &at]);
    match &script.from {
        Caller::Anybody => {}
        Caller::Withheld => text.push_str(" from withheld"),
        Caller::Number(number) => text.extend([" from ", number.as_str()]),
    }
    if let Some(language) = &script.language {
        text.extend([" in ", language.as_str()]);
    }
    text.push_str("\n\n");
    for (_, step) in &script.steps {
        text.push_str(&line(step));
        text.push('\n');
    }
    text
}

fn line(step: &Step) -> String {
    match step {
        Step::Sets(setting) => self::setting(setting),
        Step::Does(action) => self::action(action),
        Step::Expects(expectation) => self::expectation(expectation),
    }
}

fn setting(setting: &Setting) -> String {
    match setting {
        Setting::Lookup { name, does } => match does {
            LookupDoes::Works => format!("lookup {name} works"),
            LookupDoes::Fails => format!("lookup {name} fails"),
            LookupDoes::Answers(outcome, values) => {
                let values = values.iter().flat_map(|(name, number)| [name.clone(), number.to_string()]);
                let all: Vec<String> = [outcome.clone()].into_iter().chain(values).collect();
                format!("lookup {name} answers {}", all.join(" "))
            }
            LookupDoes::Takes(time) => format!("lookup {name} takes {}", span(*time)),
        },
        Setting::Switch(switch) => format!("switch {}", self::switch(switch)),
        Setting::DatabaseDown(down) => format!("database {}", if *down { "down" } else { "works" }),
        Setting::Later(time) => format!("later {}", span(*time)),
    }
}

fn switch(switch: &Switch) -> String {
    let on = |on: bool| if on { "on" } else { "off" };
    match switch {
        Switch::ClosedToday(closed) => format!("closed-today {}", on(*closed)),
        Switch::DirectToOperator(direct) => format!("direct-to-operator {}", on(*direct)),
        Switch::Nobody(nobody) => format!("nobody {}", on(*nobody)),
        Switch::Maintenance(Some(until)) => format!("maintenance until {}", until.strftime("%H:%M")),
        Switch::Maintenance(None) => "maintenance off".to_owned(),
        Switch::Bulletin(Some(texts)) => {
            let texts = texts.iter().map(|text| quoted(text));
            std::iter::once("bulletin".to_owned()).chain(texts).collect::<Vec<_>>().join(" ")
        }
        Switch::Bulletin(None) => "bulletin off".to_owned(),
    }
}

fn action(action: &Action) -> String {
    match action {
        Action::Presses(keys) => format!("presses {}", keys.as_str()),
        Action::ChoosesLanguage => "chooses language".to_owned(),
        Action::WaitsSilent => "waits silent".to_owned(),
        Action::Waits => "waits".to_owned(),
        Action::Speaks(time) => format!("says {}", span(*time)),
        Action::RecordingFails => "recording fails".to_owned(),
        Action::HangsUp => "hangs up".to_owned(),
        Action::CallsAgain => "calls again".to_owned(),
        Action::OperatorAnswers => "operator answers".to_owned(),
        Action::OperatorPresses(keys) => format!("operator presses {}", keys.as_str()),
        Action::OperatorWaits => "operator waits".to_owned(),
        Action::DialEnds { outcome, talk: Some(talk) } => format!("dial ends {} {}", outcome.name(), span(*talk)),
        Action::DialEnds { outcome, talk: None } => format!("dial ends {}", outcome.name()),
    }
}

fn expectation(expectation: &Expectation) -> String {
    let prompts = |who, expected: &[super::Expected]| {
        hears(who, expected.iter().map(|expected| (expected.prompt.as_str(), expected.medium)))
    };
    match expectation {
        Expectation::Hears(expected) => prompts("hears", expected),
        Expectation::OperatorHears(expected) => prompts("operator hears", expected),
        Expectation::Says { language, text } => format!("says {language} {}", quoted(text)),
        Expectation::Dials(target) => format!("dials {target}"),
        Expectation::Ends(cause) => format!("ends {}", cause.name()),
    }
}

/// `hears main.menu`, or `hears text entry.emergency clip main.menu`.
pub(in crate::simulator) fn hears<'a>(who: &str, prompts: impl Iterator<Item = (&'a str, Option<Medium>)>) -> String {
    let (mut line, mut last) = (who.to_owned(), None);
    for (prompt, medium) in prompts {
        let word = match medium.filter(|_| medium != last) {
            Some(Medium::Clip) => " clip",
            Some(Medium::Text) => " text",
            None => "",
        };
        last = medium;
        line.extend([word, " ", prompt]);
    }
    line
}

/// A text between quotation marks.
pub(in crate::simulator) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A length of time in the largest unit that tells it whole.
fn span(length: Duration) -> String {
    let ms = length.as_millis();
    let units = [(3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let whole = units.into_iter().find(|(unit, _)| ms > 0 && ms.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{ms}ms"), |(unit, name)| format!("{}{name}", ms / unit))
}

/// The text with other lines, by number from 1: `None` for one that goes. Indents and comments stay.
#[must_use]
pub fn with_lines(text: &str, lines: &BTreeMap<u32, Option<String>>) -> String {
    let mut written = String::with_capacity(text.len());
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let Some(instead) = lines.get(&number) else {
            written.push_str(line);
            continue;
        };
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        match (instead, comment(line)) {
            (Some(instead), None) => written.extend([indent, instead, end]),
            (Some(instead), Some(comment)) => written.extend([indent, instead, "  ", comment, end]),
            (None, Some(comment)) => written.extend([indent, comment, end]),
            (None, None) => {}
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::call_file::read;

    #[test]
    fn every_line_is_written_as_it_was_read() {
        let text = r#"# What it shows.
line 12333 at 2026-03-31 10:00 from withheld in zh-CN

hears entry.welcome text entry.notice clip main.menu
says en "A \"word\" and a \\."
presses 12#
presses #
chooses language
waits silent
waits
says 12s
lookup payments answers found
lookup payments takes 1500ms
lookup payments works
lookup payments fails
switch closed-today on
switch direct-to-operator off
switch nobody on
switch maintenance until 09:05
switch maintenance off
switch bulletin "今天" "A \"day\""
switch bulletin off
database down
database works
dials operators
operator answers
operator hears op.whisper
operator presses 1
operator waits
dial ends talked 90s
dial ends talked 0ms
dial ends no-answer
hangs up
ends caller-hung-up
later 24h
calls again
"#;
        let read = |text: &str| read("a.call", text).unwrap();
        let written = write(&read(text));
        assert_eq!(written, text);
        assert_eq!(read(&written), read(text));
        let anybody = "line 12333 at 2026-03-31 10:00\n\nhangs up\n";
        assert_eq!(write(&read(anybody)), anybody);
        let number = "line 12333 at 2026-03-31 10:00 from +8612012345678\n\nhangs up\n";
        assert_eq!(write(&read(number)), number);
    }

    #[test]
    fn the_calls_of_the_shipped_line_are_written_as_they_were_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/12333/calls");
        for file in std::fs::read_dir(folder).unwrap() {
            let told = read("a.call", &std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap();
            let again = read("a.call", &write(&told)).unwrap();
            assert_eq!((&again.comment, again.at, &again.from), (&told.comment, told.at, &told.from));
            assert!(again.steps.iter().map(|(_, step)| step).eq(told.steps.iter().map(|(_, step)| step)));
        }
    }

    #[test]
    fn comments_indents_and_other_lines_stay() {
        let text = "# What it shows.\nline 12333 at 2026-03-31 10:00\n  hears main.menu   # the menu\npresses 1#\n\n\
                    says en \"Not # a note.\" # a note\ndials operators # gone\nends finished";
        let lines = [
            (3, Some("hears sys.more".to_owned())),
            (6, Some("says en \"Other.\"".to_owned())),
            (7, None),
            (8, Some("ends lost".to_owned())),
        ];
        assert_eq!(
            with_lines(text, &lines.into()),
            "# What it shows.\nline 12333 at 2026-03-31 10:00\n  hears sys.more  # the menu\npresses 1#\n\n\
             says en \"Other.\"  # a note\n# gone\nends lost"
        );
        assert_eq!(with_lines("hears a\nwaits\n", &[(1, None)].into()), "waits\n");
    }
}
