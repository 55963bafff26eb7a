//! What the lookups about payments share: which months there are, and what a row says.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::records::{Insurance, Payment, PaymentKind, PaymentStatus, month_number, month_of};
use super::{Error, Subject};
use crate::call::{Period, Type, Value, YearMonth};
use crate::store::Database;

/// How many months back from the newest on record are read on the telephone.
pub(super) const MONTHS_ON_THE_TELEPHONE: i32 = 24;

/// The insurances that a caller can choose; `all` is no insurance but every one.
pub(super) const INSURANCE: Type =
    Type::Word { set: "insurance", words: &["pension", "medical", "unemployment", "injury", "all"] };

/// One insurance, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    One(Insurance),
    All,
}

impl Wanted {
    pub(super) fn parse(word: &str) -> Option<Self> {
        if word == "all" { Some(Self::All) } else { Insurance::parse(word).map(Self::One) }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::One(insurance) => insurance.name(),
            Self::All => "all",
        }
    }

    pub(super) fn has(self, payment: &Payment) -> bool {
        match self {
            Self::One(insurance) => payment.insurance == insurance,
            Self::All => true,
        }
    }
}

/// The newest month that the person has a record for, of any insurance; `None` if there are no records at all.
pub(super) async fn newest(db: &Database, subject: &Subject) -> Result<Option<YearMonth>, Error> {
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(for_period) FROM payments WHERE person_no = ?")
        .bind(subject.person_no())
        .fetch_one(db.readers())
        .await?;
    newest.map(|number| month_of(number).ok_or(damaged("for_period"))).transpose()
}

/// The earliest month that is read on the telephone.
pub(super) fn earliest(newest: YearMonth) -> YearMonth {
    newest.plus(1 - MONTHS_ON_THE_TELEPHONE)
}

/// The person's records of the months from `from` to `to`: the newest month first, then in the order of insurances.
pub(super) async fn between(
    db: &Database,
    subject: &Subject,
    from: YearMonth,
    to: YearMonth,
) -> Result<Vec<Payment>, Error> {
    let rows = sqlx::query("SELECT * FROM payments WHERE person_no = ? AND for_period BETWEEN ? AND ?")
        .bind(subject.person_no())
        .bind(month_number(from))
        .bind(month_number(to))
        .fetch_all(db.readers())
        .await?;
    let mut payments = rows.iter().map(payment).collect::<Result<Vec<_>, _>>()?;
    // Two rows of a month and insurance stay in the order of the key: by employer, then by kind.
    payments.sort_by_key(|payment| (std::cmp::Reverse(payment.for_period), payment.insurance));
    Ok(payments)
}

fn payment(row: &SqliteRow) -> Result<Payment, Error> {
    let month = |column: &'static str, number: i64| month_of(number).ok_or(damaged(column));
    let text = |column: &'static str| row.try_get::<&str, _>(column);
    Ok(Payment {
        person_no: text("person_no")?.into(),
        for_period: month("for_period", row.try_get("for_period")?)?,
        insurance: Insurance::parse(text("insurance")?).ok_or(damaged("insurance"))?,
        employer_no: text("employer_no")?.into(),
        kind: PaymentKind::parse(text("kind")?).ok_or(damaged("kind"))?,
        base: row.try_get("base")?,
        employer_amount: row.try_get("employer_amount")?,
        personal: row.try_get("personal")?,
        status: PaymentStatus::parse(text("status")?).ok_or(damaged("status"))?,
        settled_period: row
            .try_get::<Option<i64>, _>("settled_period")?
            .map(|number| month("settled_period", number))
            .transpose()?,
    })
}

const fn damaged(column: &'static str) -> Error {
    Error::Damaged { table: "payments", column }
}

/// Months counted by how they stand, and the money that has come.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Months for which something was due.
    pub(super) due: i64,
    /// Those for which all that was due has come, in time or later.
    pub(super) paid: i64,
    /// Those for which something is in arrears, in order of time.
    pub(super) arrears: Vec<YearMonth>,
    /// Sums of the rows whose money has come; no other row is added to them.
    pub(super) employer: i64,
    pub(super) personal: i64,
}

impl Tally {
    pub(super) fn of<'a>(payments: impl Iterator<Item = &'a Payment>) -> Self {
        let mut tally = Self::default();
        let mut months: BTreeMap<YearMonth, Vec<PaymentStatus>> = BTreeMap::new();
        for payment in payments {
            if payment.status.is_due() {
                months.entry(payment.for_period).or_default().push(payment.status);
            }
            if payment.status.has_come() {
                tally.employer += payment.employer_amount;
                tally.personal += payment.personal;
            }
        }
        for (month, statuses) in months {
            tally.due += 1;
            if statuses.contains(&PaymentStatus::Arrears) {
                tally.arrears.push(month);
            } else if statuses.iter().all(|status| status.has_come()) {
                tally.paid += 1;
            }
        }
        tally
    }

    pub(super) fn owed(&self) -> i64 {
        i64::try_from(self.arrears.len()).unwrap_or(i64::MAX)
    }

    pub(super) fn arrears_value(&self) -> Value {
        Value::Periods(Period::cover(&self.arrears))
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::inconsistent_digit_grouping,
        clippy::mistyped_literal_suffixes,
        reason = "1_023_05 is 1,023.05 yuan in fen"
    )]

    use super::*;

    fn row(month: i8, employer: &str, status: PaymentStatus) -> Payment {
        Payment {
            person_no: "d1".into(),
            for_period: YearMonth::new(2026, month).unwrap(),
            insurance: Insurance::Pension,
            employer_no: employer.into(),
            kind: PaymentKind::Normal,
            base: 10_000_00,
            employer_amount: 1_600_00,
            personal: 800_00,
            status,
            settled_period: None,
        }
    }

    #[test]
    fn months_are_counted_once_and_only_money_that_came_is_summed() {
        let rows = [
            row(1, "a", PaymentStatus::Paid),
            row(1, "b", PaymentStatus::Paid),
            row(2, "a", PaymentStatus::Paid),
            row(2, "b", PaymentStatus::Arrears),
            row(3, "a", PaymentStatus::BackPaid),
            row(4, "a", PaymentStatus::Processing),
            row(5, "a", PaymentStatus::Refunded),
            row(6, "a", PaymentStatus::Deferred),
            row(7, "a", PaymentStatus::NotInsured),
        ];
        let tally = Tally::of(rows.iter());
        assert_eq!(
            tally,
            Tally {
                due: 5,
                paid: 2,
                arrears: vec![YearMonth::new(2026, 2).unwrap()],
                employer: 6_400_00,
                personal: 3_200_00,
            }
        );
        assert_eq!(tally.owed(), 1);
    }
}
