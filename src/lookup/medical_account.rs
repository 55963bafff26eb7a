//! `medical-account`: what is in the medical-insurance personal account, and who pays for outpatient costs now.

use sqlx::Row as _;

use super::records::{Account, AccountState, Stage};
use super::{Answer, Context, Error, Subject};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};
use crate::store::Database;

pub(super) static SIGNATURE: Signature = Signature {
    name: "medical-account",
    summary: "Balance and stage of the verified member's medical-insurance account.",
    args: &[],
    outcomes: &[
        Outcome::with(
            "found",
            &[
                Field::new("as-of", Type::Date),
                Field::new("total", Type::Amount),
                Field::new("current", Type::Amount),
                Field::new("previous", Type::Amount),
                Field::new("stage", Type::Word { set: "stage", words: Stage::WORDS }),
                Field::new("standard", Type::Amount),
                Field::new("used", Type::Amount),
                Field::new("left", Type::Amount),
            ],
        ),
        Outcome::bare("none"),
        Outcome::with(
            "not-normal",
            &[Field::new("state", Type::Word { set: "account-state", words: &["sealed", "frozen", "closed"] })],
        ),
    ],
    personal: true,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, subject: &Subject, _: &ValueRecord) -> Result<Answer, Error> {
    let Some(account) = account_of(context.db, subject).await? else { return Ok(Answer::bare("none")) };
    match account.state {
        AccountState::Normal => Ok(Answer::with(
            "found",
            [
                ("as-of", Value::Date(account.as_of)),
                ("total", Value::Amount(account.total())),
                ("current", Value::Amount(account.current)),
                ("previous", Value::Amount(account.previous)),
                ("stage", Value::Word(account.stage().name().to_owned())),
                ("standard", Value::Amount(account.self_pay_standard)),
                ("used", Value::Amount(account.self_pay_used)),
                ("left", Value::Amount(account.self_pay_standard - account.self_pay_used)),
            ],
        )),
        AccountState::Sealed | AccountState::Frozen | AccountState::Closed => {
            Ok(Answer::with("not-normal", [("state", Value::Word(account.state.name().to_owned()))]))
        }
    }
}

/// The account of the verified member, in whatever state; `None` if there is none.
pub(super) async fn account_of(db: &Database, subject: &Subject) -> Result<Option<Account>, Error> {
    let row = sqlx::query("SELECT * FROM accounts WHERE person_no = ?")
        .bind(subject.person_no())
        .fetch_optional(db.readers())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let damaged = |column| Error::Damaged { table: "accounts", column };
    Ok(Some(Account {
        person_no: subject.person_no().into(),
        state: AccountState::parse(row.try_get("state")?).ok_or(damaged("state"))?,
        as_of: row.try_get::<&str, _>("as_of")?.parse().map_err(|_| damaged("as_of"))?,
        current: row.try_get("current")?,
        previous: row.try_get("previous")?,
        self_pay_standard: row.try_get("self_pay_standard")?,
        self_pay_used: row.try_get("self_pay_used")?,
    }))
}
