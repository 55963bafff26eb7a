//! `payments`: the payment records of one month or of the last few, newest first.
//!
//! "The last months" count from the newest month on record; "not yet" goes by the clock.

use super::months::{self, INSURANCE, MONTHS_ON_THE_TELEPHONE, Wanted};
use super::records::{Payment, PaymentStatus};
use super::{Answer, Context, Error, Subject, record, word_argument};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord, YearMonth};

/// How many months are read if nothing says how many.
const USUAL_MONTHS: i32 = 3;

static RECORD: Type = Type::Record(&[
    Field::new("month", Type::YearMonth),
    Field::new("insurance", INSURANCE),
    Field::new("reading", Type::Word { set: "payment-reading", words: &["plain", "back-paid", "owed", "missing"] }),
    Field::new("base", Type::Amount),
    Field::new("employer", Type::Amount),
    Field::new("personal", Type::Amount),
    Field::new("status", Type::Word { set: "payment-status", words: PaymentStatus::WORDS }),
    Field::certain_if("settled", Type::YearMonth, "reading", "back-paid"),
]);

static MONTH: Type = Type::Record(&[
    Field::new("month", Type::YearMonth),
    Field::new("n", Type::Number),
    Field::new("records", Type::List(&RECORD)),
]);

pub(super) static SIGNATURE: Signature = Signature {
    name: "payments",
    summary: "Payment records: the last months, one month, or the month before or after one.",
    args: &[
        Field::new("insurance", INSURANCE),
        Field::optional("last", Type::Number),
        Field::optional("month", Type::YearMonth),
        Field::optional("earlier-than", Type::YearMonth),
        Field::optional("later-than", Type::YearMonth),
    ],
    outcomes: &[
        Outcome::with("found", &[Field::new("months", Type::List(&MONTH))]),
        Outcome::bare("future"),
        Outcome::with("too-old", &[Field::new("earliest", Type::YearMonth)]),
        Outcome::bare("newest"),
        Outcome::bare("none"),
    ],
    personal: true,
    secret: false,
};

/// What a caller wants to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Last(i32),
    Month(YearMonth),
    EarlierThan(YearMonth),
    LaterThan(YearMonth),
}

/// Which months are read, or why none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Months { from: YearMonth, to: YearMonth },
    Future,
    TooOld { earliest: YearMonth },
    Newest,
}

pub(super) async fn answer(context: &Context<'_>, subject: &Subject, args: &ValueRecord) -> Result<Answer, Error> {
    let wanted = word_argument(SIGNATURE.name, "insurance", args, Wanted::parse)?;
    let Some(newest) = months::newest(context.db, subject).await? else { return Ok(Answer::bare("none")) };
    match range(asked(args)?, newest, context.today().into()) {
        Range::Months { from, to } => {
            let payments = months::between(context.db, subject, from, to).await?;
            Ok(Answer::with("found", [("months", read(&payments, wanted, from, to))]))
        }
        Range::Future => Ok(Answer::bare("future")),
        Range::TooOld { earliest } => Ok(Answer::with("too-old", [("earliest", Value::YearMonth(earliest))])),
        Range::Newest => Ok(Answer::bare("newest")),
    }
}

fn asked(args: &ValueRecord) -> Result<Asked, Error> {
    let month = |argument: &'static str| match args.get(argument) {
        None => Ok(None),
        Some(Value::YearMonth(month)) => Ok(Some(*month)),
        Some(_) => Err(Error::Argument { lookup: SIGNATURE.name, argument }),
    };
    if let Some(month) = month("month")? {
        return Ok(Asked::Month(month));
    }
    if let Some(month) = month("earlier-than")? {
        return Ok(Asked::EarlierThan(month));
    }
    if let Some(month) = month("later-than")? {
        return Ok(Asked::LaterThan(month));
    }
    match args.get("last") {
        None => Ok(Asked::Last(USUAL_MONTHS)),
        Some(Value::Number(count)) => {
            Ok(Asked::Last(i32::try_from(*count).unwrap_or(MONTHS_ON_THE_TELEPHONE).clamp(1, MONTHS_ON_THE_TELEPHONE)))
        }
        Some(_) => Err(Error::Argument { lookup: SIGNATURE.name, argument: "last" }),
    }
}

