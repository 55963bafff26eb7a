//! `remote-filing`: how the filing for treatment in another place (异地就医备案) stands.

use jiff::civil::Date;
use sqlx::Row as _;

use super::records::{Filing, FilingState, Place};
use super::{Answer, Context, Error, Subject};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

const PLACE: Field = Field::new("place", Type::Word { set: "place", words: Place::WORDS });
const FILING: Field = Field::new("filing", Type::Word { set: "filing", words: Filing::WORDS });
const FROM: Field = Field::new("from", Type::Date);
const UNTIL: Field = Field::new("until", Type::Date);

pub(super) static SIGNATURE: Signature = Signature {
    name: "remote-filing",
    summary: "State of the verified member's latest filing for treatment in another place.",
    args: &[],
    outcomes: &[
        Outcome::with("active", &[PLACE, FILING, FROM]),
        Outcome::with("active-until", &[PLACE, FILING, FROM, UNTIL]),
        Outcome::bare("pending"),
        Outcome::bare("rejected"),
        Outcome::with("lapsed", &[UNTIL]),
        Outcome::bare("cancelled"),
        Outcome::bare("none"),
    ],
    personal: true,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, subject: &Subject, _: &ValueRecord) -> Result<Answer, Error> {
    let row = sqlx::query("SELECT * FROM filings WHERE person_no = ? ORDER BY filed_on DESC LIMIT 1")
        .bind(subject.person_no())
        .fetch_optional(context.db.readers())
        .await?;
    let Some(row) = row else { return Ok(Answer::bare("none")) };
    let damaged = |column| Error::Damaged { table: "filings", column };
    let day = |column: &'static str| -> Result<Option<Date>, Error> {
        let text: Option<&str> = row.try_get(column)?;
        text.map(|text| text.parse().map_err(|_| damaged(column))).transpose()
    };
    let until = day("valid_until")?;
    let active = || -> Result<[(&str, Value); 3], Error> {
        let place = Place::parse(row.try_get("place")?).ok_or(damaged("place"))?;
        let filing = Filing::parse(row.try_get("filing")?).ok_or(damaged("filing"))?;
        let from = day("valid_from")?.ok_or(damaged("valid_from"))?;
        Ok([
            ("place", Value::Word(place.name().to_owned())),
            ("filing", Value::Word(filing.name().to_owned())),
            ("from", Value::Date(from)),
        ])
    };
    let lapsed = |until| Answer::with("lapsed", [("until", Value::Date(until))]);
    match (FilingState::parse(row.try_get("state")?).ok_or(damaged("state"))?, until) {
        (FilingState::Active, Some(until)) if until < context.today() => Ok(lapsed(until)),
        (FilingState::Active, Some(until)) => {
            let [place, filing, from] = active()?;
            Ok(Answer::with("active-until", [place, filing, from, ("until", Value::Date(until))]))
        }
        (FilingState::Active, None) => Ok(Answer::with("active", active()?)),
        (FilingState::Pending, _) => Ok(Answer::bare("pending")),
        (FilingState::Rejected, _) => Ok(Answer::bare("rejected")),
        (FilingState::Expired, until) => Ok(lapsed(until.ok_or(damaged("valid_until"))?)),
        (FilingState::Cancelled, _) => Ok(Answer::bare("cancelled")),
    }
}
