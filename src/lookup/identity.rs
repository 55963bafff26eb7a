//! Proves who a caller is: tries are counted, PINs are checked, and whom a call has verified is written down.
//!
//! The order is what makes it safe. A try is first *reserved*, as a row that counts as failed; then the PIN is checked
//! on a thread of its own; then the row is *settled*. A repeat of the same turn finds the row: settled, it gets the
//! same verdict; not settled, because we died in between, the PIN is checked under the same reservation. One person
//! who does not exist, one without a PIN and one with another PIN look alike: same answer, same counting, same work.
//!
//! It is *not* the place where a new PIN is written; that is an effect, written with the turn by `store`.

mod count;
mod ledger;
mod outlet;

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use sha2::Sha256;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::hasher::Hasher;
use super::pin::{self, Known, PinHashing};
use super::{Answer, Error, PinHolder};
use crate::call::{CallId, Field, IdNumber, Leg, Outcome, PhoneNumber, Secret, Signature, Timestamp, Type, Value};
use crate::store::Database;
use count::Counts;

pub use ledger::{Attempt, Ledger};
pub use outlet::{Outlet, SetPin, set_pin, unlock_person};

/// How long a verification is good for.
pub const VERIFIED_FOR: Duration = Duration::from_mins(15);

/// Answers of a verification, for the check of flow files.
pub static VERIFY_SIGNATURE: Signature = Signature {
    name: "verify",
    summary: "Proves by identity number or card and PIN who the caller is.",
    args: &[],
    outcomes: &[
        Outcome::bare("verified"),
        Outcome::bare("initial"),
        Outcome::with("wrong", &[Field::new("left", Type::Number)]),
        Outcome::bare("refused"),
        Outcome::bare("locked"),
    ],
    personal: false,
    secret: true,
};

/// Whether a new PIN may be used.
pub static CHECK_NEW_PIN_SIGNATURE: Signature = Signature {
    name: "check-new-pin",
    summary: "Whether the PIN that was keyed is hard enough to guess.",
    args: &[],
    outcomes: &[Outcome::bare("accepted"), Outcome::bare("weak")],
    personal: false,
    secret: true,
};

/// Whether a new PIN was keyed the same twice.
pub static CONFIRM_NEW_PIN_SIGNATURE: Signature = Signature {
    name: "confirm-new-pin",
    summary: "Whether the PIN that was keyed is the one keyed before.",
    args: &[],
    outcomes: &[Outcome::bare("same"), Outcome::bare("differs")],
    personal: false,
    secret: true,
};

/// How identity is proved in this deployment.
pub struct Settings {
    pub hashing: PinHashing,
    /// Key of the hashes that tries are counted by, derived from the data key.
    pub key: [u8; 32],
    /// How many PINs are hashed at a time; as many as there are cores is right.
    pub checks_at_once: usize,
}

/// Checks PINs. One per process.
pub struct Identity {
    db: Database,
    hasher: Hasher,
    key: [u8; 32],
}

/// How a caller says who they are.
#[derive(Clone)]
pub enum Who {
    ById(IdNumber),
    /// The digits of the card and the last four characters of the identity number, which are always asked.
    ByCard {
        digits: String,
        last_four: String,
    },
}

/// Somebody says who they are and keys a PIN.
pub struct Claim {
    pub by: Who,
    pub pin: Secret,
    pub call: CallId,
    pub leg: Leg,
    /// The turn that brought the PIN; with call and leg it names the try.
    pub turn: u32,
    /// `None` if the number is withheld.
    pub caller: Option<PhoneNumber>,
    pub now: Timestamp,
}

/// What becomes of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Verified,
    /// Right, but the PIN is an initial one: only a new PIN can be set.
    Initial,
    /// Not right; it can be tried this many times more.
    Wrong {
        left: u32,
    },
    /// The third wrong try of the call, and any after it.
    Refused,
    /// The person, or the number that calls, has used up its tries.
    Locked,
}

