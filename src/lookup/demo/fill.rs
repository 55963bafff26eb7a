//! Writes demo people into the tables of members.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteConnection;

use super::super::pin::PinHashing;
use super::super::records::{Account, Costs, Credit, Employer, Member, Payment, RemoteFiling, Rights, StoredPin};
use super::super::write::write;
use super::{Error, Person, person_no};
use crate::call::Timestamp;
use crate::store::Database;

/// People of one transaction: few enough that nobody waits long for the writer, enough that commits cost little.
const AT_ONCE: u32 = 500;

/// The PINs of the demo were set on 31 March 2026.
const PINS_SET_AT: Timestamp = Timestamp::from_millis(1_774_915_200_000);

/// What [`fill`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Demo people who were not there before.
    pub added: u32,
    /// Demo people who are there now.
    pub people: u32,
}

/// Adds the first `members` demo people who are not there yet; those who are stay as they are, with a PIN that was
/// changed since. `progress` is told how many of all are there, after each few hundred.
///
/// # Errors
/// [`Error::Hash`] for unusable parameters, [`Error::Read`] and [`Error::Write`] from the database.
pub async fn fill(
    db: &Database,
    members: u32,
    hashing: PinHashing,
    mut progress: impl FnMut(u32, u32),
) -> Result<Filled, Error> {
    let there = there_already(db).await?;
    let mut next = make(there, members, hashing);
    for from in (there..members).step_by(usize::try_from(AT_ONCE).unwrap_or(1)) {
        let batch = next.await??;
        let until = (from + AT_ONCE).min(members);
        // The next ones are made on another thread while these are written.
        next = make(until, members, hashing);
        db.write(move |connection| Box::pin(async move { batch.write(connection).await })).await?;
        progress(until, members);
    }
    Ok(Filled { added: members.saturating_sub(there), people: members.max(there) })
}

/// How many demo people are there: they are written in their order, so the last one tells.
async fn there_already(db: &Database) -> Result<u32, Error> {
    let last: Option<String> = sqlx::query_scalar("SELECT max(person_no) FROM members WHERE person_no BETWEEN ? AND ?")
        .bind(person_no(0))
        .bind(person_no(9_999_999))
        .fetch_one(db.readers())
        .await?;
    let number = last.as_deref().and_then(|last| last.get(1..)).and_then(|digits| digits.parse::<u32>().ok());
    Ok(number.map_or(0, |number| number + 1))
}

/// The rows of some people, table by table.
#[derive(Default)]
struct Batch {
    members: Vec<Member>,
    employers: BTreeMap<String, Employer>,
    payments: Vec<Payment>,
    accounts: Vec<Account>,
    costs: Vec<Costs>,
    credits: Vec<Credit>,
    rights: Vec<Rights>,
    filings: Vec<RemoteFiling>,
    pins: Vec<StoredPin>,
}

fn make(from: u32, members: u32, hashing: PinHashing) -> tokio::task::JoinHandle<Result<Batch, Error>> {
    tokio::task::spawn_blocking(move || {
        let mut batch = Batch::default();
        for k in from..(from + AT_ONCE).min(members) {
            batch.add(Person::nth(k), hashing)?;
        }
        Ok(batch)
    })
}

impl Batch {
    fn add(&mut self, person: Person, hashing: PinHashing) -> Result<(), Error> {
        if let Some(pin) = person.pin {
            self.pins.push(StoredPin {
                person_no: person.member.person_no.clone(),
                hash: hashing.hash(&pin.digits)?,
                initial: pin.initial,
                set_at: PINS_SET_AT,
            });
        }
        for employer in person.employers {
            self.employers.insert(employer.employer_no.to_string(), employer);
        }
        self.members.push(person.member);
        self.payments.extend(person.payments);
        self.accounts.extend(person.account);
        self.costs.extend(person.costs);
        self.credits.extend(person.credit);
        self.rights.extend(person.rights);
        self.filings.extend(person.filing);
        Ok(())
    }

    async fn write(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let employers: Vec<Employer> = self.employers.into_values().collect();
        write(connection, &employers).await?;
        write(connection, &self.members).await?;
        write(connection, &self.payments).await?;
        write(connection, &self.accounts).await?;
        write(connection, &self.costs).await?;
        write(connection, &self.credits).await?;
        write(connection, &self.rights).await?;
        write(connection, &self.filings).await?;
        write(connection, &self.pins).await
    }
}
