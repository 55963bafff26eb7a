//! Writes many rows of the tables of members at once: by the demo, by `members import`.
//!
//! It is *not* for what a call changes: tries and verifications are written by `identity`, a new PIN by `store`.

use std::marker::PhantomData;
use std::sync::Arc;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Sqlite};

use super::records::{
    Account, Costs, Credit, Employer, Member, Payment, RemoteFiling, Rights, StoredPin, month_number,
};

/// Few enough for the limit on bound values, enough that a statement's fixed cost is spread.
const ROWS_A_STATEMENT: usize = 64;

type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A row of a table.
pub trait Row: Sync {
    const TABLE: &'static str;
    /// The columns of the primary key, then all others.
    const KEY: &'static [&'static str];
    const REST: &'static [&'static str];

    /// Binds one value per column, in their order.
    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q>;
}

/// Writes rows of one table; a row with the same key is replaced.
pub struct Writer<R> {
    many: Arc<str>,
    one: Arc<str>,
    row: PhantomData<R>,
}

impl<R: Row> Default for Writer<R> {
    fn default() -> Self {
        Self { many: sql::<R>(ROWS_A_STATEMENT), one: sql::<R>(1), row: PhantomData }
    }
}

impl<R: Row> Writer<R> {
    /// Writes all of them, within the transaction that `connection` is in.
    ///
    /// # Errors
    /// What the database refuses: above all a unique value that another row has.
    pub async fn write(&self, connection: &mut SqliteConnection, rows: &[R]) -> Result<(), sqlx::Error> {
        let chunks = rows.chunks_exact(ROWS_A_STATEMENT);
        let rest = chunks.remainder();
        for chunk in chunks.chain(rest.chunks(1)) {
            let text = if chunk.len() == ROWS_A_STATEMENT { &self.many } else { &self.one };
            let mut query = sqlx::query(AssertSqlSafe(Arc::clone(text)));
            for row in chunk {
                query = row.bind(query);
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// Writes all of them, within the transaction that `connection` is in.
///
/// # Errors
/// As [`Writer::write`].
pub async fn write<R: Row>(connection: &mut SqliteConnection, rows: &[R]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    Writer::<R>::default().write(connection, rows).await
}

fn sql<R: Row>(rows: usize) -> Arc<str> {
    let columns = [R::KEY, R::REST].concat();
    let values = format!("({})", vec!["?"; columns.len()].join(", "));
    let set = R::REST.iter().map(|column| format!("{column} = excluded.{column}")).collect::<Vec<_>>().join(", ");
    let text = format!(
        "INSERT INTO {} ({}) VALUES {} ON CONFLICT ({}) DO UPDATE SET {set}",
        R::TABLE,
        columns.join(", "),
        vec![values; rows].join(", "),
        R::KEY.join(", "),
    );
    text.into()
}

impl Row for Member {
    const TABLE: &'static str = "members";
    const KEY: &'static [&'static str] = &["person_no"];
    const REST: &'static [&'static str] =
        &["id_no", "name", "sex", "birth", "doc_type", "card_no", "card_digits", "phone", "status", "first_joined"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query
            .bind(Arc::clone(&self.person_no))
            .bind(self.id.as_str().to_owned())
            .bind(self.name.clone())
            .bind(self.sex().name())
            .bind(self.id.birth().to_string())
            .bind(self.doc_type.name())
            .bind(self.card_no.clone())
            .bind(self.card_digits())
            .bind(self.phone.clone())
            .bind(self.status.name())
            .bind(self.first_joined.map(|day| day.to_string()))
    }
}

impl Row for Employer {
    const TABLE: &'static str = "employers";
    const KEY: &'static [&'static str] = &["employer_no"];
    const REST: &'static [&'static str] = &["employer_name"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query.bind(Arc::clone(&self.employer_no)).bind(self.employer_name.clone())
    }
}

impl Row for Account {
    const TABLE: &'static str = "accounts";
    const KEY: &'static [&'static str] = &["person_no"];
    const REST: &'static [&'static str] =
        &["state", "as_of", "current", "previous", "self_pay_standard", "self_pay_used"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query
            .bind(Arc::clone(&self.person_no))
            .bind(self.state.name())
            .bind(self.as_of.to_string())
            .bind(self.current)
            .bind(self.previous)
            .bind(self.self_pay_standard)
            .bind(self.self_pay_used)
    }
}

impl Row for Costs {
    const TABLE: &'static str = "account_costs";
    const KEY: &'static [&'static str] = &["person_no", "medical_year"];
    const REST: &'static [&'static str] = &["fund", "account", "cash"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query
            .bind(Arc::clone(&self.person_no))
            .bind(self.medical_year)
            .bind(self.fund)
            .bind(self.account)
            .bind(self.cash)
    }
}

impl Row for Credit {
    const TABLE: &'static str = "account_credits";
    const KEY: &'static [&'static str] = &["person_no", "credited_on"];
    const REST: &'static [&'static str] = &["amount"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query.bind(Arc::clone(&self.person_no)).bind(self.credited_on.to_string()).bind(self.amount)
    }
}

impl Row for Payment {
    const TABLE: &'static str = "payments";
    const KEY: &'static [&'static str] = &["person_no", "for_period", "insurance", "employer_no", "kind"];
    const REST: &'static [&'static str] = &["base", "employer_amount", "personal", "status", "settled_period"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query
            .bind(Arc::clone(&self.person_no))
            .bind(month_number(self.for_period))
            .bind(self.insurance.name())
            .bind(Arc::clone(&self.employer_no))
            .bind(self.kind.name())
            .bind(self.base)
            .bind(self.employer_amount)
            .bind(self.personal)
            .bind(self.status.name())
            .bind(self.settled_period.map(month_number))
    }
}

impl Row for Rights {
    const TABLE: &'static str = "rights";
    const KEY: &'static [&'static str] = &["person_no"];
    const REST: &'static [&'static str] = &[
        "as_of",
        "pension_months",
        "medical_months",
        "unemployment_months",
        "injury_months",
        "pension_account",
        "year_months",
        "interest",
    ];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query
            .bind(Arc::clone(&self.person_no))
            .bind(self.as_of.to_string())
            .bind(self.pension_months)
            .bind(self.medical_months)
            .bind(self.unemployment_months)
            .bind(self.injury_months)
            .bind(self.pension_account)
            .bind(self.year_months)
            .bind(self.interest)
    }
}

impl Row for RemoteFiling {
    const TABLE: &'static str = "filings";
    const KEY: &'static [&'static str] = &["person_no", "filed_on"];
    const REST: &'static [&'static str] = &["place", "filing", "state", "valid_from", "valid_until"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query
            .bind(Arc::clone(&self.person_no))
            .bind(self.filed_on.to_string())
            .bind(self.place.name())
            .bind(self.filing.name())
            .bind(self.state.name())
            .bind(self.valid_from.map(|day| day.to_string()))
            .bind(self.valid_until.map(|day| day.to_string()))
    }
}

impl Row for StoredPin {
    const TABLE: &'static str = "pins";
    const KEY: &'static [&'static str] = &["person_no"];
    const REST: &'static [&'static str] = &["hash", "initial", "set_at"];

    fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        query.bind(Arc::clone(&self.person_no)).bind(self.hash.clone()).bind(self.initial).bind(self.set_at.as_millis())
    }
}