impl Verdict {
    /// The word in flow files and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Initial => "initial",
            Self::Wrong { .. } => "wrong",
            Self::Refused => "refused",
            Self::Locked => "locked",
        }
    }

    /// The verdict as a flow gets it.
    #[must_use]
    pub fn answer(self) -> Answer {
        match self {
            Self::Wrong { left } => Answer::with(self.name(), [("left", Value::Number(left.into()))]),
            Self::Verified | Self::Initial | Self::Refused | Self::Locked => Answer::bare(self.name()),
        }
    }

    fn of_row(word: &str, left: Option<u32>) -> Result<Self, sqlx::Error> {
        match word {
            "verified" => Ok(Self::Verified),
            "initial" => Ok(Self::Initial),
            "wrong" => Ok(Self::Wrong { left: left.unwrap_or(1) }),
            "refused" => Ok(Self::Refused),
            "locked" => Ok(Self::Locked),
            other => Err(sqlx::Error::Decode(format!("`{other}` is no verdict").into())),
        }
    }
}

/// What became of a new PIN.
#[derive(Clone, PartialEq, Eq)]
pub enum NewPin {
    /// Too easy to guess, or the old one.
    Weak,
    /// Its hash, which is kept encrypted until it was keyed again.
    Accepted(String),
}

/// Somebody looked at somebody's data, or tried to.
pub struct Look {
    pub at: Timestamp,
    pub call: CallId,
    /// Empty if there is no such person.
    pub person_no: String,
    pub lookup: &'static str,
    pub outcome: &'static str,
}

