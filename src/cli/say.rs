//! `hotline say`: how a value is said in a language, one or a whole table. *Not* prompts: those are heard by phone.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

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
    /// What the value is: amount, integer, count, date, clock, phone ...
    #[arg(required_unless_present = "tsv")]
    kind: Option<String>,
    /// The value: 1023.05, "2 month", 2026-03-31, 2025-11..2026-02, 10.5%.
    #[arg(required_unless_present = "tsv", allow_hyphen_values = true)]
    value: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let language = Language::from(args.language.as_str());
    say::tongue(&language)?;
    if args.tsv {
        let all_fine = table(&language, io::stdin().lock(), io::stdout().lock(), io::stderr().lock())?;
        return Ok(if all_fine { ExitCode::SUCCESS } else { ExitCode::from(1) });
    }
    let (kind, value) = (args.kind.as_deref().unwrap_or_default(), args.value.as_deref().unwrap_or_default());
    match say::read_text(&language, kind, value) {
        Ok(said) => {
            println!("{said}");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("hotline: {error}");
            Ok(ExitCode::from(1))
        }
    }
}

/// Says every line; comments and empty lines pass through. Whether all of them could be said.
fn table(language: &Language, input: impl BufRead, output: impl Write, mut complaints: impl Write) -> io::Result<bool> {
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
        match value.map(|value| (value, say::read_text(language, kind, value))) {
            Some((value, Ok(said))) => writeln!(output, "{kind}\t{value}\t{said}")?,
            Some((_, Err(error))) => {
                all_fine = false;
                complain(&mut complaints, number, &error)?;
            }
            None => {
                all_fine = false;
                writeln!(complaints, "line {number}: expected a kind, a tab and a value")?;
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
        let fine = table(&Language::from(language), input.as_bytes(), &mut output, &mut complaints).unwrap();
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
