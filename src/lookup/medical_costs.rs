//! `medical-costs`: what outpatient treatment has cost in the medical year of the account, and who paid it.

use sqlx::Row as _;

use super::medical_account::account_of;
use super::records::{AccountState, Costs, medical_year};
use super::{Answer, Context, Error, Subject};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

pub(super) static SIGNATURE: Signature = Signature {
    name: "medical-costs",
    summary: "Outpatient costs of this medical year, by who paid them.",
    args: &[],
    outcomes: &[
        Outcome::with(
            "found",
            &[
                Field::new("total", Type::Amount),
                Field::new("fund", Type::Amount),
                Field::new("account", Type::Amount),
                Field::new("cash", Type::Amount),
            ],
        ),
        Outcome::bare("none"),
    ],
    personal: true,
    secret: false,
};

/// The year is that of the account's own date, so that costs and balance belong together.
pub(super) async fn answer(context: &Context<'_>, subject: &Subject, _: &ValueRecord) -> Result<Answer, Error> {
    let account = account_of(context.db, subject).await?.filter(|account| account.state == AccountState::Normal);
    let Some(account) = account else { return Ok(Answer::bare("none")) };
    let year = medical_year(account.as_of);
    let row = sqlx::query("SELECT fund, account, cash FROM account_costs WHERE person_no = ? AND medical_year = ?")
        .bind(subject.person_no())
        .bind(year)
        .fetch_optional(context.db.readers())
        .await?;
    let Some(row) = row else { return Ok(Answer::bare("none")) };
    let costs = Costs {
        person_no: account.person_no,
        medical_year: year,
        fund: row.try_get("fund")?,
        account: row.try_get("account")?,
        cash: row.try_get("cash")?,
    };
    Ok(Answer::with(
        "found",
        [
            ("total", Value::Amount(costs.total())),
            ("fund", Value::Amount(costs.fund)),
            ("account", Value::Amount(costs.account)),
            ("cash", Value::Amount(costs.cash)),
        ],
    ))
}