impl Look {
    /// Adds it to the append-only table.
    ///
    /// # Errors
    /// What the database says.
    pub async fn write(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO looks (at, call, person_no, lookup, outcome) VALUES (?, ?, ?, ?, ?)")
            .bind(self.at.as_millis())
            .bind(self.call.as_bytes().as_slice())
            .bind(self.person_no)
            .bind(self.lookup)
            .bind(self.outcome)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// What the database knows of the person in a claim.
#[derive(Default)]
struct Found {
    person_no: String,
    hash: Option<String>,
    initial: bool,
    unlocked_at: Option<i64>,
}

/// A try, as it is counted.
#[derive(Clone)]
struct Try {
    call: CallId,
    leg: Leg,
    turn: u32,
    person: Vec<u8>,
    caller: Option<Vec<u8>>,
    now: Timestamp,
    unlocked_at: Option<i64>,
    person_no: String,
}

enum Reserved {
    /// Settled before, or not to be checked.
    Decided(Verdict),
    ToCheck,
}

impl Identity {
    /// Ready to check PINs against the tables in `db`.
    ///
    /// # Errors
    /// [`Error::Hash`] if the parameters are out of Argon2's range.
    pub fn new(db: Database, settings: &Settings) -> Result<Self, Error> {
        let hasher = Hasher::new(settings.hashing, settings.checks_at_once)?;
        Ok(Self { db, hasher, key: settings.key })
    }

    /// What hashes here, for others who do: all together may take no more threads.
    #[must_use]
    pub fn hasher(&self) -> Hasher {
        self.hasher.clone()
    }

    /// Checks a claim. The same call, leg and turn get the same verdict however often they are asked.
    ///
    /// # Errors
    /// The database or a thread failed; nothing is decided, and a repeat goes on where this ended.
    pub async fn verify(&self, claim: Claim) -> Result<Verdict, Error> {
        let found = self.find(&claim.by).await?;
        let attempt = Try {
            call: claim.call,
            leg: claim.leg,
            turn: claim.turn,
            person: self.person_key(&claim.by, found.as_ref()),
            caller: claim.caller.as_ref().map(|number| self.keyed_hash("caller", number.as_str())),
            now: claim.now,
            unlocked_at: found.as_ref().and_then(|(_, found)| found.unlocked_at),
            person_no: found.as_ref().map(|(_, found)| found.person_no.clone()).unwrap_or_default(),
        };
        let reserving = attempt.clone();
        let reserved = self.db.write(move |connection| Box::pin(async move { reserve(connection, reserving).await }));
        if let Reserved::Decided(verdict) = reserved.await? {
            return Ok(verdict);
        }
        let (hash, initial) = match found {
            Some((_, Found { hash: Some(hash), initial, .. })) => (Some(hash), initial),
            Some((_, Found { hash: None, .. })) | None => (None, false),
        };
        let right = self.hasher.is_right(secret(&claim.pin), hash).await?;
        let verdict =
            self.db.write(move |connection| Box::pin(async move { settle(connection, attempt, right, initial).await }));
        Ok(verdict.await?)
    }

    /// What became of the try of a turn whose PIN is gone. One that was not settled is taken back: it was never checked.
    ///
    /// # Errors
    /// The database failed.
    pub async fn verdict_of(&self, call: CallId, leg: Leg, turn: u32) -> Result<Option<Verdict>, Error> {
        let verdict = self.db.write(move |connection| {
            Box::pin(async move {
                let earlier = earlier(connection, call, leg, turn).await?.flatten();
                if earlier.is_none() {
                    sqlx::query("DELETE FROM tries WHERE call = ? AND leg = ? AND turn = ? AND verdict IS NULL")
                        .bind(call.as_bytes().as_slice())
                        .bind(leg.0)
                        .bind(turn)
                        .execute(connection)
                        .await?;
                }
                Ok(earlier)
            })
        });
        Ok(verdict.await?)
    }

    /// Whether `pin` may become the PIN of `holder`; if so, its hash.
    ///
    /// # Errors
    /// The database or a thread failed.
    pub async fn check_new_pin(
        &self,
        pin: &Secret,
        holder: &PinHolder,
        caller: Option<&PhoneNumber>,
        today: jiff::civil::Date,
    ) -> Result<NewPin, Error> {
        let row = sqlx::query(
            "SELECT m.id_no, m.card_no, p.hash FROM members m LEFT JOIN pins p USING (person_no) WHERE m.person_no = ?",
        )
        .bind(holder.person_no())
        .fetch_one(self.db.readers())
        .await?;
        let id = IdNumber::parse(row.try_get("id_no")?, today)
            .map_err(|_| Error::Damaged { table: "members", column: "id_no" })?;
        if pin::is_weak(pin, Known { id: &id, card_no: row.try_get("card_no")?, caller }) {
            return Ok(NewPin::Weak);
        }
        if self.hasher.is_right(secret(pin), row.try_get("hash")?).await? {
            return Ok(NewPin::Weak);
        }
        Ok(NewPin::Accepted(self.hasher.hash(secret(pin)).await?))
    }

    /// Whether a PIN was keyed a second time as it was keyed when [`Identity::check_new_pin`] gave `hash`.
    ///
    /// # Errors
    /// A thread failed, or `hash` is none.
    pub async fn confirm_new_pin(&self, pin: &Secret, hash: &str) -> Result<bool, Error> {
        self.hasher.is_right(secret(pin), Some(hash.to_owned())).await
    }

    /// Forgets verifications that have ended. Tries stay: locks are counted from them.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub async fn tidy(&self, now: Timestamp) -> Result<(), Error> {
        let tidied = self.db.write(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM verifications WHERE ends_at <= ?")
                    .bind(now.as_millis())
                    .execute(connection)
                    .await
            })
        });
        tidied.await?;
        Ok(())
    }

    /// The person whom a claim is about, with their identity number; `None` if there is none, or the card and the four
    /// characters fit several.
    async fn find(&self, by: &Who) -> Result<Option<(String, Found)>, Error> {
        let query = match by {
            Who::ById(id) => sqlx::query(
                "SELECT m.person_no, m.id_no, p.hash, p.initial, u.at FROM members m LEFT JOIN pins p USING (person_no) \
                 LEFT JOIN unlocks u USING (person_no) WHERE m.id_no = ?",
            )
            .bind(id.as_str().to_owned()),
            Who::ByCard { digits, last_four } => sqlx::query(
                "SELECT m.person_no, m.id_no, p.hash, p.initial, u.at FROM members m LEFT JOIN pins p USING (person_no) \
                 LEFT JOIN unlocks u USING (person_no) WHERE m.card_digits = ? AND substr(m.id_no, 15) = ? LIMIT 2",
            )
            .bind(digits.clone())
            .bind(last_four.to_ascii_uppercase()),
        };
        let rows = query.fetch_all(self.db.readers()).await?;
        let [row] = rows.as_slice() else { return Ok(None) };
        let found = Found {
            person_no: row.try_get("person_no")?,
            hash: row.try_get("hash")?,
            initial: row.try_get::<Option<bool>, _>("initial")?.unwrap_or(false),
            unlocked_at: row.try_get("at")?,
        };
        Ok(Some((row.try_get("id_no")?, found)))
    }

    /// What a person's tries are counted by, whether the person exists or not, and by whichever way they came.
    fn person_key(&self, by: &Who, found: Option<&(String, Found)>) -> Vec<u8> {
        match (by, found) {
            (Who::ById(id), _) => self.keyed_hash("id", id.as_str()),
            (Who::ByCard { .. }, Some((id_no, _))) => self.keyed_hash("id", id_no),
            (Who::ByCard { digits, last_four }, None) => {
                self.keyed_hash("card", &format!("{digits}/{}", last_four.to_ascii_uppercase()))
            }
        }
    }

    /// What a calling number is known by where it must not be read.
    #[must_use]
    pub fn caller_hash(&self, number: &PhoneNumber) -> Vec<u8> {
        self.keyed_hash("caller", number.as_str())
    }

    fn keyed_hash(&self, label: &str, text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(label.as_bytes());
        mac.update(b"/");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

fn secret(pin: &Secret) -> SecretString {
    SecretString::from(pin.expose())
}

async fn reserve(connection: &mut SqliteConnection, attempt: Try) -> Result<Reserved, sqlx::Error> {
    match earlier(connection, attempt.call, attempt.leg, attempt.turn).await? {
        Some(Some(verdict)) => return Ok(Reserved::Decided(verdict)),
        Some(None) => return Ok(Reserved::ToCheck),
        None => {}
    }
    let counts = Counts::read(connection, &attempt).await?;
    if let Some(verdict) = counts.closed() {
        attempt.look(verdict).write(connection).await?;
        return Ok(Reserved::Decided(verdict));
    }
    sqlx::query("INSERT INTO tries (call, leg, turn, person, caller, at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(attempt.call.as_bytes().as_slice())
        .bind(attempt.leg.0)
        .bind(attempt.turn)
        .bind(attempt.person)
        .bind(attempt.caller)
        .bind(attempt.now.as_millis())
        .execute(connection)
        .await?;
    Ok(Reserved::ToCheck)
}

async fn settle(
    connection: &mut SqliteConnection,
    attempt: Try,
    right: bool,
    initial: bool,
) -> Result<Verdict, sqlx::Error> {
    // A twin of this turn may have been faster.
    if let Some(Some(verdict)) = earlier(connection, attempt.call, attempt.leg, attempt.turn).await? {
        return Ok(verdict);
    }
    let verdict = match (right, initial) {
        (true, false) => Verdict::Verified,
        (true, true) => Verdict::Initial,
        (false, _) => Counts::read(connection, &attempt).await?.after_a_wrong_try(),
    };
    let left = match verdict {
        Verdict::Wrong { left } => Some(left),
        Verdict::Verified | Verdict::Initial | Verdict::Refused | Verdict::Locked => None,
    };
    sqlx::query("UPDATE tries SET failed = ?, verdict = ?, tries_left = ? WHERE call = ? AND leg = ? AND turn = ?")
        .bind(!right)
        .bind(verdict.name())
        .bind(left)
        .bind(attempt.call.as_bytes().as_slice())
        .bind(attempt.leg.0)
        .bind(attempt.turn)
        .execute(&mut *connection)
        .await?;
    if right {
        sqlx::query(
            "INSERT INTO verifications (call, person_no, verified_at, ends_at, full) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (call) DO UPDATE SET person_no = excluded.person_no, verified_at = excluded.verified_at, \
             ends_at = excluded.ends_at, full = excluded.full",
        )
        .bind(attempt.call.as_bytes().as_slice())
        .bind(&attempt.person_no)
        .bind(attempt.now.as_millis())
        .bind(attempt.now.plus(VERIFIED_FOR).as_millis())
        .bind(!initial)
        .execute(&mut *connection)
        .await?;
    }
    attempt.look(verdict).write(connection).await?;
    Ok(verdict)
}

/// The try of this turn, if it was reserved before: with its verdict once it is settled.
async fn earlier(
    connection: &mut SqliteConnection,
    call: CallId,
    leg: Leg,
    turn: u32,
) -> Result<Option<Option<Verdict>>, sqlx::Error> {
    let row = sqlx::query("SELECT verdict, tries_left FROM tries WHERE call = ? AND leg = ? AND turn = ?")
        .bind(call.as_bytes().as_slice())
        .bind(leg.0)
        .bind(turn)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    match row.try_get::<Option<String>, _>("verdict")? {
        None => Ok(Some(None)),
        Some(word) => Ok(Some(Some(Verdict::of_row(&word, row.try_get("tries_left")?)?))),
    }
}

impl Try {
    fn look(&self, verdict: Verdict) -> Look {
        Look {
            at: self.now,
            call: self.call,
            person_no: self.person_no.clone(),
            lookup: VERIFY_SIGNATURE.name,
            outcome: verdict.name(),
        }
    }
}
