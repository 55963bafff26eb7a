//! `hotline demo`: lists the demo people, so that somebody can call as one of them. It needs no database.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::call::YearMonth;
use crate::lookup::demo::{Person, people};
use crate::lookup::records::Insurance;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many people.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    members: u32,
    /// Prints comma-separated values: amounts in fen, `*_personal_fen` of the newest month on record.
    #[arg(long)]
    csv: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = if args.csv { csv(&mut out, args.members) } else { table(&mut out, args.members) };
    written.and_then(|()| out.flush())?;
    Ok(ExitCode::SUCCESS)
}

/// A line per person. What somebody does not have is empty.
fn csv(out: &mut impl Write, members: u32) -> io::Result<()> {
    write!(out, "id,pin,total_fen,current_fen,previous_fen,last_month")?;
    for insurance in Insurance::ALL {
        write!(out, ",{}_personal_fen", insurance.name())?;
    }
    writeln!(out, ",state,card_digits")?;
    for person in people(members) {
        let pin = person.pin.as_ref().map_or("", |pin| &pin.digits);
        write!(out, "{},{pin}", person.member.id.as_str())?;
        match &person.account {
            Some(account) => write!(out, ",{},{},{}", account.total(), account.current, account.previous)?,
            None => write!(out, ",,,")?,
        }
        match person.last_month() {
            Some((month, shares)) => {
                write!(out, ",{}", digits(month))?;
                for (_, share) in shares {
                    write!(out, ",{share}")?;
                }
            }
            None => write!(out, ",{}", ",".repeat(Insurance::ALL.len()))?,
        }
        writeln!(out, ",{},{}", state(&person), person.member.card_digits().unwrap_or_default())?;
    }
    Ok(())
}

/// A line per person, for reading.
fn table(out: &mut impl Write, members: u32) -> io::Result<()> {
    writeln!(
        out,
        "Demo people. None of them exists: these identity numbers are issued nowhere, and the PINs are public."
    )?;
    writeln!(out)?;
    writeln!(out, "identity number     PIN     balance yuan  newest month  pension yuan  what is special")?;
    for person in people(members) {
        let pin = person.pin.as_ref().map_or("none", |pin| &pin.digits);
        let balance = person.account.as_ref().map_or_else(|| "none".to_owned(), |account| yuan(account.total()));
        let (month, pension) = match person.last_month() {
            Some((month, shares)) => {
                let pension = shares.iter().find(|(insurance, _)| *insurance == Insurance::Pension);
                (digits(month), yuan(pension.map_or(0, |(_, share)| *share)))
            }
            None => ("none".to_owned(), String::new()),
        };
        writeln!(
            out,
            "{:18}  {pin:6}  {balance:>12}  {month:>12}  {pension:>12}  {}",
            person.member.id.as_str(),
            state(&person),
        )?;
    }
    Ok(())
}

/// What is unusual, or `regular`.
fn state(person: &Person) -> String {
    if person.state.is_empty() { "regular".to_owned() } else { person.state.join("+") }
}

/// A month as a caller keys it, 202603.
fn digits(month: YearMonth) -> String {
    format!("{:04}{:02}", month.year(), month.month())
}

/// Fen as yuan, `11023.55`.
fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_what_a_caller_needs() {
        let mut out = Vec::new();
        csv(&mut out, 50).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..2],
            [
                "id,pin,total_fen,current_fen,previous_fen,last_month,pension_personal_fen,\
                 medical_personal_fen,unemployment_personal_fen,injury_personal_fen,state,card_digits",
                "000101198503121233,204816,1102355,102305,1000050,202603,96000,24000,6000,0,regular,00012211",
            ]
        );
        assert_eq!(lines.len(), 51);
        let columns = lines[0].split(',').count();
        assert!(lines.iter().all(|line| line.split(',').count() == columns));
    }

    #[test]
    fn the_table_reads_in_yuan() {
        let mut out = Vec::new();
        table(&mut out, 1).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("000101198503121233  204816      11023.55        202603        960.00  regular"),
            "{text}"
        );
    }
}