fn range(asked: Asked, newest: YearMonth, this_month: YearMonth) -> Range {
    let earliest = months::earliest(newest);
    let one = |month: YearMonth| {
        if month < earliest { Range::TooOld { earliest } } else { Range::Months { from: month, to: month } }
    };
    match asked {
        Asked::Last(count) => Range::Months { from: newest.plus(1 - count), to: newest },
        // A month that is on record has come, whatever the clock says.
        Asked::Month(month) if month > this_month.max(newest) => Range::Future,
        Asked::Month(month) if month > newest => Range::Newest,
        Asked::Month(month) => one(month),
        Asked::EarlierThan(month) => one(month.plus(-1)),
        Asked::LaterThan(month) if month >= newest => Range::Newest,
        Asked::LaterThan(month) => one(month.plus(1)),
    }
}

/// The months from `to` back to `from`, each with its records.
fn read(payments: &[Payment], wanted: Wanted, from: YearMonth, to: YearMonth) -> Value {
    let months = (0..=to.months_since(from)).map(|back| to.plus(-back));
    Value::List(
        months
            .map(|month| {
                let of_month = payments.iter().filter(|payment| payment.for_period == month && wanted.has(payment));
                let mut records: Vec<Value> = of_month.map(read_one).collect();
                if records.is_empty() {
                    records.push(missing(month, wanted));
                }
                let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
                Value::Record(record([
                    ("month", Value::YearMonth(month)),
                    ("n", Value::Number(count)),
                    ("records", Value::List(records)),
                ]))
            })
            .collect(),
    )
}

fn read_one(payment: &Payment) -> Value {
    let reading = match (payment.status, payment.settled_period) {
        (PaymentStatus::BackPaid, Some(_)) => "back-paid",
        (PaymentStatus::Arrears, _) => "owed",
        (PaymentStatus::BackPaid, None)
        | (
            PaymentStatus::Paid
            | PaymentStatus::Processing
            | PaymentStatus::Refunded
            | PaymentStatus::Deferred
            | PaymentStatus::NotInsured,
            _,
        ) => "plain",
    };
    let mut values = record([
        ("month", Value::YearMonth(payment.for_period)),
        ("insurance", Value::Word(payment.insurance.name().to_owned())),
        ("reading", Value::Word(reading.to_owned())),
        ("base", Value::Amount(payment.base)),
        ("employer", Value::Amount(payment.employer_amount)),
        ("personal", Value::Amount(payment.personal)),
        ("status", Value::Word(payment.status.name().to_owned())),
    ]);
    if let Some(settled) = payment.settled_period {
        values.insert("settled".to_owned(), Value::YearMonth(settled));
    }
    Value::Record(values)
}

/// A month of which nothing is on record: its figures are not spoken.
fn missing(month: YearMonth, wanted: Wanted) -> Value {
    Value::Record(record([
        ("month", Value::YearMonth(month)),
        ("insurance", Value::Word(wanted.name().to_owned())),
        ("reading", Value::Word("missing".to_owned())),
        ("base", Value::Amount(0)),
        ("employer", Value::Amount(0)),
        ("personal", Value::Amount(0)),
        ("status", Value::Word(PaymentStatus::NotInsured.name().to_owned())),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> YearMonth {
        YearMonth::parse(text).unwrap()
    }

    #[test]
    fn months_are_those_that_the_telephone_has() {
        let (newest, now) = (month("202603"), month("202604"));
        let one = |text| Range::Months { from: month(text), to: month(text) };
        let too_old = Range::TooOld { earliest: month("202404") };
        for (asked, expected) in [
            (Asked::Last(3), Range::Months { from: month("202601"), to: newest }),
            (Asked::Last(24), Range::Months { from: month("202404"), to: newest }),
            (Asked::Month(month("202603")), one("202603")),
            (Asked::Month(month("202604")), Range::Newest),
            (Asked::Month(month("202605")), Range::Future),
            (Asked::Month(month("202404")), one("202404")),
            (Asked::Month(month("202403")), too_old),
            (Asked::EarlierThan(month("202603")), one("202602")),
            (Asked::EarlierThan(month("202404")), too_old),
            (Asked::LaterThan(month("202602")), one("202603")),
            (Asked::LaterThan(month("202603")), Range::Newest),
            (Asked::LaterThan(month("202604")), Range::Newest),
        ] {
            assert_eq!(range(asked, newest, now), expected, "{asked:?}");
        }
        assert_eq!(range(Asked::Month(newest), newest, month("202601")), one("202603"));
        // However long ago the newest record was.
        for asked in ["202604", "202607", "202611"] {
            assert_eq!(range(Asked::Month(month(asked)), newest, month("202611")), Range::Newest, "{asked}");
        }
    }
}
