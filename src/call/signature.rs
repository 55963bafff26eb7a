//! What a lookup or an effect takes and gives, as data: `lookup` declares it, `flow` checks flow files by it.

/// The type of a [`Value`](super::Value).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Amount,
    Number,
    Date,
    YearMonth,
    Year,
    Clock,
    /// One of `words`; spoken as the prompt `word.<set>.<word>`.
    Word {
        set: &'static str,
        words: &'static [&'static str],
    },
    Digits,
    Flag,
    Text,
    Periods,
    Record(&'static [Field]),
    List(&'static Type),
}

/// A named value of a record or an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub of: Type,
    /// It may be missing.
    pub optional: bool,
    /// A word of the same record, and what it is wherever this field is there for certain.
    pub certain: Option<(&'static str, &'static str)>,
}

impl Field {
    /// A field that is always there.
    #[must_use]
    pub const fn new(name: &'static str, of: Type) -> Self {
        Self { name, of, optional: false, certain: None }
    }

    /// A field that may be missing.
    #[must_use]
    pub const fn optional(name: &'static str, of: Type) -> Self {
        Self { name, of, optional: true, certain: None }
    }

    /// A field that may be missing, but not where `field` of the same record is `word`.
    #[must_use]
    pub const fn certain_if(name: &'static str, of: Type, field: &'static str, word: &'static str) -> Self {
        Self { name, of, optional: true, certain: Some((field, word)) }
    }
}

/// One of the ends that a lookup can have; a flow names an edge for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub name: &'static str,
    /// What comes with it, held by the call under the node's `as`.
    pub answer: &'static [Field],
    /// Nobody can be reached now: what the caller hears next is the answer to whoever wants a person.
    pub nobody: bool,
}

impl Outcome {
    /// An outcome with nothing more to say.
    #[must_use]
    pub const fn bare(name: &'static str) -> Self {
        Self { name, answer: &[], nobody: false }
    }

    /// An outcome that brings something.
    #[must_use]
    pub const fn with(name: &'static str, answer: &'static [Field]) -> Self {
        Self { name, answer, nobody: false }
    }

    /// An outcome that says that nobody can be reached now.
    #[must_use]
    pub const fn nobody(name: &'static str, answer: &'static [Field]) -> Self {
        Self { name, answer, nobody: true }
    }
}

/// A question that flows can ask, or an effect that they can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    pub name: &'static str,
    /// One sentence for authors.
    pub summary: &'static str,
    pub args: &'static [Field],
    /// All outcomes but `unavailable`, which every lookup has, and `expired`, which every personal one has.
    pub outcomes: &'static [Outcome],
    /// It is about the verified member: it takes a subject, its answers end with the subject.
    pub personal: bool,
    /// It takes the secret that was keyed in this turn: only a secret collect may lead to it.
    pub secret: bool,
}

impl Signature {
    /// The outcome of a lookup that could not be made or came too late.
    pub const UNAVAILABLE: &'static str = "unavailable";
    /// The outcome of a personal lookup whose subject has ended.
    pub const EXPIRED: &'static str = "expired";

    /// The names of all outcomes.
    pub fn outcome_names(&self) -> impl Iterator<Item = &'static str> {
        let expired = self.personal.then_some(Self::EXPIRED);
        self.outcomes.iter().map(|outcome| outcome.name).chain(expired).chain([Self::UNAVAILABLE])
    }

    /// What outcome `name` brings.
    #[must_use]
    pub fn answer(&self, name: &str) -> &'static [Field] {
        self.outcomes.iter().find(|outcome| outcome.name == name).map_or(&[], |outcome| outcome.answer)
    }
}
