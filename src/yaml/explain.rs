//! What a kind of problem is, for an author who has never met it.

/// A kind of problem explained: what `hotline check --explain` prints and `docs/checks.md` is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Its stable name, the code of a [`Problem`](super::Problem).
    pub name: &'static str,
    /// What is found, one sentence.
    pub finds: &'static str,
    /// What it does to a caller, an author, or whoever runs the line.
    pub why: &'static str,
    /// A piece of a file that has it.
    pub example: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// x
pub const EXPLANATIONS: &[Explanation] = &[];
