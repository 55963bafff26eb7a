//! The kinds of problem that the loader tells, explained.
use crate::yaml::Explanation;
/// x
pub(in crate::flow) const EXPLANATIONS: &[Explanation] = &[];
