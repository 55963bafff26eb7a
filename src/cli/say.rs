//! `hotline say`: how a value is said in a language, one or a whole table, as text or as sound. *Not* prompts: those are
//! heard with `hotline prompts play`.

use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::prompts::open::{Opened, Place};
use super::prompts::shelf::replace;
use crate::audio::wav;
use crate::call::Language;
use crate::prompt::say::{self, Error};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The language: zh-CN or en.
    #[arg(long, default_value = "zh-CN")]
    language: String,
    /// Read `kind<TAB>value` lines from standard input; write them with the reading as a third column.
    #[arg(long, conflicts_with_all = ["kind", "value"])]
    tsv: bool,
    /// Write what is heard, put together of the line's clips, to this file; with --tsv to this folder, as
    /// `<number of the line>.wav`, which becomes a fourth column.
    #[arg(long, value_name = "FILE")]
    wav: Option<PathBuf>,
    /// With --wav: slowly, as a caller hears it who was silent twice.
    #[arg(long, requires = "wav")]
    slow: bool,
    #[command(flatten)]
    place: Place,
    /// What the value is: amount, integer, count, date, clock, phone ...
    #[arg(required_unless_present = "tsv")]
    kind: Option<String>,
    /// The value: 1023.05, "2 month", 2026-03-31, 2025-11..2026-02, 10.5%.
    #[arg(required_unless_present = "tsv", allow_hyphen_values = true)]
    value: Option<String>,
}

/// What puts figures together of clips.
struct Voice {
    opened: Opened,
    language: Language,
    slow: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let language = Language::from(args.language.as_str());
    say::tongue(&language)?;
    let voice = args.wav.is_some().then(|| Voice::open(args)).transpose()?;
    if args.tsv {
        let sound = voice.as_ref().zip(args.wav.as_deref());
        let all_fine = table(&language, sound, io::stdin().lock(), io::stdout().lock(), io::stderr().lock())?;
        return Ok(if all_fine { ExitCode::SUCCESS } else { ExitCode::from(1) });
    }
    let (kind, value) = (args.kind.as_deref().unwrap_or_default(), args.value.as_deref().unwrap_or_default());
    let said = match say::read_text(&language, kind, value) {
        Ok(said) => said,
        Err(error) => {
            eprintln!("hotline: {error}");
            return Ok(ExitCode::from(1));
        }
    };
    println!("{said}");
    if let Some((voice, path)) = voice.zip(args.wav.as_deref())
        && let Err(why) = voice.write(kind, &said, path)
    {
        eprintln!("hotline: {why:#}");
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

impl Voice {
    fn open(args: &Args) -> anyhow::Result<Self> {
        let opened = args.place.open_good()?;
        let language = opened.language(&args.language)?;
        Ok(Self { opened, language, slow: args.slow })
    }

    /// Writes how a figure sounds.
    fn write(&self, kind: &str, said: &str, path: &Path) -> anyhow::Result<()> {
        let language = &self.language;
        let recipe = self.opened.catalogue.figure(language, kind, said, self.slow).with_context(|| {
            format!(
                "`{said}` cannot be put together of the clips of {language}: it is outside of what the line speaks (money to \
                 99,999,999.99), or hotline prompts check names what is missing"
            )
        })?;
        let samples = self.opened.sound(language.as_str(), &recipe)?;
        replace(path, &wav::file(&samples))
    }
}

/// Says every line; comments and empty lines pass through. Whether all of them could be said. `sound`: the folder for
/// the sound of each.
fn table(
    language: &Language,
    sound: Option<(&Voice, &Path)>,
    input: impl BufRead,
    output: impl Write,
    mut complaints: impl Write,
) -> anyhow::Result<bool> {
    let mut output = io::BufWriter::new(output);
    let mut all_fine = true;
    for (number, line) in (1..).zip(input.lines()) {
        let line = line?;
        if line.is_empty() || line.starts_with('#') {
            writeln!(output, "{line}")?;
            continue;
        }
        let mut columns = line.split('\t');
        let (kind, value) = (columns.next().unwrap_or_default(), columns.next());
        let (value, said) = match value.map(|value| (value, say::read_text(language, kind, value))) {
            Some((value, Ok(said))) => (value, said),
            Some((_, Err(error))) => {
                all_fine = false;
                complain(&mut complaints, number, &error)?;
                continue;
            }
            None => {
                all_fine = false;
                writeln!(complaints, "line {number}: expected a kind, a tab and a value")?;
                continue;
            }
        };
        let Some((voice, folder)) = sound else {
            writeln!(output, "{kind}\t{value}\t{said}")?;
            continue;
        };
        let path = folder.join(format!("{number}.wav"));
        match voice.write(kind, &said, &path) {
            Ok(()) => writeln!(output, "{kind}\t{value}\t{said}\t{}", path.display())?,
            Err(why) => {
                all_fine = false;
                writeln!(complaints, "line {number}: {why:#}")?;
            }
        }
    }
    output.flush()?;
    Ok(all_fine)
}

fn complain(complaints: &mut impl Write, number: u64, error: &Error) -> io::Result<()> {
    writeln!(complaints, "line {number}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(language: &str, input: &str) -> (bool, String, String) {
        let (mut output, mut complaints) = (Vec::new(), Vec::new());
        let fine = table(&Language::from(language), None, input.as_bytes(), &mut output, &mut complaints).unwrap();
        (fine, String::from_utf8(output).unwrap(), String::from_utf8(complaints).unwrap())
    }

    #[test]
    fn a_table_is_said_line_by_line() {
        let (fine, output, complaints) = said("en", "# kind\tvalue\namount\t-2\tignored\n\nyear-month\t2026-03\n");
        assert!(fine && complaints.is_empty());
        assert_eq!(
            output,
            "# kind\tvalue\namount\t-2\tminus two yuan\n\nyear-month\t2026-03\tMarch twenty twenty-six\n"
        );
    }

    #[test]
    fn a_bad_line_is_told_and_the_rest_is_said() {
        let (fine, output, complaints) = said("zh-CN", "amount\t1.234\namount\namuont\t1\ncount\t2 month\n");
        assert!(!fine);
        assert_eq!(output, "count\t2 month\t两个月\n");
        let told: Vec<&str> = complaints.lines().collect();
        assert!(told[0].starts_with("line 1: amount: expected yuan with at most two decimals"));
        assert!(told[1].starts_with("line 2: expected a kind"));
        assert!(told[2].starts_with("line 3: unknown kind; did you mean `amount`? kinds: amount, "));
        assert_eq!(told.len(), 3);
    }
}
