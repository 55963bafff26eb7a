//! `hotline operator switch`: the switches of a line. A running server sees them at the next call that asks.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};

use crate::call::Language;
use crate::clip_files::ClipFiles;
use crate::clock::{Clock as _, SystemClock};
use crate::desk::audit::Deed;
use crate::flow::Files;
use crate::line_files;
use crate::prompt::speaking_time;
use crate::service::{Lines, Speech};
use crate::store::Database;

/// Callers hear it before the main menu.
const LONGEST_BULLETIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub(super) struct Where {
    /// The data folder of the server
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA", default_value = "data")]
    data: PathBuf,
    /// The line
    #[arg(long, value_name = "NAME", default_value = line_files::SHIPPED)]
    line: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Switch {
    #[command(flatten)]
    place: Where,
    /// Which one
    #[arg(value_enum)]
    name: Name,
    /// `on` or `off`; for maintenance the time of day at which it ends (14:30) or `off`; for a bulletin its text in
    /// each language as it is to be spoken ("zh-CN=今天系统升级" "en=We are upgrading today") or `off`
    #[arg(required = true, value_name = "VALUE")]
    value: Vec<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Name {
    /// Callers reach a person first, self-service is the overflow
    DirectToOperator,
    /// Nobody answers today, whatever the calendar says
    ClosedToday,
    /// Account queries are closed until a time of day
    Maintenance,
    /// An announcement before the main menu
    Bulletin,
}

impl Name {
    const fn name(self) -> &'static str {
        match self {
            Self::DirectToOperator => "direct-to-operator",
            Self::ClosedToday => "closed-today",
            Self::Maintenance => "maintenance",
            Self::Bulletin => "bulletin",
        }
    }
}

pub(super) async fn show(place: &Where) -> anyhow::Result<ExitCode> {
    let switches = open(place).await?.switches(&place.line).await?;
    if switches.is_empty() {
        println!("no switch of line {} is set", place.line);
    }
    for (name, value) in switches.iter() {
        println!("{name}: {value}");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn set(switch: &Switch) -> anyhow::Result<ExitCode> {
    let value = value(switch.name, &switch.value)?;
    let database = open(&switch.place).await?;
    let (line, name) = (&switch.place.line, switch.name.name());
    if let (Name::Bulletin, Some(texts)) = (switch.name, &value) {
        check_bulletin(&database, line, texts).await?;
    }
    database.set_switch(line, name, value.as_ref()).await?;
    let reason = value.as_ref().map_or_else(|| "off".to_owned(), Value::to_string);
    let deed = Deed { reason, ..Deed::new(super::who(), "switched", format!("{line} {name}")) };
    deed.record(&database, SystemClock.now()).await?;
    let state = if value.is_some() { "set" } else { "off" };
    println!("{name} of line {line} is {state}");
    Ok(ExitCode::SUCCESS)
}

async fn open(place: &Where) -> anyhow::Result<Database> {
    let path = place.data.join("hotline.db");
    if !path.is_file() {
        bail!("there is no database in {}; name the data folder of the server with --data", place.data.display());
    }
    let database = Database::open(&path).await?;
    if database.active(&place.line).await?.is_none() {
        bail!("there is no line `{}` in {}; name it with --line", place.line, place.data.display());
    }
    Ok(database)
}

/// A bulletin is in every language of the line, and short.
async fn check_bulletin(database: &Database, line: &str, texts: &Value) -> anyhow::Result<()> {
    let line_files = vec![(line.to_owned(), Files::default(), Vec::new())];
    let lines = Lines::open(database.clone(), Speech::new(ClipFiles::default()), line_files, false).await?;
    let languages = lines.first().line.languages.clone();
    let spoken = languages.iter().map(Language::as_str).collect::<Vec<_>>().join(", ");
    for language in texts.as_object().into_iter().flat_map(serde_json::Map::keys) {
        if !languages.iter().any(|known| known.as_str() == language) {
            bail!("line `{line}` does not speak `{language}`; it speaks {spoken}");
        }
    }
    for language in &languages {
        let Some(text) = texts.get(language.as_str()).and_then(Value::as_str) else {
            bail!("the text in `{language}` is missing; give \"{language}=...\" too");
        };
        let takes = speaking_time(language, text);
        if takes > LONGEST_BULLETIN {
            bail!(
                "the text in `{language}` takes about {} s to say; at most {} s",
                takes.as_secs(),
                LONGEST_BULLETIN.as_secs()
            );
        }
    }
    Ok(())
}

/// The switch's value; `None` if it is switched off.
fn value(name: Name, written: &[String]) -> anyhow::Result<Option<Value>> {
    let first = written.first().map_or("", String::as_str);
    if written.len() == 1 && first == "off" {
        return Ok(None);
    }
    match name {
        Name::DirectToOperator | Name::ClosedToday if written.len() == 1 && first == "on" => Ok(Some(json!(true))),
        Name::DirectToOperator | Name::ClosedToday => bail!("expected `on` or `off`, found `{}`", written.join(" ")),
        Name::Maintenance => {
            let Ok(until) = first.parse::<jiff::civil::Time>() else {
                bail!("expected a time of day like 14:30, or `off`, found `{first}`");
            };
            Ok(Some(json!({ "until": until.strftime("%H:%M").to_string() })))
        }
        Name::Bulletin => {
            let mut texts = serde_json::Map::new();
            for text in written {
                let Some((language, text)) = text.split_once('=') else {
                    bail!("expected LANGUAGE=TEXT, like \"zh-CN=今天系统升级\", or `off`, found `{text}`");
                };
                if text.chars().any(|letter| letter.is_ascii_digit()) {
                    bail!("write numbers in words, as they are to be spoken: 十点, ten o'clock");
                }
                texts.insert(language.to_owned(), json!(text));
            }
            Ok(Some(Value::Object(texts)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_take_what_their_lookups_read() {
        let value = |name, words: &[&str]| value(name, &words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(value(Name::ClosedToday, &["on"]).unwrap(), Some(json!(true)));
        assert_eq!(value(Name::ClosedToday, &["off"]).unwrap(), None);
        assert_eq!(value(Name::Maintenance, &["14:30"]).unwrap(), Some(json!({ "until": "14:30" })));
        assert_eq!(value(Name::Bulletin, &["en=Hello"]).unwrap(), Some(json!({ "en": "Hello" })));
        for (name, words) in [
            (Name::ClosedToday, &["yes"][..]),
            (Name::Maintenance, &["soon"]),
            (Name::Bulletin, &["Hello"]),
            (Name::Bulletin, &["en=at 10"]),
        ] {
            assert!(value(name, words).is_err(), "{words:?}");
        }
    }
}
